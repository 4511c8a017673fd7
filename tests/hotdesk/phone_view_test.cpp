#include "hotdesk/phone_view.hpp"

#include <gtest/gtest.h>

#include "tests/hotdesk/office.hpp"

namespace stormdoor::hotdesk {
namespace {

std::shared_ptr<const Registry> with_edit(const Registry& registry, store::Operation operation) {
  store::Change change;
  change.operations.push_back(std::move(operation));
  return registry.with(change, registry.version() + 1);
}

class PhoneViewTest : public testing::Test {
 protected:
  std::shared_ptr<const Registry> registry_ = Registry::from(office_contents());
};

TEST_F(PhoneViewTest, AnAssignedPhoneRegistersAsItsUser) {
  const PhoneView view = view_of(*registry_, mac(kDeskPhone));
  EXPECT_EQ(view.kind, PhoneKind::Assigned);
  ASSERT_EQ(view.users.size(), 1U);
  EXPECT_EQ(view.users[0], registry_->user("2041"));
  EXPECT_EQ(view.assignment->slot, 0);
  EXPECT_EQ(view.account(), "2041");
  EXPECT_EQ(view.account_secret().reveal(), "ada-secret");
  EXPECT_EQ(view.label(), "Ada King");
  EXPECT_EQ(view.emergency_number(), "+12025550123");
}

TEST_F(PhoneViewTest, AnIdleHotDeskPhoneRegistersAsItselfAndShowsItsLocation) {
  const PhoneView view = view_of(*registry_, mac(kHotDeskPhone));
  EXPECT_EQ(view.kind, PhoneKind::HotDeskIdle);
  EXPECT_TRUE(view.users.empty());
  EXPECT_EQ(view.account(), "d000fd3000002");
  EXPECT_EQ(view.account_secret().reveal(), "device-secret");
  EXPECT_EQ(view.label(), "Head office");
  EXPECT_EQ(view.emergency_number(), "+12025550123");
}

TEST_F(PhoneViewTest, AnUnassignedPhoneIsNobodys) {
  const PhoneView view = view_of(*registry_, mac(kSparePhone));
  EXPECT_EQ(view.kind, PhoneKind::Unassigned);
  EXPECT_EQ(view.assignment, nullptr);
  EXPECT_EQ(view.account(), "d000fd3000003");
}

TEST_F(PhoneViewTest, AnUnknownPhoneHasNothing) {
  const PhoneView view = view_of(*registry_, numbered_mac(99));
  EXPECT_EQ(view.kind, PhoneKind::Unknown);
  EXPECT_EQ(view.phone, nullptr);
  EXPECT_EQ(view.account(), "");
  EXPECT_TRUE(view.account_secret().empty());
  EXPECT_EQ(view.label(), "");
  EXPECT_EQ(view.emergency_number(), "");
}

TEST_F(PhoneViewTest, AUserWithoutANameIsLabelledByExtension) {
  UserRecord user = *registry_->user("2041");
  user.name.clear();
  const auto registry = with_edit(*registry_, store::PutUser{user});
  EXPECT_EQ(view_of(*registry, mac(kDeskPhone)).label(), "2041");
}

TEST_F(PhoneViewTest, AHotDeskPhoneNeverShowsAnAssignmentThatWasLeftOver) {
  const auto registry =
      with_edit(*registry_, store::PutAssignment{{"2041", 1, mac(kHotDeskPhone)}});
  const PhoneView view = view_of(*registry, mac(kHotDeskPhone));
  EXPECT_EQ(view.kind, PhoneKind::HotDeskIdle);
  EXPECT_EQ(view.account(), "d000fd3000002");
}

TEST_F(PhoneViewTest, AnAssignmentToNobodyIsNone) {
  const auto registry = with_edit(*registry_, store::EraseUser{"2041"});
  const PhoneView view = view_of(*registry, mac(kDeskPhone));
  EXPECT_EQ(view.kind, PhoneKind::Unassigned);
  EXPECT_EQ(view.assignment, nullptr);
}

TEST_F(PhoneViewTest, AViewStaysRightWhenSomethingElseChanges) {
  const PhoneView before = view_of(*registry_, mac(kDeskPhone));
  UserRecord other = *registry_->user("2042");
  other.name = "Turing";
  const auto registry = with_edit(*registry_, store::PutUser{other});
  EXPECT_TRUE(before.same_records(view_of(*registry, mac(kDeskPhone))));
}

TEST_F(PhoneViewTest, AViewIsOutdatedWhenAnythingItDependsOnChanges) {
  const PhoneView before = view_of(*registry_, mac(kDeskPhone));
  UserRecord user = *registry_->user("2041");
  user.name = "Ada";
  LocationRecord location = *registry_->location("hq");
  location.label = "HQ";
  PhoneRecord phone = *registry_->phone(mac(kDeskPhone));
  phone.model = "D70";
  for (const store::Operation& operation : std::initializer_list<store::Operation>{
           store::PutUser{user}, store::PutLocation{location}, store::PutPhone{phone},
           store::EraseAssignment{"2041", 0}, store::ErasePhone{phone.mac}}) {
    const auto registry = with_edit(*registry_, operation);
    EXPECT_FALSE(before.same_records(view_of(*registry, mac(kDeskPhone)))) << operation.index();
  }
}

TEST_F(PhoneViewTest, KindsHaveNames) {
  EXPECT_EQ(to_string(PhoneKind::Unknown), "unknown");
  EXPECT_EQ(to_string(PhoneKind::Unassigned), "unassigned");
  EXPECT_EQ(to_string(PhoneKind::Assigned), "assigned");
  EXPECT_EQ(to_string(PhoneKind::HotDeskIdle), "hot-desk-idle");
  EXPECT_EQ(to_string(PhoneKind::HotDeskSession), "hot-desk-session");
}

TEST_F(PhoneViewTest, AMainExtensionWithoutAPhoneIsNotAssigned) {
  const auto shown = [](const Registry& registry, const char* extension) {
    return main_extension_of(registry, *registry.user(extension));
  };
  EXPECT_EQ(shown(*registry_, "2041"), kDeskPhone);
  // Its phone is taken from it; that it is to have one does not give it one.
  const auto without = with_edit(*registry_, store::EraseAssignment{"2041", 0});
  ASSERT_EQ(without->user("2041")->main_phone_type, store::MainPhoneType::DeskPhone);
  EXPECT_EQ(shown(*without, "2041"), "Not Assigned");
  // An additional phone is no main one.
  const auto additional = with_edit(*without, store::PutAssignment{{"2041", 1, mac(kDeskPhone)}});
  EXPECT_EQ(shown(*additional, "2041"), "Not Assigned");
  UserRecord user = *registry_->user("2041");
  user.main_phone_type = store::MainPhoneType::HotDesking;
  EXPECT_EQ(shown(*with_edit(*without, store::PutUser{user}), "2041"), "Hot Desking");
  user.main_phone_type = store::MainPhoneType::None;
  EXPECT_EQ(shown(*with_edit(*without, store::PutUser{user}), "2041"), "Not Assigned");
}

}  // namespace
}  // namespace stormdoor::hotdesk
