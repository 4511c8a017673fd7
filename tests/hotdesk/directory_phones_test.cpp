#include "tests/hotdesk/directory_fixture.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::PhoneRole;
using testing::HasSubstr;
using Phones = DirectoryTest;

constexpr std::string_view kNew = "00:0F:D3:05:48:48";

TEST_F(Phones, ANewOneGetsATokenAndADeviceAccount) {
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = "000fd3054848", .model = "D65"}, tools())), "done");
  ASSERT_NE(phone(kNew), nullptr);
  EXPECT_EQ(phone(kNew)->vendor, "digium");
  EXPECT_EQ(phone(kNew)->model, "D65");
  EXPECT_EQ(phone(kNew)->role, PhoneRole::Unassigned);
  EXPECT_EQ(phone(kNew)->device_account, "d000fd3054848");
  EXPECT_EQ(phone(kNew)->device_secret.reveal(), "secret-1");
  EXPECT_EQ(phone(kNew)->token.reveal(), "secret-2");
  EXPECT_FALSE(phone(kNew)->token_issued);
  EXPECT_FALSE(phone(kNew)->first_contact_approved);
}

TEST_F(Phones, AGivenDeviceAccountIsKept) {
  EXPECT_EQ(outcome(add_phone(draft_,
                              {.mac = std::string(kNew),
                               .device_account = "lobby",
                               .device_secret = Secret("lobby-secret")},
                              tools())),
            "done");
  EXPECT_EQ(phone(kNew)->device_account, "lobby");
  EXPECT_EQ(phone(kNew)->device_secret.reveal(), "lobby-secret");
}

TEST_F(Phones, ANewDeskPhoneIsAssignedAtOnce) {
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = std::string(kNew), .extension = "2043"}, tools())),
            "done");
  EXPECT_EQ(phone(kNew)->role, PhoneRole::Desk);
  EXPECT_EQ(registry().assignment_of(mac(kNew))->extension, "2043");
}

TEST_F(Phones, ANewOneWhoseAssignmentIsRefusedIsNotAddedEither) {
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = std::string(kNew), .extension = "2041"}, tools())),
            "slot: 00:0F:D3:00:00:01 is already the main phone of 2041 (Ada King); remove that "
            "assignment first, or choose another slot (0 to 5)");
  EXPECT_EQ(phone(kNew), nullptr);
}

TEST_F(Phones, ADeskPhoneNeedsAUser) {
  EXPECT_EQ(
      outcome(add_phone(draft_, {.mac = std::string(kNew), .role = PhoneRole::Desk}, tools())),
      "role: a desk phone belongs to a user; give an extension, or add it as unassigned");
}

TEST_F(Phones, OnlyADeskPhoneIsAssigned) {
  EXPECT_EQ(outcome(add_phone(draft_,
                              {.mac = std::string(kNew),
                               .role = PhoneRole::HotDesk,
                               .location = "hq",
                               .extension = "2043"},
                              tools())),
            "role: a hot-desk phone cannot be assigned; leave out the extension, or add it as a "
            "desk phone");
  EXPECT_EQ(
      outcome(add_phone(
          draft_, {.mac = std::string(kNew), .role = PhoneRole::Unassigned, .extension = "2043"},
          tools())),
      "role: an unassigned phone cannot be assigned; leave out the extension, or add it as a desk "
      "phone");
  EXPECT_EQ(outcome(add_phone(
                draft_,
                {.mac = std::string(kNew), .role = PhoneRole::HotDesk, .location = "hq", .slot = 1},
                tools())),
            "slot: only a phone that is assigned to an extension has a slot");
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = std::string(kNew), .slot = 1}, tools())),
            "slot: only a phone that is assigned to an extension has a slot");
}

TEST_F(Phones, AKnownMacIsRefusedInAnySpelling) {
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = "000f.d300.0002"}, tools())),
            "mac: phone 00:0F:D3:00:00:02 is already registered (hot-desk)");
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = "000f.d300.0001"}, tools())),
            "mac: phone 00:0F:D3:00:00:01 is already registered (the main phone of 2041 (Ada "
            "King))");
}

TEST_F(Phones, AMacThatNoPhoneHasIsRefused) {
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = "00:00:00:00:00:00", .vendor = "yealink"}, tools())),
            "mac: the all-zero MAC address belongs to no phone");
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = "01:00:5e:00:00:01", .vendor = "yealink"}, tools())),
            "mac: 01:00:5E:00:00:01 is a multicast address and cannot be a phone's own");
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = "ff:ff:ff:ff:ff:ff", .vendor = "yealink"}, tools())),
            "mac: FF:FF:FF:FF:FF:FF is a multicast address and cannot be a phone's own");
  EXPECT_THAT(outcome(add_phone(draft_, {.mac = "lobby", .vendor = "yealink"}, tools())),
              HasSubstr("mac: \"lobby\" is not a MAC address"));
}

TEST_F(Phones, AHotDeskPhoneNeedsALocation) {
  EXPECT_EQ(
      outcome(add_phone(draft_, {.mac = std::string(kNew), .role = PhoneRole::HotDesk}, tools())),
      "location: a hot-desk phone needs a location, because its emergency number is the "
      "desk's");
}

TEST_F(Phones, AHotDeskPhonesLocationNeedsAnEmergencyNumber) {
  PhoneRequest request{.mac = std::string(kNew), .role = PhoneRole::HotDesk, .location = "lab"};
  EXPECT_EQ(
      outcome(add_phone(draft_, request, tools())),
      "location: location \"lab\" has no emergency number, which a hot-desk phone needs; give "
      "it one first");
  EXPECT_EQ(outcome(set_location(draft_, "lab", {.emergency_number = "+12025550111"})), "done");
  EXPECT_EQ(outcome(add_phone(draft_, request, tools())), "done");
  EXPECT_EQ(phone(kNew)->role, PhoneRole::HotDesk);
}

TEST_F(Phones, OtherPhonesMayStandWhereThereIsNoEmergencyNumberOrNowhere) {
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = std::string(kNew), .location = "lab"}, tools())),
            "done");
  EXPECT_EQ(outcome(set_phone(draft_, mac(kDeskPhone), {.location = ""}, tools())), "done");
  EXPECT_EQ(phone(kDeskPhone)->location, "");
}

TEST_F(Phones, AnUnknownLocationIsRefused) {
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = std::string(kNew), .location = "attic"}, tools())),
            "location: there is no location \"attic\"");
}

TEST_F(Phones, TheVendorIsOneOfTheProfiles) {
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = std::string(kNew), .vendor = "Yealnik"}, tools())),
            "vendor: there is no phone profile \"Yealnik\"; did you mean \"yealink\"?");
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = std::string(kNew), .vendor = "acme"}, tools())),
            "vendor: there is no phone profile \"acme\"; expected one of digium, polycom, yealink");
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = "00:11:22:33:44:55"}, tools())),
            "vendor: no vendor is known for this MAC address; name the phone's vendor");
  EXPECT_EQ(outcome(add_phone(draft_, {.mac = "00:11:22:33:44:55", .vendor = "polycom"}, tools())),
            "done");
}

TEST_F(Phones, ADeviceAccountIsNobodyElses) {
  EXPECT_EQ(
      outcome(set_phone(draft_, mac(kSparePhone), {.device_account = "d000fd3000001"}, tools())),
      "device_account: device account \"d000fd3000001\" already belongs to phone "
      "00:0F:D3:00:00:01");
  EXPECT_EQ(outcome(set_phone(draft_, mac(kSparePhone), {.device_account = "2041"}, tools())),
            "device_account: device account \"2041\" is already the extension of 2041 (Ada King)");
  EXPECT_THAT(outcome(set_phone(draft_, mac(kSparePhone), {.device_account = ""}, tools())),
              HasSubstr("device_account: \"\" is not a device account"));
}

TEST_F(Phones, EveryProblemIsNamedAtOnce) {
  EXPECT_EQ(
      outcome(add_phone(draft_,
                        {.mac = "?",
                         .vendor = "digium",
                         .model = "D\x07",
                         .role = PhoneRole::HotDesk,
                         .device_account = "a b",
                         .device_secret = Secret("abc"),
                         .templates = {{"assigned", "../x"}}},
                        tools())),
      "mac: \"?\" is not a MAC address; expected twelve hexadecimal digits like "
      "00:0F:D3:05:48:48\n"
      "model: the model contains control characters, which are not allowed\n"
      "device_account: \"a b\" is not a device account; expected 1 to 32 letters, digits, "
      "dots, underscores and hyphens, beginning with a letter or digit, such as "
      "d000fd3054848\n"
      "device_secret: the SIP secret has 3 characters; expected 6 to 128 (or none, and one is "
      "made)\n"
      "templates: \"../x\" is not a template file for assigned; expected a relative path of "
      "letters, digits, dots, underscores and hyphens that stays in the templates' folder\n"
      "location: a hot-desk phone needs a location, because its emergency number is the "
      "desk's");
}

TEST_F(Phones, OnlyWhatIsGivenIsChanged) {
  EXPECT_EQ(outcome(set_phone(draft_, mac(kSparePhone),
                              {.model = "D70",
                               .device_secret = Secret(),
                               .variables = {{"brightness", "5"}},
                               .templates = {{"assigned", "a.xml"}}},
                              tools())),
            "done");
  PhoneRecord expected = phone_record(mac(kSparePhone), PhoneRole::Unassigned, "hq");
  expected.model = "D70";
  expected.device_secret = Secret("secret-1");
  expected.variables = {{"brightness", "5"}};
  expected.templates = {{"assigned", "a.xml"}};
  EXPECT_EQ(*phone(kSparePhone), expected);
}

TEST_F(Phones, AnUnassignedOneBecomesAHotDeskPhoneAndBack) {
  EXPECT_EQ(outcome(set_phone(draft_, mac(kSparePhone), {.role = PhoneRole::HotDesk}, tools())),
            "done");
  EXPECT_EQ(outcome(set_phone(draft_, mac(kSparePhone), {.location = ""}, tools())),
            "location: a hot-desk phone needs a location, because its emergency number is the "
            "desk's");
  EXPECT_EQ(outcome(set_phone(draft_, mac(kSparePhone), {.role = PhoneRole::Unassigned}, tools())),
            "done");
  EXPECT_EQ(outcome(set_phone(draft_, mac(kSparePhone), {.location = ""}, tools())), "done");
}

TEST_F(Phones, AnAssignedOneKeepsItsRole) {
  EXPECT_EQ(outcome(set_phone(draft_, mac(kDeskPhone), {.role = PhoneRole::HotDesk}, tools())),
            "role: 00:0F:D3:00:00:01 is the main phone of 2041 (Ada King); remove that assignment "
            "first, or convert it to hot desking");
  EXPECT_EQ(outcome(set_phone(draft_, mac(kDeskPhone), {.role = PhoneRole::Unassigned}, tools())),
            "role: 00:0F:D3:00:00:01 is the main phone of 2041 (Ada King); remove that assignment "
            "first");
  EXPECT_EQ(outcome(set_phone(draft_, mac(kDeskPhone), {.role = PhoneRole::Desk}, tools())),
            "done");
}

TEST_F(Phones, OneBecomesADeskPhoneOnlyByBeingAssigned) {
  EXPECT_EQ(outcome(set_phone(draft_, mac(kSparePhone), {.role = PhoneRole::Desk}, tools())),
            "role: 00:0F:D3:00:00:03 becomes a desk phone by being assigned to a user");
}

TEST_F(Phones, AnAssignedOneIsNotRemoved) {
  EXPECT_EQ(outcome(remove_phone(draft_, mac(kDeskPhone))),
            "mac: 00:0F:D3:00:00:01 is the main phone of 2041 (Ada King); remove that assignment "
            "first");
  EXPECT_EQ(outcome(remove_phone(draft_, mac(kSparePhone))), "done");
  EXPECT_EQ(phone(kSparePhone), nullptr);
}

TEST_F(Phones, AnUnknownOneIsSaidToBeUnknown) {
  const std::string unknown = "mac: there is no phone 00:0F:D3:00:00:63";
  const MacAddress address = numbered_mac(99);
  EXPECT_EQ(outcome(set_phone(draft_, address, {}, tools())), unknown);
  EXPECT_EQ(outcome(remove_phone(draft_, address)), unknown);
  EXPECT_EQ(outcome(approve_first_contact(draft_, address)), unknown);
  EXPECT_EQ(outcome(note_token_issued(draft_, address)), unknown);
  EXPECT_EQ(outcome(renew_token(draft_, address, tools())), unknown);
}

TEST_F(Phones, AnApprovalHoldsUntilTheTokenIsIssued) {
  EXPECT_EQ(outcome(approve_first_contact(draft_, mac(kSparePhone))), "done");
  EXPECT_TRUE(phone(kSparePhone)->first_contact_approved);
  EXPECT_EQ(outcome(note_token_issued(draft_, mac(kSparePhone))), "done");
  EXPECT_FALSE(phone(kSparePhone)->first_contact_approved);
  EXPECT_TRUE(phone(kSparePhone)->token_issued);
}

TEST_F(Phones, AnApprovalReopensFirstContactForAPhoneThatForgotItsToken) {
  EXPECT_EQ(outcome(note_token_issued(draft_, mac(kSparePhone))), "done");
  EXPECT_EQ(outcome(approve_first_contact(draft_, mac(kSparePhone))), "done");
  EXPECT_FALSE(phone(kSparePhone)->token_issued);
  EXPECT_EQ(phone(kSparePhone)->token.reveal(), "token");
}

TEST_F(Phones, ANewTokenBeginsFirstContactAnewWithoutApproval) {
  EXPECT_EQ(outcome(approve_first_contact(draft_, mac(kSparePhone))), "done");
  EXPECT_EQ(outcome(renew_token(draft_, mac(kSparePhone), tools())), "done");
  EXPECT_EQ(phone(kSparePhone)->token.reveal(), "secret-1");
  EXPECT_FALSE(phone(kSparePhone)->token_issued);
  EXPECT_FALSE(phone(kSparePhone)->first_contact_approved);
}

TEST_F(Phones, ManyAreAddedAtOnce) {
  std::vector<PhoneRequest> requests;
  for (uint32_t i = 100; i < 110; ++i)
    requests.push_back(
        {.mac = numbered_mac(i).to_string(), .role = PhoneRole::HotDesk, .location = "hq"});
  EXPECT_TRUE(add_phones(draft_, requests, tools()).empty());
  EXPECT_EQ(registry().phone_count(), 13U);
  EXPECT_EQ(registry().phones_at("hq"), 13U);
}

TEST_F(Phones, ManyAreRefusedWholeWithEachRowsErrors) {
  const std::vector<PhoneRequest> requests = {{.mac = "000FD3000064"},
                                              {.mac = "00:00:00:00:00:00", .vendor = "digium"},
                                              {.mac = "00-0F-D3-00-00-64"},
                                              {.mac = "000FD3000065", .location = "attic"}};
  const auto errors = add_phones(draft_, requests, tools());
  EXPECT_EQ(errors, (std::vector<RowError>{
                        {2, 0, "mac", "the all-zero MAC address belongs to no phone"},
                        {3, 0, "mac", "phone 00:0F:D3:00:00:64 is given twice, first in row 1"},
                        {4, 0, "location", "there is no location \"attic\""}}));
  EXPECT_EQ(to_string(errors[0]), "row 2: mac: the all-zero MAC address belongs to no phone");
  EXPECT_TRUE(draft_.change().operations.empty());
  EXPECT_EQ(registry().phone_count(), 3U);
}

TEST_F(Phones, TheFirstThousandErrorsAreNamedAndTheOthersCounted) {
  EXPECT_EQ(
      add_phones(draft_, std::vector<PhoneRequest>(kMostRowErrors, {.vendor = "digium"}), tools())
          .size(),
      kMostRowErrors);
  const auto errors = add_phones(
      draft_, std::vector<PhoneRequest>(kMostRowErrors + 1, {.vendor = "digium"}), tools());
  ASSERT_EQ(errors.size(), kMostRowErrors + 1);
  EXPECT_EQ(to_string(errors.back()), "row 1000: and 1 more error from here on");
}

TEST_F(Phones, MoreThanFiftyThousandAtOnceAreRefused) {
  const auto errors = add_phones(draft_, std::vector<PhoneRequest>(kMostRows + 1), tools());
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].message, "50001 phones at once; at most 50000 are taken");
}

}  // namespace
}  // namespace stormdoor::hotdesk
