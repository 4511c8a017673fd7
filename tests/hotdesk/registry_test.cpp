#include "hotdesk/registry.hpp"

#include <gtest/gtest.h>

#include "tests/hotdesk/office.hpp"

namespace stormdoor::hotdesk {
namespace {

std::shared_ptr<const Registry> office() {
  return Registry::from(office_contents());
}

std::shared_ptr<const Registry> after(const Registry& registry, store::Operation operation) {
  store::Change change;
  change.operations.push_back(std::move(operation));
  return registry.with(change, registry.version() + 1);
}

std::vector<std::string> phones_of(const Registry& registry, std::string_view extension) {
  std::vector<std::string> phones;
  for (const auto& assignment : registry.assignments_of(extension))
    phones.push_back(fmt::format("{}:{}", assignment->slot, assignment->mac.lower_hex()));
  return phones;
}

using Phones = std::vector<std::string>;

TEST(Registry, IsEmptyWithoutContents) {
  const auto registry = Registry::from({});
  EXPECT_EQ(registry->phone_count(), 0U);
  EXPECT_EQ(registry->user_count(), 0U);
  EXPECT_EQ(registry->location_count(), 0U);
  EXPECT_EQ(registry->phone(mac(kDeskPhone)), nullptr);
  EXPECT_EQ(registry->assignment_of(mac(kDeskPhone)), nullptr);
  EXPECT_EQ(registry->phone_with_device_account("d000fd3000001"), nullptr);
  EXPECT_EQ(registry->phones_at("hq"), 0U);
}

TEST(Registry, FindsWhatItWasMadeFrom) {
  const auto registry = office();
  EXPECT_EQ(registry->version(), 7U);
  EXPECT_EQ(registry->phone_count(), 3U);
  EXPECT_EQ(registry->user_count(), 3U);
  EXPECT_EQ(registry->location_count(), 2U);
  EXPECT_EQ(registry->phone(mac(kDeskPhone))->model, "D65");
  EXPECT_EQ(registry->user("2041")->name, "Ada King");
  EXPECT_EQ(registry->user("204"), nullptr);
  EXPECT_EQ(registry->location("hq")->label, "Head office");
  EXPECT_EQ(registry->phones_at("hq"), 3U);
  EXPECT_EQ(registry->phones_at("lab"), 0U);
  EXPECT_EQ(registry->phone_with_device_account("d000fd3000002")->mac, mac(kHotDeskPhone));
}

TEST(Registry, FindsAnAssignmentByPhoneAndByUser) {
  const auto registry = office();
  ASSERT_NE(registry->assignment_of(mac(kDeskPhone)), nullptr);
  EXPECT_EQ(registry->assignment_of(mac(kDeskPhone))->extension, "2041");
  EXPECT_EQ(registry->assignment_of(mac(kSparePhone)), nullptr);
  EXPECT_EQ(phones_of(*registry, "2041"), Phones{"0:000fd3000001"});
  EXPECT_EQ(phones_of(*registry, "2042"), Phones{});
}

TEST(Registry, GivesAUsersPhonesBySlotAndNobodyElses) {
  auto registry = office();
  registry = after(*registry, store::PutAssignment{{"20410", 0, numbered_mac(10)}});
  registry = after(*registry, store::PutAssignment{{"2041", 5, numbered_mac(11)}});
  registry = after(*registry, store::PutAssignment{{"2041", 2, numbered_mac(12)}});
  registry = after(*registry, store::PutAssignment{{"204", 1, numbered_mac(13)}});
  EXPECT_EQ(phones_of(*registry, "2041"),
            (Phones{"0:000fd3000001", "2:000fd300000c", "5:000fd300000b"}));
}

TEST(Registry, GoesThroughEverythingInKeyOrder) {
  std::vector<std::string> seen;
  const auto registry = office();
  registry->for_each_location([&](const auto& location) { seen.push_back(location->name); });
  registry->for_each_user([&](const auto& user) { seen.push_back(user->extension); });
  registry->for_each_phone([&](const auto& phone) { seen.push_back(phone->mac.lower_hex()); });
  EXPECT_EQ(seen, (std::vector<std::string>{"hq", "lab", "2041", "2042", "2043", "000fd3000001",
                                            "000fd3000002", "000fd3000003"}));
}

TEST(Registry, ChangesANewOneAndLeavesTheOldAsItWas) {
  const auto before = office();
  const auto later = after(*before, store::ErasePhone{mac(kSparePhone)});
  EXPECT_EQ(before->phone_count(), 3U);
  EXPECT_NE(before->phone(mac(kSparePhone)), nullptr);
  EXPECT_EQ(before->phones_at("hq"), 3U);
  EXPECT_EQ(later->phone_count(), 2U);
  EXPECT_EQ(later->phone(mac(kSparePhone)), nullptr);
  EXPECT_EQ(later->phone_with_device_account("d000fd3000003"), nullptr);
  EXPECT_EQ(later->phones_at("hq"), 2U);
  EXPECT_EQ(later->version(), 8U);
}

TEST(Registry, KeepsTheAddressOfRecordsThatDidNotChange) {
  const auto before = office();
  PhoneRecord spare = *before->phone(mac(kSparePhone));
  spare.model = "D70";
  const auto later = after(*before, store::PutPhone{spare});
  EXPECT_EQ(later->phone(mac(kDeskPhone)), before->phone(mac(kDeskPhone)));
  EXPECT_EQ(later->user("2041"), before->user("2041"));
  EXPECT_EQ(later->location("hq"), before->location("hq"));
  EXPECT_EQ(later->assignment_of(mac(kDeskPhone)), before->assignment_of(mac(kDeskPhone)));
  EXPECT_NE(later->phone(mac(kSparePhone)), before->phone(mac(kSparePhone)));
  EXPECT_EQ(later->phone_with_device_account("d000fd3000003"), later->phone(mac(kSparePhone)));
}

TEST(Registry, FollowsAPhoneToAnotherLocationAndAccount) {
  const auto before = office();
  PhoneRecord spare = *before->phone(mac(kSparePhone));
  spare.location = "lab";
  spare.device_account = "spare";
  const auto later = after(*before, store::PutPhone{spare});
  EXPECT_EQ(later->phones_at("hq"), 2U);
  EXPECT_EQ(later->phones_at("lab"), 1U);
  EXPECT_EQ(later->phone_with_device_account("d000fd3000003"), nullptr);
  EXPECT_EQ(later->phone_with_device_account("spare")->mac, mac(kSparePhone));
}

TEST(Registry, ReplacesTheAssignmentOfASlot) {
  const auto registry = after(*office(), store::PutAssignment{{"2041", 0, mac(kSparePhone)}});
  EXPECT_EQ(phones_of(*registry, "2041"), Phones{"0:000fd3000003"});
  EXPECT_EQ(registry->assignment_of(mac(kDeskPhone)), nullptr);
  EXPECT_EQ(registry->assignment_of(mac(kSparePhone))->extension, "2041");
}

TEST(Registry, MovesAPhoneThatIsAssignedAgain) {
  const auto registry = after(*office(), store::PutAssignment{{"2043", 1, mac(kDeskPhone)}});
  EXPECT_EQ(phones_of(*registry, "2041"), Phones{});
  EXPECT_EQ(phones_of(*registry, "2043"), Phones{"1:000fd3000001"});
  EXPECT_EQ(registry->assignment_of(mac(kDeskPhone))->extension, "2043");
}

TEST(Registry, ForgetsAnErasedAssignment) {
  const auto registry = after(*office(), store::EraseAssignment{"2041", 0});
  EXPECT_EQ(phones_of(*registry, "2041"), Phones{});
  EXPECT_EQ(registry->assignment_of(mac(kDeskPhone)), nullptr);
}

TEST(Registry, IgnoresWhatIsNotThereAndWhatIsNotItsOwn) {
  const auto before = office();
  store::Change change;
  change.operations = {store::EraseUser{"9"}, store::EraseLocation{"none"},
                       store::ErasePhone{},   store::EraseAssignment{"2041", 3},
                       store::PutBlock{},     store::EraseBlock{}};
  const auto later = before->with(change, 8);
  EXPECT_EQ(later->phone_count(), 3U);
  EXPECT_EQ(later->user_count(), 3U);
  EXPECT_EQ(later->location_count(), 2U);
  EXPECT_EQ(phones_of(*later, "2041"), Phones{"0:000fd3000001"});
}

}  // namespace
}  // namespace stormdoor::hotdesk
