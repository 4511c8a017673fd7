// What a phone says of itself, from strangers: the first line is a request path, the second a
// User-Agent, the third a pattern as a profile would hold it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "tftp-http/identify.hpp"

namespace {

using namespace stormdoor;
using namespace stormdoor::http;

std::shared_ptr<const PhoneProfile> profile(std::string vendor, uint32_t oui, std::string folder,
                                            std::initializer_list<std::string_view> files,
                                            std::initializer_list<std::string_view> agents) {
  auto made = std::make_shared<PhoneProfile>();
  made->vendor = std::move(vendor);
  made->ouis.push_back({oui, {}});
  made->folders = {std::move(folder)};
  for (const std::string_view file : files) {
    auto ask = Pattern::parse(file, Pattern::Kind::FileName).value();
    const auto role = ask.names_a_mac() ? FileRole::Config : FileRole::Common;
    made->files.push_back({std::move(ask), role, "", "text/plain", {}});
  }
  for (const std::string_view agent : agents)
    made->agents.push_back({Pattern::parse(agent, Pattern::Kind::UserAgent).value(), {}});
  return made;
}

// The shapes that the profiles in etc/phones use, without their templates.
const Profiles& profiles() {
  static const Profiles kProfiles = {
      profile("grandstream", 0x000b82, "Grandstream", {"cfg{mac}.xml", "cfg{model}.xml", "*fw.bin"},
              {"Grandstream Model HW {model} {firmware} SW * DevId {mac}",
               "Grandstream {model} * DevId {mac}"}),
      profile("polycom", 0x0004f2, "Polycom", {"{mac}.cfg", "{mac}-*.log", "*.ld"},
              {"FileTransport Polycom*-UA/{firmware} Type/*"}),
      profile("sangoma", 0x000fd3, "Digium", {"{mac}.cfg", "*.eff"},
              {"Digium {model} {firmware} {mac}", "*Digium*"}),
      profile("snom", 0x000413, "Snom", {"snom{model}-{mac}.htm", "{mac}.xml"},
              {"Mozilla/4.0 (compatible; snom{model}-SIP {firmware} * {mac} *)"}),
      profile("yealink", 0x001565, "Yealink", {"{mac}.boot", "y0000000000??.cfg", "{mac}.cfg"},
              {"Yealink SIP-{model} {firmware} {mac}", "Yealink*"})};
  return kProfiles;
}

std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

bool usable(const std::optional<MacAddress>& mac) {
  return !mac || (!mac->is_zero() && !mac->is_multicast());
}

void check(const Identified& found) {
  STORMDOOR_CHECK(found.path.token.size() <= 128, "tokens are bounded");
  STORMDOOR_CHECK(!found.path.file.empty(), "a path names a file");
  STORMDOOR_CHECK(found.path.file.find("..") == std::string_view::npos, "no way up");
  STORMDOOR_CHECK(found.tree_name.find('\\') == std::string_view::npos, "no other slash");
  STORMDOOR_CHECK(found.candidates.size() <= profiles().size(), "one reading per vendor");
  STORMDOOR_CHECK(usable(found.mac) && usable(found.in_agent.mac), "only MACs a phone can have");
  if (!found.claimed) return;
  STORMDOOR_CHECK(found.as(found.claimed->profile->vendor) == found.claimed,
                  "the claim is one of the readings");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view path = take_line(text);
  const std::string_view agent = take_line(text);
  if (const auto found = identify(profiles(), path, agent)) check(*found);
  const std::string_view own = take_line(text);
  for (const auto kind : {Pattern::Kind::FileName, Pattern::Kind::UserAgent})
    if (const auto pattern = Pattern::parse(own, kind)) {
      const auto match = pattern->match(path);
      STORMDOOR_CHECK(!match || usable(match->mac), "only MACs a phone can have");
    }
  return 0;
}
