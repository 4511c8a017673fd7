#include "hotdesk/import.hpp"

#include "hotdesk/rules.hpp"
#include "tests/hotdesk/directory_fixture.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;
using store::PhoneRole;

class Import : public DirectoryTest {
 protected:
  // The errors as text, one per line; checks that a refused file left the draft alone.
  std::string outcome(const ImportReport& report) {
    std::string text;
    for (const RowError& error : report.errors)
      text += (text.empty() ? "" : "\n") + to_string(error);
    if (report.done()) return "done";
    EXPECT_EQ(report.rows, 0U);
    EXPECT_EQ(draft_.change().operations.size(), 0U) << "a refused file changed the draft";
    return text;
  }
};

TEST_F(Import, LocationsWithEveryColumn) {
  const auto report = import_locations(
      draft_,
      "name,label,emergency_number,house_number,street,city,state,postal_code,country,building,"
      "floor,room,networks\r\n"
      "branch,\"Branch, 2nd floor\",+12025550177,7,Elm Street,Shelbyville,IL,62565,US,B,2,21,"
      "10.20.0.0/16; fd00:20::/48\r\n"
      "home,,,,,,,,,,,,\r\n");
  EXPECT_EQ(outcome(report), "done");
  EXPECT_EQ(report.rows, 2U);
  const auto branch = registry().location("branch");
  ASSERT_NE(branch, nullptr);
  EXPECT_EQ(branch->label, "Branch, 2nd floor");
  EXPECT_EQ(branch->emergency_number, "+12025550177");
  EXPECT_EQ(branch->house_number, "7");
  EXPECT_EQ(branch->street, "Elm Street");
  EXPECT_EQ(branch->city, "Shelbyville");
  EXPECT_EQ(branch->state, "IL");
  EXPECT_EQ(branch->postal_code, "62565");
  EXPECT_EQ(branch->country, "US");
  EXPECT_EQ(branch->building, "B");
  EXPECT_EQ(branch->floor, "2");
  EXPECT_EQ(branch->room, "21");
  EXPECT_EQ(branch->networks, (std::vector<IpPrefix>{IpPrefix::parse("10.20.0.0/16").value(),
                                                     IpPrefix::parse("fd00:20::/48").value()}));
  EXPECT_EQ(registry().location("home")->label, "home");
}

TEST_F(Import, UsersWithEveryColumn) {
  const auto report = import_users(draft_,
                                   "main_phone,Extension,name,pin,sip_secret\n"
                                   "hot-desking,3001,Barbara,4071,from-the-pbx\n"
                                   "desk,3002,Frances,,\n"
                                   ",3003,,,\n",
                                   tools());
  EXPECT_EQ(outcome(report), "done");
  EXPECT_EQ(report.rows, 3U);
  const auto first = registry().user("3001");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->name, "Barbara");
  EXPECT_EQ(first->sip_secret.reveal(), "from-the-pbx");
  EXPECT_TRUE(test_.pins().matches(first->pin_hash, "3001", "4071"));
  EXPECT_EQ(first->main_phone_type, MainPhoneType::HotDesking);
  EXPECT_EQ(registry().user("3002")->main_phone_type, MainPhoneType::DeskPhone);
  EXPECT_EQ(registry().user("3002")->sip_secret.reveal(), "secret-1");
  EXPECT_EQ(registry().user("3003")->main_phone_type, MainPhoneType::None);
}

TEST_F(Import, PhonesWithEveryColumn) {
  const auto report = import_phones(draft_,
                                    "mac,vendor,model,role,location,extension,slot\n"
                                    "00:0F:D3:05:48:48,,D65,desk,hq,2043,0\n"
                                    "000fd3054849,,D65,,,2043,1\n"
                                    "0011.2233.4455,yealink,SIP-T46S,hot-desk,hq,,\n"
                                    "00-11-22-33-44-56,polycom,,,,,\n",
                                    tools());
  EXPECT_EQ(outcome(report), "done");
  EXPECT_EQ(report.rows, 4U);
  EXPECT_EQ(report.assigned, 2U);
  EXPECT_EQ(phone("00:0F:D3:05:48:48")->role, PhoneRole::Desk);
  EXPECT_EQ(registry().assignments_of("2043").size(), 2U);
  EXPECT_EQ(phone("00:11:22:33:44:55")->role, PhoneRole::HotDesk);
  EXPECT_EQ(phone("00:11:22:33:44:55")->model, "SIP-T46S");
  EXPECT_EQ(phone("00:11:22:33:44:56")->role, PhoneRole::Unassigned);
}

TEST_F(Import, SeveralFilesMakeOneChange) {
  EXPECT_EQ(outcome(import_locations(draft_, "name,emergency_number\nbranch,+12025550177\n")),
            "done");
  EXPECT_EQ(outcome(import_users(draft_, "extension\n3001\n", tools())), "done");
  EXPECT_EQ(
      outcome(import_phones(draft_, "mac,location,extension\n000fd3054848,branch,3001\n", tools())),
      "done");
  const auto after = office_->with(draft_.change(), 8);
  EXPECT_EQ(after->assignment_of(mac("000fd3054848"))->extension, "3001");
  EXPECT_EQ(after->phones_at("branch"), 1U);
}

TEST_F(Import, EveryErrorIsNamedByItsLine) {
  EXPECT_EQ(
      outcome(import_phones(draft_,
                            "mac,vendor,role,location,extension,slot\n"
                            "000fd3054848,,hot-desk,,,\n"
                            "\n"
                            "000fd3054849,,desk,attic,2041,0\n"
                            "00:00:00:00:00:00,digium,boss,,2043,7\n"
                            "000fd3054850,,,,2043,six\n"
                            "000fd3054851,,,,,\n",
                            tools())),
      "line 2: location: a hot-desk phone needs a location, because its emergency number is the "
      "desk's\n"
      "line 4: location: there is no location \"attic\"\n"
      "line 5: role: \"boss\" is not a phone's role; expected desk, hot-desk or unassigned\n"
      "line 5: mac: the all-zero MAC address belongs to no phone\n"
      "line 6: slot: \"six\" is not a slot; expected 0 for the main phone or 1 to 5 for an "
      "additional one");
}

TEST_F(Import, ARowSeesTheRowsBeforeIt) {
  EXPECT_EQ(outcome(import_phones(draft_,
                                  "mac,extension,slot\n"
                                  "000fd3054848,2043,0\n"
                                  "000fd3054849,2043,0\n"
                                  "000F.D305.4848,,\n",
                                  tools())),
            "line 3: slot: 00:0F:D3:05:48:48 is already the main phone of 2043 (Grace Hopper); "
            "remove that assignment first, or choose another slot (0 to 5)\n"
            "line 4: mac: phone 00:0F:D3:05:48:48 is given twice, first in line 2");
}

TEST_F(Import, WhatIsThereAlreadyIsToldApartFromWhatIsGivenTwice) {
  EXPECT_EQ(outcome(import_users(draft_, "extension\n2041\n3001\n3001\n", tools())),
            "line 2: extension: there is already a user 2041 (Ada King)\n"
            "line 4: extension: extension 3001 is given twice, first in line 3");
  EXPECT_EQ(outcome(import_locations(draft_, "name\nhq\nbranch\nbranch\n")),
            "line 2: name: there is already a location \"hq\"\n"
            "line 4: name: location branch is given twice, first in line 3");
}

TEST_F(Import, SeveralErrorsInOneRowAreAllNamed) {
  EXPECT_EQ(outcome(import_users(draft_,
                                 "extension,pin,main_phone\n"
                                 "x,12,sofa\n",
                                 tools())),
            "line 2: main_phone: \"sofa\" is not a main phone type; expected none, desk-phone or "
            "hot-desking\n"
            "line 2: extension: \"x\" is not an extension; expected 1 to 15 digits, such as 2041\n"
            "line 2: pin: a PIN has 4 to 12 digits and nothing else");
}

TEST_F(Import, AnUnknownColumnIsAnErrorWithAGuess) {
  EXPECT_EQ(outcome(import_phones(draft_, "mac,lokation\n000fd3054848,hq\nx,\n", tools())),
            "line 1: unknown column \"lokation\"; did you mean \"location\"?");
}

TEST_F(Import, AMissingKeyColumnIsAnError) {
  EXPECT_EQ(outcome(import_locations(draft_, "label\nHQ\n")),
            "line 1: there is no column \"name\"");
  EXPECT_EQ(outcome(import_users(draft_, "name\nAda\n", tools())),
            "line 1: there is no column \"extension\"");
  EXPECT_EQ(outcome(import_phones(draft_, "model\nD65\n", tools())),
            "line 1: there is no column \"mac\"");
}

TEST_F(Import, UnreadableLinesAndWrongRowsAreNamedTogetherInOrder) {
  EXPECT_EQ(outcome(import_users(draft_,
                                 "extension,name\n"
                                 "x,Ada\n"
                                 "3001,Barbara,4071\n"
                                 "3002,\xff\n"
                                 "y,\n",
                                 tools())),
            "line 2: extension: \"x\" is not an extension; expected 1 to 15 digits, such as 2041\n"
            "line 3: 3 fields where the first row names 2 columns\n"
            "line 4: \"\\xff\" is not UTF-8; save the file as UTF-8\n"
            "line 5: extension: \"y\" is not an extension; expected 1 to 15 digits, such as 2041");
}

TEST_F(Import, AWrongNetworkIsNamed) {
  EXPECT_THAT(
      outcome(import_locations(draft_, "name,networks\nbranch,10.20.0.0/16 10.20.0.1/16\n")),
      testing::StartsWith("line 2: networks: "));
}

TEST_F(Import, TooManyNetworksAreNamed) {
  std::string networks;
  for (size_t i = 0; i < kMostNetworks + 1; ++i) networks += "10.0.0.0/8 ";
  EXPECT_EQ(outcome(import_locations(draft_, "name,networks\nbranch," + networks + "\n")),
            "line 2: networks: 65 networks; a location has at most 64");
}

TEST_F(Import, AFileWithoutRowsAddsNothing) {
  const auto report = import_users(draft_, "extension,name\n", tools());
  EXPECT_EQ(outcome(report), "done");
  EXPECT_EQ(report.rows, 0U);
  EXPECT_TRUE(draft_.change().operations.empty());
  EXPECT_EQ(outcome(import_users(draft_, "", tools())),
            "line 1: the file is empty; the first row names the columns");
}

TEST_F(Import, AFieldHasAtMostFourKilobytes) {
  const std::string header = "name,label\nbranch,";
  EXPECT_THAT(outcome(import_locations(draft_, header + std::string(4096, 'x') + "\n")),
              testing::HasSubstr("the label has 4096 characters"));
  EXPECT_THAT(outcome(import_locations(draft_, header + std::string(4097, 'x') + "\n")),
              testing::HasSubstr("a field longer than 4 KiB"));
}

TEST_F(Import, AtMostFiftyThousandRowsAreTaken) {
  std::string csv = "name\n";
  for (size_t i = 0; i < kMostRows; ++i) csv += fmt::format("l{}\n", i);
  Draft all(*office_);
  EXPECT_EQ(import_locations(all, csv).rows, kMostRows);
  EXPECT_THAT(outcome(import_locations(draft_, csv + "one-more\n")),
              testing::HasSubstr("line 50002: more than 50000 rows"));
}

}  // namespace
}  // namespace stormdoor::hotdesk
