#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "hotdesk/directory.hpp"

// A small office for the tests of hotdesk/, and tools whose secrets are "secret-1", "secret-2", ...
namespace stormdoor::hotdesk {

inline MacAddress mac(std::string_view text) {
  return MacAddress::parse(text).value();
}

// 00:0F:D3:00:00:00 and those after it.
inline MacAddress numbered_mac(uint32_t number) {
  return MacAddress(
      {0x00, 0x0f, 0xd3, uint8_t(number >> 16), uint8_t(number >> 8), uint8_t(number)});
}

class TestTools {
 public:
  TestTools()
      : pins_(Secret(std::string(32, 'p'))),
        tools_{.new_secret = [this] { return fmt::format("secret-{}", ++made_); },
               .pins = pins_,
               .vendors = {"digium", "polycom", "yealink"},
               .vendor_of =
                   [](const MacAddress& address) {
                     return std::string(address.bytes()[2] == 0xd3 ? "digium" : "");
                   }} {}
  TestTools(const TestTools&) = delete;
  TestTools& operator=(const TestTools&) = delete;

  [[nodiscard]] const Tools& tools() const { return tools_; }
  [[nodiscard]] const crypto::PinHasher& pins() const { return pins_; }

 private:
  int made_ = 0;
  crypto::PinHasher pins_;
  Tools tools_;
};

inline constexpr std::string_view kDeskPhone = "00:0F:D3:00:00:01";     // of 2041, main phone
inline constexpr std::string_view kHotDeskPhone = "00:0F:D3:00:00:02";  // at hq
inline constexpr std::string_view kSparePhone = "00:0F:D3:00:00:03";    // unassigned, at hq

inline LocationRecord head_office() {
  LocationRecord location;
  location.name = "hq";
  location.label = "Head office";
  location.emergency_number = "+12025550123";
  location.house_number = "120";
  location.street = "Main Street";
  location.city = "Springfield";
  location.state = "IL";
  location.postal_code = "62701";
  location.country = "US";
  location.building = "North wing";
  location.floor = "2";
  location.room = "210";
  return location;
}

inline PhoneRecord phone_record(const MacAddress& address, store::PhoneRole role,
                                std::string location) {
  PhoneRecord phone;
  phone.mac = address;
  phone.vendor = "digium";
  phone.model = "D65";
  phone.role = role;
  phone.location = std::move(location);
  phone.device_account = "d" + address.lower_hex();
  phone.device_secret = Secret("device-secret");
  phone.token = Secret("token");
  return phone;
}

// Locations hq and lab (which has no emergency number); 2041 Ada King with a main phone, 2042 Alan
// Turing who uses hot desking, 2043 Grace Hopper without a phone; three phones.
inline store::Contents office_contents() {
  store::Contents contents;
  LocationRecord lab;
  lab.name = lab.label = "lab";
  contents.locations = {head_office(), lab};
  contents.users = {
      {"2041", "Ada King", Secret("ada-secret"), "", store::MainPhoneType::DeskPhone},
      {"2042", "Alan Turing", Secret("alan-secret"), "", store::MainPhoneType::HotDesking},
      {"2043", "Grace Hopper", Secret("grace-secret"), "", store::MainPhoneType::None}};
  contents.phones = {phone_record(mac(kDeskPhone), store::PhoneRole::Desk, "hq"),
                     phone_record(mac(kHotDeskPhone), store::PhoneRole::HotDesk, "hq"),
                     phone_record(mac(kSparePhone), store::PhoneRole::Unassigned, "hq")};
  contents.assignments = {{"2041", 0, mac(kDeskPhone)}};
  contents.version = 7;
  return contents;
}

}  // namespace stormdoor::hotdesk
