#include "tests/hotdesk/directory_fixture.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;
using Users = DirectoryTest;

TEST_F(Users, OneIsAddedWithASecretAndAPin) {
  EXPECT_EQ(outcome(add_user(draft_,
                             {.extension = "2050",
                              .name = "Linus",
                              .pin = Secret("4071"),
                              .main_phone_type = MainPhoneType::HotDesking},
                             tools())),
            "done");
  const auto user = registry().user("2050");
  ASSERT_NE(user, nullptr);
  EXPECT_EQ(user->name, "Linus");
  EXPECT_EQ(user->sip_secret.reveal(), "secret-1");
  EXPECT_TRUE(test_.pins().matches(user->pin_hash, "2050", "4071"));
  EXPECT_FALSE(test_.pins().matches(user->pin_hash, "2050", "4072"));
  EXPECT_EQ(user->main_phone_type, MainPhoneType::HotDesking);
}

TEST_F(Users, AGivenSecretIsKeptAndAPinCanBeMissing) {
  EXPECT_EQ(
      outcome(
          add_user(draft_, {.extension = "2050", .sip_secret = Secret("from the-pbx")}, tools())),
      "sip_secret: the SIP secret may contain only printable ASCII characters without spaces");
  EXPECT_EQ(outcome(add_user(draft_, {.extension = "2050", .sip_secret = Secret("from-the-pbx")},
                             tools())),
            "done");
  EXPECT_EQ(registry().user("2050")->sip_secret.reveal(), "from-the-pbx");
  EXPECT_EQ(registry().user("2050")->pin_hash, "");
}

TEST_F(Users, ASecondOneOfTheSameExtensionIsRefused) {
  EXPECT_EQ(outcome(add_user(draft_, {.extension = "2041"}, tools())),
            "extension: there is already a user 2041 (Ada King)");
}

TEST_F(Users, AnExtensionIsNoDeviceAccount) {
  EXPECT_EQ(outcome(set_phone(draft_, mac(kSparePhone), {.device_account = "2050"}, tools())),
            "done");
  EXPECT_EQ(outcome(add_user(draft_, {.extension = "2050"}, tools())),
            "extension: \"2050\" is already the device account of phone 00:0F:D3:00:00:03");
}

TEST_F(Users, EveryProblemIsNamedAtOnce) {
  EXPECT_EQ(
      outcome(add_user(
          draft_,
          {.extension = "x", .name = "\x01", .sip_secret = Secret("abc"), .pin = Secret("1234")},
          tools())),
      "extension: \"x\" is not an extension; expected 1 to 15 digits, such as 2041\n"
      "name: the name contains control characters, which are not allowed\n"
      "sip_secret: the SIP secret has 3 characters; expected 6 to 128 (or none, and one is made)\n"
      "pin: this PIN counts up or down like 1234, which is guessed first");
}

TEST_F(Users, OnlyWhatIsGivenIsChanged) {
  EXPECT_EQ(outcome(set_user(draft_, "2043", {.name = "Admiral Hopper"}, tools())), "done");
  EXPECT_EQ(registry().user("2043")->name, "Admiral Hopper");
  EXPECT_EQ(registry().user("2043")->sip_secret.reveal(), "grace-secret");
  EXPECT_EQ(outcome(set_user(draft_, "2043", {}, tools())), "done");
  EXPECT_EQ(draft_.change().operations.size(), 1U);
}

TEST_F(Users, APinIsSetAndTakenAway) {
  EXPECT_EQ(outcome(set_user(draft_, "2043", {.pin = Secret("4071")}, tools())), "done");
  EXPECT_TRUE(test_.pins().matches(registry().user("2043")->pin_hash, "2043", "4071"));
  EXPECT_EQ(outcome(set_user(draft_, "2043", {.pin = Secret()}, tools())), "done");
  EXPECT_EQ(registry().user("2043")->pin_hash, "");
  EXPECT_EQ(outcome(set_user(draft_, "2043", {.pin = Secret("2043")}, tools())),
            "pin: this PIN is the extension itself, which is guessed first");
}

TEST_F(Users, ANewSecretIsMadeForAnEmptyOne) {
  EXPECT_EQ(outcome(set_user(draft_, "2043", {.sip_secret = Secret()}, tools())), "done");
  EXPECT_EQ(registry().user("2043")->sip_secret.reveal(), "secret-1");
  EXPECT_EQ(outcome(set_user(draft_, "2043", {.sip_secret = Secret("my-own-1")}, tools())), "done");
  EXPECT_EQ(registry().user("2043")->sip_secret.reveal(), "my-own-1");
}

TEST_F(Users, HotDeskingIsNotChosenWhileADeskPhoneIsTheMainPhone) {
  EXPECT_EQ(
      outcome(set_user(draft_, "2041", {.main_phone_type = MainPhoneType::HotDesking}, tools())),
      "main_phone: the desk phone 00:0F:D3:00:00:01 is the main phone of 2041 (Ada King); "
      "remove that assignment first, or convert the phone to hot desking");
  EXPECT_EQ(outcome(set_user(draft_, "2041", {.main_phone_type = MainPhoneType::None}, tools())),
            "main_phone: the desk phone 00:0F:D3:00:00:01 is the main phone of 2041 (Ada King); "
            "remove that assignment first");
  EXPECT_EQ(outcome(unassign(draft_, mac(kDeskPhone))), "done");
  EXPECT_EQ(
      outcome(set_user(draft_, "2041", {.main_phone_type = MainPhoneType::HotDesking}, tools())),
      "done");
}

TEST_F(Users, HotDeskingGoesWithAdditionalPhones) {
  EXPECT_EQ(outcome(assign(draft_, {"2043", 1, mac(kSparePhone)})), "done");
  EXPECT_EQ(
      outcome(set_user(draft_, "2043", {.main_phone_type = MainPhoneType::HotDesking}, tools())),
      "done");
}

TEST_F(Users, AnUnknownOneIsSaidToBeUnknown) {
  const std::string unknown = "extension: there is no user with extension \"9\"";
  EXPECT_EQ(outcome(set_user(draft_, "9", {}, tools())), unknown);
  EXPECT_EQ(outcome(remove_user(draft_, "9")), unknown);
}

TEST_F(Users, OneWithPhonesIsNotRemoved) {
  EXPECT_EQ(outcome(remove_user(draft_, "2041")),
            "extension: 2041 (Ada King) still has 1 phone: 00:0F:D3:00:00:01 (main phone); remove "
            "that assignment first");
  EXPECT_EQ(outcome(assign(draft_, {"2041", 3, mac(kSparePhone)})), "done");
  EXPECT_EQ(outcome(remove_user(draft_, "2041")),
            "extension: 2041 (Ada King) still has 2 phones: 00:0F:D3:00:00:01 (main phone), "
            "00:0F:D3:00:00:03 (additional phone 3); remove these assignments first");
}

TEST_F(Users, OneWithoutPhonesIsRemoved) {
  EXPECT_EQ(outcome(remove_user(draft_, "2042")), "done");
  EXPECT_EQ(registry().user("2042"), nullptr);
}

}  // namespace
}  // namespace stormdoor::hotdesk
