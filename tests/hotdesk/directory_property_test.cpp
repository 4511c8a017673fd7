// Random sequences of use cases: whatever is accepted or refused, the registry keeps its rules, and
// a snapshot that grew change by change is the one made from everything at once.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/hotdesk/office.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;
using store::PhoneRole;

// What the store would hold: plain maps, changed by plain rules.
class Model {
 public:
  explicit Model(const store::Contents& contents) {
    for (const auto& row : contents.locations) locations_[row.name] = row;
    for (const auto& row : contents.users) users_[row.extension] = row;
    for (const auto& row : contents.phones) phones_[row.mac] = row;
    for (const auto& row : contents.assignments) assignments_[{row.extension, row.slot}] = row;
  }
  void apply(const store::Change& change) {
    for (const auto& operation : change.operations)
      std::visit([this](const auto& one) { apply_one(one); }, operation);
  }
  [[nodiscard]] store::Contents contents() const {
    store::Contents contents;
    for (const auto& [key, row] : locations_) contents.locations.push_back(row);
    for (const auto& [key, row] : users_) contents.users.push_back(row);
    for (const auto& [key, row] : phones_) contents.phones.push_back(row);
    for (const auto& [key, row] : assignments_) contents.assignments.push_back(row);
    return contents;
  }

 private:
  void apply_one(const store::PutLocation& put) { locations_[put.row.name] = put.row; }
  void apply_one(const store::EraseLocation& erase) { locations_.erase(erase.name); }
  void apply_one(const store::PutUser& put) { users_[put.row.extension] = put.row; }
  void apply_one(const store::EraseUser& erase) { users_.erase(erase.extension); }
  void apply_one(const store::PutPhone& put) { phones_[put.row.mac] = put.row; }
  void apply_one(const store::ErasePhone& erase) { phones_.erase(erase.mac); }
  void apply_one(const store::PutAssignment& put) {
    assignments_[{put.row.extension, put.row.slot}] = put.row;
  }
  void apply_one(const store::EraseAssignment& erase) {
    assignments_.erase({erase.extension, erase.slot});
  }
  void apply_one(const store::PutBlock&) {}
  void apply_one(const store::EraseBlock&) {}
  void apply_one(const store::PutLease&) {}
  void apply_one(const store::EraseLease&) {}
  void apply_one(const store::PutStaleSecret&) {}
  void apply_one(const store::EraseStaleSecret&) {}
  void apply_one(const store::PutDeskSession&) {}
  void apply_one(const store::EraseDeskSession&) {}
  void apply_one(const store::AppendDeskLog&) {}
  void apply_one(const store::PutConversion&) {}
  void apply_one(const store::EraseConversion&) {}
  void apply_one(const store::PutConversionPhone&) {}
  void apply_one(const store::PutAdministrator&) {}
  void apply_one(const store::EraseAdministrator&) {}
  void apply_one(const store::PutApiToken&) {}
  void apply_one(const store::EraseApiToken&) {}
  void apply_one(const store::AppendAudit&) {}

  std::map<std::string, LocationRecord> locations_;
  std::map<std::string, UserRecord> users_;
  std::map<MacAddress, PhoneRecord> phones_;
  std::map<std::pair<std::string, uint8_t>, AssignmentRecord> assignments_;
};

void expect_rules(const Registry& registry) {
  std::map<std::string, size_t> at;
  std::set<std::string> accounts;
  size_t assigned = 0;
  registry.for_each_phone([&](const auto& phone) {
    const auto assignment = registry.assignment_of(phone->mac);
    EXPECT_EQ(phone->role == PhoneRole::Desk, assignment != nullptr);
    if (assignment) ++assigned;
    if (!phone->location.empty()) {
      ++at[phone->location];
      EXPECT_NE(registry.location(phone->location), nullptr);
    }
    if (phone->role == PhoneRole::HotDesk) {
      const auto location = registry.location(phone->location);
      ASSERT_NE(location, nullptr);
      EXPECT_FALSE(location->emergency_number.empty());
    }
    EXPECT_TRUE(accounts.insert(phone->device_account).second);
    EXPECT_EQ(registry.user(phone->device_account), nullptr);
    EXPECT_EQ(registry.phone_with_device_account(phone->device_account), phone);
  });
  std::set<MacAddress> held;
  registry.for_each_user([&](const auto& user) {
    for (const auto& assignment : registry.assignments_of(user->extension)) {
      EXPECT_EQ(assignment->extension, user->extension);
      EXPECT_EQ(registry.assignment_of(assignment->mac), assignment);
      EXPECT_NE(registry.phone(assignment->mac), nullptr);
      EXPECT_TRUE(held.insert(assignment->mac).second);
      if (assignment->slot == 0) {
        EXPECT_EQ(user->main_phone_type, MainPhoneType::DeskPhone);
      }
    }
  });
  EXPECT_EQ(held.size(), assigned);
  registry.for_each_location([&](const auto& location) {
    EXPECT_EQ(registry.phones_at(location->name), at[location->name]);
  });
}

// The same records, reached in the same ways.
void expect_same(const Registry& a, const Registry& b) {
  ASSERT_EQ(a.phone_count(), b.phone_count());
  ASSERT_EQ(a.user_count(), b.user_count());
  ASSERT_EQ(a.location_count(), b.location_count());
  a.for_each_location([&](const auto& location) {
    ASSERT_NE(b.location(location->name), nullptr);
    EXPECT_EQ(*b.location(location->name), *location);
    EXPECT_EQ(b.phones_at(location->name), a.phones_at(location->name));
  });
  a.for_each_user([&](const auto& user) {
    ASSERT_NE(b.user(user->extension), nullptr);
    EXPECT_EQ(*b.user(user->extension), *user);
    const auto here = a.assignments_of(user->extension);
    const auto there = b.assignments_of(user->extension);
    ASSERT_EQ(here.size(), there.size());
    for (size_t i = 0; i < here.size(); ++i) EXPECT_EQ(*here[i], *there[i]);
  });
  a.for_each_phone([&](const auto& phone) {
    ASSERT_NE(b.phone(phone->mac), nullptr);
    EXPECT_EQ(*b.phone(phone->mac), *phone);
    ASSERT_NE(b.phone_with_device_account(phone->device_account), nullptr);
    EXPECT_EQ(b.phone_with_device_account(phone->device_account)->mac, phone->mac);
    const auto here = a.assignment_of(phone->mac);
    const auto there = b.assignment_of(phone->mac);
    ASSERT_EQ(here == nullptr, there == nullptr);
    if (here) {
      EXPECT_EQ(*here, *there);
    }
  });
}

// An administrator who tries everything, few names so that they meet.
class Administrator {
 public:
  explicit Administrator(uint32_t seed) : random_(seed) {}

  Problems act(Draft& draft) {
    switch (pick(13)) {
      case 0:
        return add_location(draft, location());
      case 1:
        return set_location(draft, location_name(), {.emergency_number = number()});
      case 2:
        return remove_location(draft, location_name());
      case 3:
        return add_user(draft, {.extension = extension(), .main_phone_type = type()}, tools());
      case 4:
        return set_user(draft, extension(), {.main_phone_type = type()}, tools());
      case 5:
        return remove_user(draft, extension());
      case 6:
        return add_phone(draft, new_phone(), tools());
      case 7:
        return set_phone(draft, address(), {.role = role()}, tools());
      case 8:
        return set_phone(draft, address(), {.location = maybe(location_name())}, tools());
      case 9:
        return set_phone(draft, address(), {.device_account = account()}, tools());
      case 10:
        return remove_phone(draft, address());
      case 11:
        return assign(draft, {extension(), slot(), address()});
      default:
        return unassign(draft, address());
    }
  }

 private:
  uint32_t pick(uint32_t count) {
    return std::uniform_int_distribution<uint32_t>(0, count - 1)(random_);
  }
  [[nodiscard]] const Tools& tools() const { return test_.tools(); }
  std::string maybe(std::string text) { return pick(4) == 0 ? "" : std::move(text); }
  std::string location_name() { return fmt::format("l{}", pick(4)); }
  std::string number() { return maybe("+12025550123"); }
  std::string extension() { return fmt::format("{}", 200 + pick(6)); }
  MacAddress address() { return numbered_mac(pick(12)); }
  uint8_t slot() { return uint8_t(pick(4)); }
  PhoneRole role() { return PhoneRole(pick(3)); }
  MainPhoneType type() { return MainPhoneType(pick(3)); }
  // Sometimes another phone's, sometimes somebody's extension.
  std::string account() {
    switch (pick(3)) {
      case 0:
        return extension();
      case 1:
        return "d" + address().lower_hex();
      default:
        return fmt::format("account-{}", pick(6));
    }
  }
  LocationRecord location() {
    LocationRecord record;
    record.name = location_name();
    record.emergency_number = number();
    return record;
  }
  PhoneRequest new_phone() {
    PhoneRequest request{.mac = address().to_string(), .location = maybe(location_name())};
    if (pick(2) == 0) request.role = role();
    if (pick(2) == 0) request.extension = extension();
    if (!request.extension.empty()) request.slot = slot();
    return request;
  }

  std::mt19937 random_;
  TestTools test_;
};

class RandomSequences : public testing::TestWithParam<uint32_t> {};

TEST_P(RandomSequences, KeepTheRulesOfTheRegistry) {
  Administrator administrator(GetParam());
  auto registry = Registry::from({});
  Model model({});
  size_t done = 0;
  size_t refused = 0;
  for (uint64_t version = 1; version <= 1500; ++version) {
    Draft draft(*registry);
    const bool accepted = administrator.act(draft).none();
    ++(accepted ? done : refused);
    if (!accepted) {
      ASSERT_TRUE(draft.change().operations.empty());
      continue;
    }
    const store::Change change = std::move(draft).take();
    registry = registry->with(change, version);
    model.apply(change);
    expect_rules(*registry);
    if (version % 10 == 0) expect_same(*registry, *Registry::from(model.contents()));
    if (HasFailure()) FAIL() << "at step " << version << " of seed " << GetParam();
  }
  EXPECT_GT(done, 300U);
  EXPECT_GT(refused, 300U);
  expect_same(*registry, *Registry::from(model.contents()));
}

INSTANTIATE_TEST_SUITE_P(Directory, RandomSequences, testing::Range(1U, 9U));

}  // namespace
}  // namespace stormdoor::hotdesk
