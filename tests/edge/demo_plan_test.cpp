#include "edge/demo_plan.hpp"

#include <gtest/gtest.h>

#include <set>

#include "edge/demo.hpp"
#include "edge/demo_daemon.hpp"
#include "hotdesk/import.hpp"

namespace stormdoor::edge {
namespace {

const std::string kSample = std::string(STORMDOOR_SOURCE_DIR) + "/etc/sample";

SampleOffice sample() {
  auto office = read_sample(kSample);
  EXPECT_TRUE(office);
  return *office;
}

TEST(SampleOffice, TheFilesAreAcceptedByTheImport) {
  const SampleOffice office = sample();
  const crypto::PinHasher pins(Secret(std::string(32, 'k')));
  const hotdesk::Tools tools{
      .new_secret = [] { return crypto::random_token(); },
      .pins = pins,
      .vendors = {"aastra", "cisco", "grandstream", "polycom", "sangoma", "snom", "yealink"},
      .vendor_of = {}};
  const auto registry = hotdesk::Registry::from({});
  hotdesk::Draft draft(*registry);
  const auto expect_rows = [](const hotdesk::ImportReport& report, size_t rows) {
    for (const auto& error : report.errors) ADD_FAILURE() << hotdesk::to_string(error);
    EXPECT_EQ(report.rows, rows);
  };
  expect_rows(hotdesk::import_locations(draft, office.locations), 3);
  expect_rows(hotdesk::import_users(draft, office.users, tools), 20);
  const auto phones = hotdesk::import_phones(draft, office.phones, tools);
  expect_rows(phones, 24);
  EXPECT_EQ(phones.assigned, 17U);
}

TEST(SampleOffice, EveryPhoneHasAnAddressInItsLocationsNetwork) {
  const auto phones = *plan_phones(sample());
  ASSERT_EQ(phones.size(), 24U);
  std::set<IpAddress> sources;
  for (const auto& phone : phones) sources.insert(phone.source);
  EXPECT_EQ(sources.size(), 24U);
  EXPECT_EQ(phones[0].source.to_string(), "127.20.1.1");
  EXPECT_EQ(phones[13].vendor, "cisco");
  EXPECT_EQ(phones[13].source.to_string(), "127.30.1.14");
  EXPECT_EQ(phones[13].transport, storm::Transport::Tftp);
}

TEST(SampleOffice, APhoneExpectsItsOwnUserOrLabelAndItsDesksEmergencyNumber) {
  const auto phones = *plan_phones(sample());
  EXPECT_EQ(phones[0].expected, (std::vector<std::string>{"+12025550111", "Ada Sample", "2001"}));
  EXPECT_EQ(phones[2].expected, (std::vector<std::string>{"+12025550122", "Open plan"}));
  EXPECT_EQ(phones[0].forbidden.size(), 19U);
  EXPECT_EQ(phones[2].forbidden.size(), 20U);
}

TEST(SampleOffice, AttackersComeFromAddressesOfTheirOwn) {
  const auto attacks = *plan_attacks(sample());
  ASSERT_EQ(attacks.size(), 4U);
  std::set<IpAddress> sources;
  for (const auto& attack : attacks) sources.insert(attack.source);
  EXPECT_EQ(sources.size(), 4U);
  EXPECT_EQ(attacks[2].path, "p/{token}/{mac}.cfg");
  EXPECT_EQ(attacks[3].path, "SEP{MAC}.cnf.xml");
}

TEST(SampleOffice, ABrokenFileIsAnErrorThatNamesIt) {
  SampleOffice office = sample();
  office.users = "extension,name\n2001\n";
  const auto phones = plan_phones(office);
  ASSERT_FALSE(phones);
  EXPECT_NE(phones.error().message().find("users: line 2"), std::string::npos)
      << phones.error().message();
}

TEST(Demo, WentWellOnlyIfEverybodyGotWhatTheyDeserve) {
  storm::StormReport report;
  EXPECT_FALSE(went_well(report));
  storm::ReportRow row;
  row.phones = row.served = 2;
  report.rows = {row};
  storm::ReportAttack attack;
  attack.result.blocked = true;
  report.attacks = {attack};
  EXPECT_TRUE(went_well(report));
  report.attacks[0].result.harvested = 1;
  EXPECT_FALSE(went_well(report));
  report.attacks[0].result = {};
  EXPECT_FALSE(went_well(report));
  report.attacks.clear();
  EXPECT_TRUE(went_well(report));
  report.rows[0].served = 1;
  EXPECT_FALSE(went_well(report));
}

}  // namespace
}  // namespace stormdoor::edge
