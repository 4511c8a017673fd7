#include "tests/hotdesk/directory_fixture.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;
using store::PhoneRole;
using Assignments = DirectoryTest;

TEST_F(Assignments, AMainPhoneMakesItADeskPhoneOfAUserWithADeskPhone) {
  EXPECT_EQ(outcome(assign(draft_, {"2043", 0, mac(kSparePhone)})), "done");
  EXPECT_EQ(phone(kSparePhone)->role, PhoneRole::Desk);
  EXPECT_EQ(registry().user("2043")->main_phone_type, MainPhoneType::DeskPhone);
  EXPECT_EQ(registry().assignment_of(mac(kSparePhone))->extension, "2043");
}

TEST_F(Assignments, AnAdditionalPhoneLeavesTheMainPhoneTypeAlone) {
  EXPECT_EQ(outcome(assign(draft_, {"2042", 1, mac(kSparePhone)})), "done");
  EXPECT_EQ(phone(kSparePhone)->role, PhoneRole::Desk);
  EXPECT_EQ(registry().user("2042")->main_phone_type, MainPhoneType::HotDesking);
}

TEST_F(Assignments, AMainDeskPhoneIsRefusedToAUserOfHotDesking) {
  EXPECT_EQ(outcome(assign(draft_, {"2042", 0, mac(kSparePhone)})),
            "slot: 2042 (Alan Turing) uses hot desking, so no desk phone can be the main phone; "
            "change the main phone type to none first, or assign it as an additional phone (slot 1 "
            "to 5)");
}

TEST_F(Assignments, AUserHasAMainPhoneAndUpToFiveMore) {
  for (uint8_t slot = 0; slot <= 5; ++slot) {
    const MacAddress address = numbered_mac(100U + slot);
    draft_.append(store::PutPhone{phone_record(address, PhoneRole::Unassigned, "hq")});
    ++operations_;
    EXPECT_EQ(outcome(assign(draft_, {"2043", slot, address})), "done");
  }
  EXPECT_EQ(registry().assignments_of("2043").size(), 6U);
  EXPECT_EQ(outcome(assign(draft_, {"2043", 6, mac(kSparePhone)})),
            "slot: there is no slot 6; expected 0 for the main phone or 1 to 5 for an additional "
            "one");
}

TEST_F(Assignments, ATakenSlotIsRefused) {
  EXPECT_EQ(outcome(assign(draft_, {"2041", 0, mac(kSparePhone)})),
            "slot: 00:0F:D3:00:00:01 is already the main phone of 2041 (Ada King); remove that "
            "assignment first, or choose another slot (0 to 5)");
}

TEST_F(Assignments, APhoneThatSomebodyHasIsRefused) {
  EXPECT_EQ(outcome(assign(draft_, {"2043", 0, mac(kDeskPhone)})),
            "mac: 00:0F:D3:00:00:01 is already the main phone of 2041 (Ada King); remove that "
            "assignment first");
  EXPECT_EQ(outcome(assign(draft_, {"2041", 2, mac(kSparePhone)})), "done");
  EXPECT_EQ(outcome(assign(draft_, {"2043", 0, mac(kSparePhone)})),
            "mac: 00:0F:D3:00:00:03 is already additional phone 2 of 2041 (Ada King); remove that "
            "assignment first");
}

TEST_F(Assignments, AHotDeskPhoneIsRefused) {
  EXPECT_EQ(outcome(assign(draft_, {"2043", 0, mac(kHotDeskPhone)})),
            "mac: 00:0F:D3:00:00:02 is a hot-desk phone, where people log in, and cannot be "
            "assigned; change its role to unassigned first");
}

TEST_F(Assignments, AnUnknownPhoneAndAnUnknownUserAreBothNamed) {
  EXPECT_EQ(outcome(assign(draft_, {"99", 0, numbered_mac(99)})),
            "mac: there is no phone 00:0F:D3:00:00:63\n"
            "extension: there is no user with extension \"99\"");
  EXPECT_EQ(outcome(unassign(draft_, numbered_mac(99))),
            "mac: there is no phone 00:0F:D3:00:00:63");
}

TEST_F(Assignments, RemovingTheMainOneLeavesTheUserWithoutAMainPhone) {
  EXPECT_EQ(outcome(unassign(draft_, mac(kDeskPhone))), "done");
  EXPECT_EQ(phone(kDeskPhone)->role, PhoneRole::Unassigned);
  EXPECT_EQ(registry().user("2041")->main_phone_type, MainPhoneType::None);
  EXPECT_EQ(registry().assignment_of(mac(kDeskPhone)), nullptr);
}

TEST_F(Assignments, RemovingAnAdditionalOneLeavesTheMainPhoneAlone) {
  EXPECT_EQ(outcome(assign(draft_, {"2041", 1, mac(kSparePhone)})), "done");
  EXPECT_EQ(outcome(unassign(draft_, mac(kSparePhone))), "done");
  EXPECT_EQ(registry().user("2041")->main_phone_type, MainPhoneType::DeskPhone);
  EXPECT_EQ(registry().assignments_of("2041").size(), 1U);
}

TEST_F(Assignments, OneThatIsNotThereIsNotRemoved) {
  EXPECT_EQ(outcome(unassign(draft_, mac(kSparePhone))),
            "mac: 00:0F:D3:00:00:03 is not assigned to anybody");
}

// The guide's manual conversion, as one change: what issue 4 builds on.
TEST_F(Assignments, ADeskPhoneBecomesAHotDeskPhoneInOneChange) {
  const auto converted = draft_.attempt([&] {
    Problems problems = unassign(draft_, mac(kDeskPhone));
    problems.add(set_phone(draft_, mac(kDeskPhone), {.role = PhoneRole::HotDesk}, tools()));
    problems.add(set_user(draft_, "2041", {.main_phone_type = MainPhoneType::HotDesking}, tools()));
    return problems;
  });
  EXPECT_TRUE(converted.none());
  EXPECT_EQ(phone(kDeskPhone)->role, PhoneRole::HotDesk);
  EXPECT_EQ(registry().user("2041")->main_phone_type, MainPhoneType::HotDesking);
}

TEST_F(Assignments, AChangeOfSeveralStepsIsUndoneWholeWhenOneIsRefused) {
  const auto converted = draft_.attempt([&] {
    Problems problems = unassign(draft_, mac(kDeskPhone));
    problems.add(set_phone(draft_, mac(kDeskPhone), {.role = PhoneRole::HotDesk, .location = "lab"},
                           tools()));
    return problems;
  });
  EXPECT_EQ(
      outcome(converted),
      "location: location \"lab\" has no emergency number, which a hot-desk phone needs; give "
      "it one first");
  EXPECT_EQ(registry().assignment_of(mac(kDeskPhone))->extension, "2041");
}

TEST_F(Assignments, APlanIsTheChangeOrTheReason) {
  const auto change = plan(*office_, assign, AssignRequest{"2043", 0, mac(kSparePhone)});
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(change->operations.size(), 3U);
  const auto refused = plan(*office_, assign, AssignRequest{"99", 0, numbered_mac(99)});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), ErrorCode::NotFound);
  EXPECT_EQ(refused.error().message(),
            "there is no phone 00:0F:D3:00:00:63; there is no user with extension \"99\"");
}

}  // namespace
}  // namespace stormdoor::hotdesk
