#include "hotdesk/emergency.hpp"

#include <gtest/gtest.h>

#include "tests/hotdesk/office.hpp"

namespace stormdoor::hotdesk {
namespace {

class Emergency : public testing::Test {
 protected:
  void put(store::Operation operation) {
    store::Change change;
    change.operations.push_back(std::move(operation));
    registry_ = registry_->with(change, registry_->version() + 1);
  }
  std::shared_ptr<const Registry> registry_ = Registry::from(office_contents());
};

TEST_F(Emergency, APhoneHasTheNumberAndAddressOfItsLocation) {
  const auto details = emergency_of(*registry_, mac(kHotDeskPhone));
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->mac, mac(kHotDeskPhone));
  EXPECT_EQ(details->location, "hq");
  EXPECT_EQ(details->label, "Head office");
  EXPECT_EQ(details->number, "+12025550123");
  EXPECT_EQ(details->address,
            "120 Main Street, North wing, floor 2, room 210, Springfield, IL 62701, US");
  EXPECT_EQ(details->missing, "");
}

TEST_F(Emergency, TheNumberIsTheDesksNotTheUsers) {
  LocationRecord home = head_office();
  home.name = "home";
  home.emergency_number = "+12025550199";
  put(store::PutLocation{home});
  put(store::PutPhone{phone_record(numbered_mac(9), store::PhoneRole::Desk, "home")});
  put(store::PutAssignment{{"2041", 2, numbered_mac(9)}});
  const auto phones = emergency_of_user(*registry_, "2041");
  ASSERT_TRUE(phones.has_value());
  ASSERT_EQ(phones->size(), 2U);
  EXPECT_EQ((*phones)[0].number, "+12025550123");
  EXPECT_EQ((*phones)[1].number, "+12025550199");
}

TEST_F(Emergency, WhatIsMissingIsSaid) {
  put(store::PutPhone{phone_record(mac(kSparePhone), store::PhoneRole::Unassigned, "")});
  EXPECT_EQ(emergency_of(*registry_, mac(kSparePhone))->missing,
            "phone 00:0F:D3:00:00:03 has no location, so it has no emergency number and no "
            "address");
  put(store::PutPhone{phone_record(mac(kSparePhone), store::PhoneRole::Unassigned, "lab")});
  EXPECT_EQ(emergency_of(*registry_, mac(kSparePhone))->missing,
            "location \"lab\" has no emergency number and no address");
  LocationRecord lab = *registry_->location("lab");
  lab.city = "Springfield";
  put(store::PutLocation{lab});
  EXPECT_EQ(emergency_of(*registry_, mac(kSparePhone))->missing,
            "location \"lab\" has no emergency number");
  lab.city.clear();
  lab.emergency_number = "+12025550111";
  put(store::PutLocation{lab});
  EXPECT_EQ(emergency_of(*registry_, mac(kSparePhone))->missing, "location \"lab\" has no address");
}

TEST_F(Emergency, AnUnknownPhoneOrUserIsSaidToBeUnknown) {
  EXPECT_EQ(emergency_of(*registry_, numbered_mac(99)).error(),
            Error(ErrorCode::NotFound, "there is no phone 00:0F:D3:00:00:63"));
  EXPECT_EQ(emergency_of_user(*registry_, "99").error(),
            Error(ErrorCode::NotFound, "there is no user with extension \"99\""));
}

TEST_F(Emergency, AUserWithoutAPhoneHasNoNumber) {
  EXPECT_EQ(emergency_of_user(*registry_, "2043").error(),
            Error(ErrorCode::NotFound,
                  "2043 (Grace Hopper) has no phone and is logged in nowhere, so there is no desk "
                  "whose emergency number it "
                  "would have"));
}

TEST_F(Emergency, IsFoundByWhateverIsTyped) {
  EXPECT_EQ(find_emergency(*registry_, "000f.d300.0002")->front().mac, mac(kHotDeskPhone));
  EXPECT_EQ(find_emergency(*registry_, " 2041 ")->front().mac, mac(kDeskPhone));
  EXPECT_EQ(find_emergency(*registry_, "2049").error().code(), ErrorCode::NotFound);
  EXPECT_EQ(find_emergency(*registry_, "lobby").error().message(),
            "\"lobby\" is neither a MAC address nor an extension; expected something like "
            "00:0F:D3:05:48:48 or 2041");
}

TEST_F(Emergency, TwelveDigitsAreTheUserIfThereIsOne) {
  const std::string twelve = "000000000012";
  put(store::PutPhone{phone_record(mac(twelve), store::PhoneRole::Unassigned, "hq")});
  EXPECT_EQ(find_emergency(*registry_, twelve)->front().mac, mac(twelve));
  put(store::PutUser{{twelve, "", Secret("long-number"), "", store::MainPhoneType::None}});
  EXPECT_EQ(find_emergency(*registry_, twelve).error().code(), ErrorCode::NotFound);
  put(store::PutAssignment{{twelve, 1, mac(kSparePhone)}});
  EXPECT_EQ(find_emergency(*registry_, twelve)->front().mac, mac(kSparePhone));
}

}  // namespace
}  // namespace stormdoor::hotdesk
