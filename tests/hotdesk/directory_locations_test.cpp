#include "hotdesk/rules.hpp"
#include "tests/hotdesk/directory_fixture.hpp"

namespace stormdoor::hotdesk {
namespace {

using Locations = DirectoryTest;

LocationRecord branch() {
  LocationRecord location = head_office();
  location.name = "branch";
  return location;
}

TEST_F(Locations, OneIsAdded) {
  EXPECT_EQ(outcome(add_location(draft_, branch())), "done");
  ASSERT_NE(registry().location("branch"), nullptr);
  EXPECT_EQ(*registry().location("branch"), branch());
}

TEST_F(Locations, OneWithoutALabelIsLabelledByItsName) {
  LocationRecord location = branch();
  location.label.clear();
  EXPECT_EQ(outcome(add_location(draft_, location)), "done");
  EXPECT_EQ(registry().location("branch")->label, "branch");
  EXPECT_EQ(outcome(set_location(draft_, "hq", {.label = ""})), "done");
  EXPECT_EQ(registry().location("hq")->label, "hq");
}

TEST_F(Locations, ASecondOneOfTheSameNameIsRefused) {
  EXPECT_EQ(outcome(add_location(draft_, head_office())),
            "name: there is already a location \"hq\"");
}

TEST_F(Locations, EveryProblemIsNamedAtOnce) {
  LocationRecord location = branch();
  location.name = "Branch";
  location.label = "a\nb";
  location.emergency_number = "911";
  location.country = "usa";
  location.postal_code = std::string(65, '1');
  const auto refusal = add_location(draft_, location);
  std::vector<std::string> fields;
  for (const auto& problem : refusal.all()) fields.push_back(problem.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"name", "label", "emergency_number", "postal_code",
                                              "country"}));
  EXPECT_EQ(refusal.all()[3].message, "the postal code has 65 characters; at most 64 are allowed");
}

TEST_F(Locations, OneHasAtMost64Networks) {
  LocationRecord location = branch();
  location.networks.assign(kMostNetworks, IpPrefix::parse("10.0.0.0/8").value());
  EXPECT_EQ(outcome(add_location(draft_, location)), "done");
  location.name = "branch2";
  location.networks.push_back(IpPrefix::parse("10.0.0.0/8").value());
  EXPECT_EQ(outcome(add_location(draft_, location)),
            "networks: 65 networks; a location has at most 64");
}

TEST_F(Locations, OnlyWhatIsGivenIsChanged) {
  EXPECT_EQ(outcome(set_location(draft_, "hq",
                                 {.floor = "3",
                                  .networks = {{IpPrefix::parse("10.20.0.0/16").value()}},
                                  .variables = {{"time_zone", "UTC"}, {"gone", {}}}})),
            "done");
  LocationRecord expected = head_office();
  expected.floor = "3";
  expected.networks = {IpPrefix::parse("10.20.0.0/16").value()};
  expected.variables = {{"time_zone", "UTC"}};
  EXPECT_EQ(*registry().location("hq"), expected);
  EXPECT_EQ(outcome(set_location(draft_, "hq", {.variables = {{"time_zone", {}}}})), "done");
  EXPECT_TRUE(registry().location("hq")->variables.empty());
}

TEST_F(Locations, AnEditThatChangesNothingCommitsNothing) {
  EXPECT_EQ(outcome(set_location(draft_, "hq", {.floor = "2"})), "done");
  EXPECT_TRUE(draft_.change().operations.empty());
}

TEST_F(Locations, AnUnknownOneIsSaidToBeUnknown) {
  const std::string unknown = "location: there is no location \"attic\"";
  EXPECT_EQ(outcome(set_location(draft_, "attic", {})), unknown);
  EXPECT_EQ(outcome(remove_location(draft_, "attic")), unknown);
}

TEST_F(Locations, WrongValuesAreRefusedInAnEditToo) {
  EXPECT_EQ(outcome(set_location(draft_, "hq", {.variables = {{"Zone", "UTC"}}})),
            "variables: \"Zone\" is not a variable's name; expected a lower-case letter, then "
            "lower-case letters, digits and underscores, at most 32 in all, such as time_zone");
}

TEST_F(Locations, TheEmergencyNumberStaysWhereHotDeskPhonesAre) {
  EXPECT_EQ(outcome(set_location(draft_, "hq", {.emergency_number = ""})),
            "emergency_number: hot-desk phones need an emergency number, and at \"hq\" there are 1 "
            "phone: 00:0F:D3:00:00:02; give another number, or move them first");
  EXPECT_EQ(outcome(set_location(draft_, "hq", {.emergency_number = "+12025550177"})), "done");
  EXPECT_EQ(outcome(remove_phone(draft_, mac(kHotDeskPhone))), "done");
  EXPECT_EQ(outcome(set_location(draft_, "hq", {.emergency_number = ""})), "done");
}

TEST_F(Locations, OneInUseIsNotRemoved) {
  EXPECT_EQ(outcome(remove_location(draft_, "hq")),
            "location: location \"hq\" is still in use by 3 phones: 00:0F:D3:00:00:01, "
            "00:0F:D3:00:00:02, 00:0F:D3:00:00:03; move or remove them first");
}

TEST_F(Locations, OneInUseByManyNamesThreeOfThem) {
  for (uint32_t i = 4; i <= 6; ++i)
    draft_.append(store::PutPhone{
        phone_record(numbered_mac(i), store::PhoneRole::Unassigned, i == 4 ? "lab" : "hq")});
  operations_ = 3;
  EXPECT_EQ(outcome(remove_location(draft_, "hq")),
            "location: location \"hq\" is still in use by 5 phones: 00:0F:D3:00:00:01, "
            "00:0F:D3:00:00:02, 00:0F:D3:00:00:03 and 2 more; move or remove them first");
  EXPECT_EQ(outcome(remove_location(draft_, "lab")),
            "location: location \"lab\" is still in use by 1 phone: 00:0F:D3:00:00:04; move or "
            "remove it first");
}

TEST_F(Locations, AnUnusedOneIsRemoved) {
  EXPECT_EQ(outcome(remove_location(draft_, "lab")), "done");
  EXPECT_EQ(registry().location("lab"), nullptr);
}

}  // namespace
}  // namespace stormdoor::hotdesk
