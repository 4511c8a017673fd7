#include "hotdesk/words.hpp"

#include <gtest/gtest.h>

#include "tests/hotdesk/office.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;
using store::PhoneRole;

TEST(Words, ARoleIsReadAsItIsPrinted) {
  for (const auto role : {PhoneRole::Desk, PhoneRole::HotDesk, PhoneRole::Unassigned})
    EXPECT_EQ(parse_phone_role(to_string(role)).value(), role);
  EXPECT_EQ(parse_phone_role(" Hot-Desk ").value(), PhoneRole::HotDesk);
  EXPECT_EQ(parse_phone_role("hotdesk").error().message(),
            "\"hotdesk\" is not a phone's role; expected desk, hot-desk or unassigned");
}

TEST(Words, AMainPhoneTypeIsReadAsItIsPrinted) {
  for (const auto type : {MainPhoneType::None, MainPhoneType::DeskPhone, MainPhoneType::HotDesking})
    EXPECT_EQ(parse_main_phone_type(to_string(type)).value(), type);
  EXPECT_EQ(parse_main_phone_type("desk").value(), MainPhoneType::DeskPhone);
  EXPECT_EQ(parse_main_phone_type("").error().message(),
            "\"\" is not a main phone type; expected none, desk-phone or hot-desking");
}

TEST(Words, ACivicAddressIsOneLine) {
  EXPECT_EQ(civic_address(head_office()),
            "120 Main Street, North wing, floor 2, room 210, Springfield, IL 62701, US");
}

TEST(Words, ACivicAddressLeavesOutWhatIsNotGiven) {
  LocationRecord location;
  EXPECT_EQ(civic_address(location), "");
  location.city = "Springfield";
  EXPECT_EQ(civic_address(location), "Springfield");
  location.street = "Main Street";
  location.postal_code = "62701";
  EXPECT_EQ(civic_address(location), "Main Street, Springfield, 62701");
}

}  // namespace
}  // namespace stormdoor::hotdesk
