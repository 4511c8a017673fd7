#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "hotdesk/import.hpp"

namespace {

using namespace stormdoor;
using namespace stormdoor::hotdesk;

// A location, a user, a hot-desk phone: enough for every rule to meet something.
std::shared_ptr<const Registry> small_office() {
  store::Contents contents;
  LocationRecord location;
  location.name = location.label = "hq";
  location.emergency_number = "+12025550123";
  contents.locations = {location};
  contents.users = {
      {"2041", "Ada King", Secret("ada-secret"), "", store::MainPhoneType::None},
      {"2042", "Alan Turing", Secret("alan-secret"), "", store::MainPhoneType::HotDesking}};
  PhoneRecord phone;
  phone.mac = MacAddress({0x00, 0x0f, 0xd3, 0, 0, 1});
  phone.vendor = "digium";
  phone.role = store::PhoneRole::HotDesk;
  phone.location = "hq";
  phone.device_account = "d000fd3000001";
  contents.phones = {phone};
  return Registry::from(contents);
}

void check(const ImportReport& report, const Draft& draft, const Registry& office) {
  if (!report.done()) {
    STORMDOOR_CHECK(draft.change().operations.empty(), "a refused file changes nothing");
    STORMDOOR_CHECK(draft.registry().phone_count() == office.phone_count() &&
                        draft.registry().user_count() == office.user_count() &&
                        draft.registry().location_count() == office.location_count(),
                    "a refused file changes nothing");
    for (const RowError& error : report.errors) {
      STORMDOOR_CHECK(error.line > 0, "an error has a line");
      STORMDOOR_CHECK(is_valid_utf8(error.message), "people read what is printed");
      for (const char c : error.message)
        STORMDOOR_CHECK(static_cast<unsigned char>(c) >= 0x20, "no file moves a terminal");
    }
  }
  draft.registry().for_each_phone([&](const auto& phone) {
    const bool assigned = draft.registry().assignment_of(phone->mac) != nullptr;
    STORMDOOR_CHECK((phone->role == store::PhoneRole::Desk) == assigned,
                    "desk phones are assigned");
    STORMDOOR_CHECK(!phone->mac.is_multicast() && !phone->mac.is_zero(), "a phone has its own MAC");
    STORMDOOR_CHECK(phone->role != store::PhoneRole::HotDesk || phone->location == "hq",
                    "a hot-desk phone stands where there is an emergency number");
  });
}

}  // namespace

// A CSV file of an administrator, or of whoever gave it to one: the first byte chooses what it is
// imported as. Whatever it holds, it is taken whole by the rules or refused whole by line.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const crypto::PinHasher kPins(Secret(std::string(32, 'p')));
  static const auto kOffice = small_office();
  int made = 0;
  const Tools tools{.new_secret = [&made] { return "secret-" + std::to_string(++made); },
                    .pins = kPins,
                    .vendors = {"digium", "yealink"},
                    .vendor_of = [](const MacAddress&) { return std::string("digium"); }};
  const std::string_view csv(reinterpret_cast<const char*>(data) + 1, size - 1);
  Draft draft(*kOffice);
  switch (data[0] % 3) {
    case 0:
      check(import_locations(draft, csv), draft, *kOffice);
      break;
    case 1:
      check(import_users(draft, csv, tools), draft, *kOffice);
      break;
    default:
      check(import_phones(draft, csv, tools), draft, *kOffice);
      break;
  }
  return 0;
}
