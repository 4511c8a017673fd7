#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "hotdesk/take_over.hpp"

namespace {

using namespace stormdoor;
using namespace stormdoor::hotdesk;

void check(const std::vector<RowError>& rows) {
  for (const RowError& row : rows) {
    STORMDOOR_CHECK(row.line > 0, "whatever is said of a file has a line");
    STORMDOOR_CHECK(is_valid_utf8(row.message) && is_valid_utf8(row.field), "people read it");
    for (const char c : row.message + row.field)
      STORMDOOR_CHECK(static_cast<unsigned char>(c) >= 0x20, "no file moves a terminal");
  }
}

std::shared_ptr<const Registry> small_office() {
  store::Contents contents;
  contents.users = {
      {"2041", "Ada King", Secret("ada-secret"), "", store::MainPhoneType::None},
      {"2042", "Alan Turing", Secret("alan-secret"), "", store::MainPhoneType::HotDesking}};
  return Registry::from(contents);
}

}  // namespace

// A PBX's files as an administrator gives them: the first byte chooses which, a NUL stands between
// pjsip.conf and voicemail.conf. Whatever they hold, they are taken over whole or not at all, and
// what is said of them holds no secret.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const crypto::PinHasher kPins(Secret(std::string(32, 'p')));
  static const auto kOffice = small_office();
  const Tools tools{.new_secret = [] { return std::string("made-secret"); },
                    .pins = kPins,
                    .vendors = {},
                    .vendor_of = {}};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t middle = std::min(text.find('\0'), text.size());
  const std::string_view second = text.substr(std::min(middle + 1, text.size()));
  const TakenUsers taken = data[0] % 2 == 0 ? read_asterisk_users(text.substr(0, middle), second)
                                            : read_freepbx_users(text);
  check(taken.errors);
  check(taken.notes);
  Draft draft(*kOffice);
  const TakeOverReport report = take_over(draft, taken, tools);
  check(report.errors);
  check(report.notes);
  if (!report.done())
    STORMDOOR_CHECK(draft.change().operations.empty(), "a refused file changes nothing");
  else
    STORMDOOR_CHECK(report.rows.size() == taken.users.size(), "every row has an outcome");
  Draft pins(*kOffice);
  const VoicemailFile file = read_voicemail_file(second);
  check(file.problems);
  check(take_over_pins(pins, file, "default", tools).notes);
  return 0;
}
