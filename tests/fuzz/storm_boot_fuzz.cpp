#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "bench/storm/boot_run.hpp"
#include "bench/storm/target.hpp"
#include "bench/storm/well_formed.hpp"

// A text as every file that a phone of each family is given: the boot ends, and what it asks for
// further can be asked for. What is well-formed stays so, or ceases to be, as more is appended.
using namespace stormdoor;

namespace {

// More than any script has steps and any configuration may name.
constexpr int kMostAsked = 150;

void boot(const storm::BootScript& script, std::string_view text) {
  storm::PhoneSpec phone;
  phone.vendor = script.vendor;
  phone.model = "P330";
  phone.mac = MacAddress({0, 0x0f, 0xd3, 5, 0x48, 0x48});
  phone.expected = {"2041"};
  phone.forbidden = {"2042"};
  storm::Target target;
  target.http = Endpoint{IpAddress::v4(0x7f000001), 80, 0};
  target.https = Endpoint{IpAddress::v4(0x7f000001), 443, 0};
  storm::BootRun run(script, phone);
  int asked = 0;
  while (const auto ask = run.next()) {
    if (++asked > kMostAsked) abort();
    if (!ask->url.empty())
      if (const auto to = storm::read_url(ask->url, target, storm::Transport::Https))
        if (to->host.empty() || !to->folder.starts_with('/') || !to->folder.ends_with('/')) abort();
    storm::FetchResult found;
    found.outcome = storm::FetchResult::Outcome::Found;
    found.body.add(std::as_bytes(std::span(text)));
    run.on_result(found);
  }
  if (run.result().served != run.result().reason.empty()) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using storm::is_well_formed;
  using Format = storm::TextFormat;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (is_well_formed(text, Format::Xml)) {
    if (!is_well_formed(text + "\n<!-- the end -->\n", Format::Xml)) abort();
    for (const char* more : {"<b/>", "<b>", "</b>", "text"})
      if (is_well_formed(text + more, Format::Xml)) abort();
  }
  const bool lines = is_well_formed(text, Format::KeyValue);
  if (lines != is_well_formed(text + "\nkey = value\n", Format::KeyValue)) abort();
  if (is_well_formed(text + "\nkey", Format::KeyValue)) abort();
  for (const auto& script : storm::built_in_scripts()) boot(script, text);
  return 0;
}
