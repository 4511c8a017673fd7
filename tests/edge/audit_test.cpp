#include "edge/audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/store/full_contents.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const WallTime kNow{std::chrono::hours(480'000)};

std::vector<json> rows_of(store::Change change, const hotdesk::Registry& before) {
  append_audit(change, before, {"ada", "administrator"}, "phone.set", kNow);
  std::vector<json> rows;
  for (const auto& operation : change.operations)
    if (const auto* append = std::get_if<store::AppendAudit>(&operation))
      rows.push_back(audit_row(append->row));
  return rows;
}

const std::shared_ptr<const hotdesk::Registry> kNobody = hotdesk::Registry::from({});
const std::shared_ptr<const hotdesk::Registry> kFull =
    hotdesk::Registry::from(store::full_contents());

TEST(Audit, SaysWhoDidWhatToWhat) {
  auto phone = store::full_phone();
  phone.location = "hq";
  const auto rows = rows_of({{store::PutPhone{phone}}}, *kFull);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["who"], "ada");
  EXPECT_EQ(rows[0]["role"], "administrator");
  EXPECT_EQ(rows[0]["action"], "phone.set");
  EXPECT_EQ(rows[0]["about"], "phone 00:0F:D3:05:48:48");
  EXPECT_EQ(rows[0]["before"], json::parse(R"({"location":"lobby"})"));
  EXPECT_EQ(rows[0]["after"], json::parse(R"({"location":"hq"})"));
}

TEST(Audit, WhatIsNewHadNothingBeforeAndWhatIsGoneHasNothingAfter) {
  const auto added = rows_of({{store::PutLocation{store::full_location()}}}, *kNobody);
  ASSERT_EQ(added.size(), 1U);
  EXPECT_TRUE(added[0]["before"].is_null());
  EXPECT_EQ(added[0]["after"]["emergency_number"], "+12025550123");
  const auto removed = rows_of({{store::EraseLocation{"lobby"}}}, *kFull);
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_EQ(removed[0]["before"]["street"], "Elm St");
  EXPECT_TRUE(removed[0]["after"].is_null());
}

TEST(Audit, OfVariablesThatSoundSecretOnlyWhetherTheyAreSet) {
  auto location = store::full_location();
  location.variables = {{"admin_password", "first"}, {"time_zone", "UTC"}};
  const auto added = rows_of({{store::PutLocation{location}}}, *kNobody);
  EXPECT_EQ(added.at(0)["after"]["variables"],
            json({{"admin_password", "set"}, {"time_zone", "UTC"}}));
  store::Contents contents;
  contents.locations = {location};
  location.variables["admin_password"] = "second";
  const auto changed =
      rows_of({{store::PutLocation{location}}}, *hotdesk::Registry::from(contents));
  EXPECT_EQ(changed.at(0)["before"]["variables"]["admin_password"], "set");
  EXPECT_EQ(changed.at(0)["after"]["variables"]["admin_password"], "set anew");
  EXPECT_THAT(changed.at(0).dump(), Not(HasSubstr("first")));
}

TEST(Audit, OneRowPerThingHoweverManySteps) {
  auto phone = store::full_phone();
  phone.role = store::PhoneRole::Unassigned;
  const auto rows = rows_of({{store::EraseAssignment{"2041", 5}, store::PutPhone{phone},
                              store::EraseDeskSession{store::kMac}}},
                            *kFull);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["before"],
            json::parse(R"({"assigned_to":"2041, additional phone 5","role":"hot-desk"})"));
  EXPECT_EQ(rows[0]["after"], json::parse(R"({"assigned_to":"","role":"unassigned"})"));
  EXPECT_EQ(rows[1]["about"], "desk session at 00:0F:D3:05:48:48");
}

TEST(Audit, WhatChangesNothingHasNoRow) {
  EXPECT_THAT(rows_of({{store::PutUser{store::full_user()}}}, *kFull), IsEmpty());
  EXPECT_THAT(rows_of({{store::EraseUser{"9"}}}, *kFull), IsEmpty());
  EXPECT_THAT(rows_of({}, *kFull), IsEmpty());
}

TEST(Audit, ConsequencesHaveNoRow) {
  EXPECT_THAT(rows_of({{store::PutStaleSecret{store::full_stale_secret()},
                        store::AppendDeskLog{store::full_desk_log()}}},
                      *kFull),
              IsEmpty());
}

// Every kind of row that there is, before and after.
TEST(Audit, HoldsNoSecrets) {
  auto user = store::full_user();
  user.sip_secret = Secret("another-in-the-clear");
  user.pin_hash = "another-hash";
  auto administrator = store::full_administrator();
  administrator.password_hash = "scrypt$another";
  auto phone = store::full_phone();
  phone.token = Secret("another-token-in-the-clear");
  store::Change changes = {{store::PutUser{user}, store::PutPhone{phone},
                            store::PutAdministrator{administrator}, store::EraseApiToken{"k3Jx"}}};
  std::string all;
  for (const auto& rows : {rows_of(changes, *kFull), rows_of(store::full_change(), *kNobody)})
    for (const auto& row : rows) all += row.dump();
  EXPECT_THAT(all, HasSubstr(R"("sip_secret":"set anew")"));
  EXPECT_THAT(all, HasSubstr(R"("password":"set anew")"));
  EXPECT_THAT(all, HasSubstr(R"("pin":"set anew")"));
  EXPECT_THAT(all, HasSubstr(R"("token":"set anew")"));
  for (const char* secret : {"in-the-clear", "s3cr", "abcdef", "another-hash", "scrypt", "9f86"})
    EXPECT_THAT(all, Not(HasSubstr(secret)));
}

TEST(Audit, ADeedIsARowOfItsOwn) {
  const auto change = audited_deed({"ada", "helpdesk"}, "phone.reboot", "phone x", kNow);
  ASSERT_EQ(change.operations.size(), 1U);
  const auto row = audit_row(std::get<store::AppendAudit>(change.operations[0]).row);
  EXPECT_EQ(row["action"], "phone.reboot");
  EXPECT_TRUE(row["before"].is_null());
  EXPECT_THAT(rows_of(change, *kFull), testing::SizeIs(1));  // not twice
}

}  // namespace
}  // namespace stormdoor::edge
