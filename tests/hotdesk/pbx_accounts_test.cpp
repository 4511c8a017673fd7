#include "hotdesk/pbx_accounts.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "hotdesk/directory.hpp"
#include "hotdesk/draft.hpp"
#include "tests/hotdesk/office.hpp"

namespace stormdoor::hotdesk {
namespace {

std::string words(const PbxAccount& account) {
  return fmt::format("{} {} \"{}\"{}{}", account.account, account.secret.reveal(),
                     account.display_name, account.device ? " device" : "",
                     account.emergency_number.empty() ? "" : " " + account.emergency_number);
}

std::vector<std::string> words(const std::vector<PbxAccount>& accounts) {
  std::vector<std::string> all;
  for (const auto& account : accounts) all.push_back(words(account));
  return all;
}

TEST(PbxAccounts, AreTheUsersAndTheDevicesThatRegisterAsThemselves) {
  const auto registry = Registry::from(office_contents());
  EXPECT_EQ(words(pbx_accounts(*registry)),
            (std::vector<std::string>{
                "2041 ada-secret \"Ada King\"", "2042 alan-secret \"Alan Turing\"",
                "2043 grace-secret \"Grace Hopper\"",
                "d000fd3000002 device-secret \"Head office\" device +12025550123",
                "d000fd3000003 device-secret \"Head office\" device +12025550123"}));
}

TEST(PbxAccounts, AnAssignmentTakesThePhonesOwnAccountAndItsEndGivesItBack) {
  const auto registry = Registry::from(office_contents());
  Draft draft(*registry);
  ASSERT_TRUE(assign(draft, {"2041", 1, mac(kSparePhone)}).none());
  const auto assigned = difference(pbx_accounts(*registry), pbx_accounts(draft.registry()));
  EXPECT_TRUE(assigned.added.empty());
  EXPECT_EQ(assigned.removed, (std::vector<std::string>{"d000fd3000003"}));
  ASSERT_TRUE(unassign(draft, mac(kSparePhone)).none());
  const auto back = pbx_accounts(draft.registry());
  EXPECT_TRUE(std::ranges::any_of(
      back, [](const PbxAccount& account) { return account.account == "d000fd3000003"; }));
}

TEST(PbxAccounts, LeavesOutWhatHasNoSecretAndKeepsOneOfEachName) {
  auto contents = office_contents();
  contents.users[1].sip_secret = Secret();
  contents.phones[1].device_secret = Secret();
  contents.phones[2].device_account = "2043";
  const auto registry = Registry::from(contents);
  EXPECT_EQ(words(pbx_accounts(*registry)),
            (std::vector<std::string>{"2041 ada-secret \"Ada King\"",
                                      "2043 grace-secret \"Grace Hopper\""}));
}

TEST(PbxAccounts, ADifferenceSaysWhatWasAddedChangedAndRemoved) {
  const PbxAccount a{"a", Secret("one"), ""};
  const PbxAccount b{"b", Secret("one"), ""};
  const PbxAccount changed_b{"b", Secret("two"), ""};
  const PbxAccount c{"c", Secret("one"), ""};
  const auto found = difference({a, b}, {changed_b, c});
  EXPECT_EQ(found.removed, (std::vector<std::string>{"a"}));
  EXPECT_EQ(found.changed, (std::vector{changed_b}));
  EXPECT_EQ(found.added, (std::vector{c}));
  EXPECT_TRUE(difference({a, b, c}, {a, b, c}).none());
  EXPECT_EQ(difference({a, b}, {}).removed, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(difference({}, {a, b}).added.size(), 2U);
}

}  // namespace
}  // namespace stormdoor::hotdesk
