#include "hotdesk/take_over.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hotdesk/office.hpp"

namespace stormdoor::hotdesk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> texts(const std::vector<RowError>& rows) {
  std::vector<std::string> all;
  for (const auto& row : rows) all.push_back(to_string(row));
  return all;
}

std::vector<std::string> users(const TakenUsers& taken) {
  std::vector<std::string> all;
  for (const auto& user : taken.users)
    all.push_back(fmt::format("{}: {} \"{}\" {} {}", user.line, user.extension, user.name,
                              user.secret ? user.secret->reveal() : "-",
                              user.pin ? user.pin->reveal() : "-"));
  return all;
}

constexpr const char* kPjsipConf = R"([transport-udp]
type = transport
[desk](!)
type = endpoint
[desk-auth](!)
type = auth
auth_type = userpass
[2041](desk)
auth = auth2041
callerid = "Ada King" <2041>
[auth2041](desk-auth)
username = 2041
password = from-ada\;s-phone
[2041]
type = aor
[2050](desk)
auth = 2050
mailboxes = 77@hotel
[2050](desk-auth)
username = 2050
password = from-the-pbx
[provider]
type = endpoint
outbound_auth = provider
[2060](desk)
[2061](desk)
auth = nowhere
[2062](desk)
auth = 2062
[2062](desk-auth)
username = somebody
password = a-password
[2063](desk)
auth = 2063
[2063]
type = auth
auth_type = md5
username = 2063
md5_cred = 0123
[2070]
type = wizard
endpoint/callerid = Barbara <2070>
inbound_auth/username = 2070
inbound_auth/password = of-the-wizard
)";

constexpr const char* kVoicemailConf = R"([general]
format = wav
[zonemessages]
eastern = America/New_York|'vm-received' Q
[default]
2041 => 4071,Ada Lovelace,ada@example.com,,attach=yes
2070 => -8302,Barbara Liskov
somebody => 2041@default
[hotel]
77 => 9183,Room 77
2041 => 5555
)";

TEST(AsteriskUsers, AreEndpointsWithTheirAuthAndMailbox) {
  const auto taken = read_asterisk_users(kPjsipConf, kVoicemailConf);
  EXPECT_THAT(texts(taken.errors), IsEmpty());
  EXPECT_THAT(users(taken), ElementsAre("8: 2041 \"Ada King\" from-ada;s-phone 4071",
                                        "16: 2050 \"Room 77\" from-the-pbx 9183",
                                        "40: 2070 \"Barbara\" of-the-wizard 8302"));
  EXPECT_THAT(
      texts(taken.notes),
      ElementsAre("line 22: pjsip: [provider] was left out: its name is no extension",
                  "line 25: pjsip: [2060] was left out: it names no auth section, so it has no "
                  "password",
                  "line 26: pjsip: [2061] was left out: its auth section [nowhere] is not in the "
                  "file",
                  "line 28: pjsip: [2062] was left out: its user name is \"somebody\"; a user "
                  "registers with the extension",
                  "line 33: pjsip: [2063] was left out: it has a digest, from which no password "
                  "can be told"));
}

TEST(AsteriskUsers, AFileThatIsWrongIsNotUsed) {
  const auto taken = read_asterisk_users("[2041\n", "[default]\n2041 => 1\n2041 => 2\n");
  EXPECT_THAT(users(taken), IsEmpty());
  EXPECT_THAT(
      texts(taken.errors),
      ElementsAre("line 1: pjsip: a section's name without its ]",
                  "line 3: voicemail: mailbox 2041@default is given twice, first in line 2"));
}

TEST(AsteriskUsers, SaysWhenPinsMayStandElsewhere) {
  const auto file = read_voicemail_file("[general]\npasswordlocation = spooldir\n");
  EXPECT_THAT(texts(file.notes),
              ElementsAre("line 1: passwordlocation is spooldir: PINs that were changed at a phone "
                          "are not in this file"));
}

TEST(FreepbxUsers, AreTheRowsOfTheExport) {
  const auto taken = read_freepbx_users(
      "extension,name,description,tech,secret,voicemail,voicemail_enable,voicemail_vmpwd,"
      "ringtimer\n"
      "2041,Ada King,x,pjsip,from-freepbx,default,yes,4071,0\n"
      "2050,,Front desk,sip,from-freepbx-2,novm,,9183,0\n"
      "2051,Door,,custom,x,,,,0\n"
      "2052,Lift,,,,default,yes,-8302,0\n");
  EXPECT_THAT(texts(taken.errors), IsEmpty());
  EXPECT_THAT(users(taken),
              ElementsAre("2: 2041 \"Ada King\" from-freepbx 4071",
                          "3: 2050 \"Front desk\" from-freepbx-2 -", "5: 2052 \"Lift\" - 8302"));
  EXPECT_THAT(texts(taken.notes),
              ElementsAre("line 4: 2051 was left out: its technology is custom"));
}

TEST(FreepbxUsers, SaysWhatIsNoExport) {
  EXPECT_THAT(texts(read_freepbx_users("number,name\n1,x\n").errors),
              ElementsAre("line 1: there is no column \"extension\"; expected an export of "
                          "extensions"));
  EXPECT_THAT(texts(read_freepbx_users("extension\n2041\n2041\n").errors),
              ElementsAre("line 3: extension: extension 2041 is given twice, first in line 2"));
}

class TakeOverTest : public testing::Test {
 protected:
  TakeOverReport take(const TakenUsers& taken) { return take_over(draft_, taken, test_.tools()); }
  static std::vector<std::string> rows(const TakeOverReport& report) {
    std::vector<std::string> all;
    for (const auto& row : report.rows) {
      std::string text = row.extension + " " + std::string(to_string(row.outcome));
      for (const auto& field : row.fields) text += " " + field;
      all.push_back(text);
    }
    return all;
  }
  bool has_pin(const std::string& extension, const std::string& pin) {
    return test_.pins().matches(draft_.registry().user(extension)->pin_hash, extension, pin);
  }

  TestTools test_;
  std::shared_ptr<const Registry> office_ = Registry::from(office_contents());
  Draft draft_{*office_};
};

TEST_F(TakeOverTest, AddsWhoIsNewAndChangesWhatDiffers) {
  const auto report = take({.users = {{.line = 1,
                                       .extension = "2041",
                                       .name = "Ada King",
                                       .secret = Secret("from-the-pbx"),
                                       .pin = Secret("4071")},
                                      {.line = 2, .extension = "2042", .name = "Alan Turing"},
                                      {.line = 3, .extension = "2050", .name = "Barbara"}},
                            .errors = {},
                            .notes = {}});
  EXPECT_THAT(texts(report.errors), IsEmpty());
  EXPECT_THAT(rows(report),
              ElementsAre("2041 changed sip_secret pin", "2042 unchanged", "2050 added"));
  EXPECT_EQ(draft_.registry().user("2041")->sip_secret.reveal(), "from-the-pbx");
  EXPECT_TRUE(has_pin("2041", "4071"));
  EXPECT_EQ(draft_.registry().user("2050")->sip_secret.reveal(), "secret-1");
  EXPECT_EQ(draft_.change().operations.size(), 2U);
  // And once more it is as it should be.
  EXPECT_THAT(rows(take({.users = {{.line = 1,
                                    .extension = "2041",
                                    .name = "Ada King",
                                    .secret = Secret("from-the-pbx"),
                                    .pin = Secret("4071")}},
                         .errors = {},
                         .notes = {}})),
              ElementsAre("2041 unchanged"));
}

TEST_F(TakeOverTest, IsAllOrNothing) {
  const auto report =
      take({.users = {{.line = 1, .extension = "2050", .name = "Barbara"},
                      {.line = 2, .extension = "2051", .name = "", .secret = Secret("short")},
                      {.line = 3, .extension = "20x1", .name = ""}},
            .errors = {},
            .notes = {}});
  EXPECT_THAT(texts(report.errors),
              ElementsAre(HasSubstr("line 2: sip_secret: the SIP secret has 5 characters"),
                          HasSubstr("line 3: extension: ")));
  EXPECT_THAT(rows(report), ElementsAre("2050 added"));
  EXPECT_TRUE(draft_.change().operations.empty());
}

TEST_F(TakeOverTest, LeavesOutAPinThatAnybodyWouldTry) {
  const auto report = take({.users = {{.line = 7, .extension = "2050", .pin = Secret("8765")}},
                            .errors = {},
                            .notes = {}});
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_THAT(to_string(report.notes[0]), HasSubstr("line 7: 2050: "));
  EXPECT_THAT(to_string(report.notes[0]), Not(HasSubstr("8765")));
  EXPECT_THAT(rows(report), ElementsAre("2050 added"));
  EXPECT_TRUE(draft_.registry().user("2050")->pin_hash.empty());
}

TEST_F(TakeOverTest, FollowsThePinsOfOneContextOnly) {
  const auto file = read_voicemail_file(
      "[default]\n2041 => 4071\n2042 => 1111\n9999 => 5028\n2043 =>\n[hotel]\n2043 => 9183\n");
  auto tools = test_.tools();
  tools.pins_kept_in = "/etc/asterisk/voicemail.conf";
  const auto report = take_over_pins(draft_, file, "default", tools);
  EXPECT_THAT(report.changed, ElementsAre("2041"));
  EXPECT_TRUE(has_pin("2041", "4071"));
  EXPECT_TRUE(draft_.registry().user("2043")->pin_hash.empty());
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_THAT(to_string(report.notes[0]), HasSubstr("line 3: 2042: "));
  EXPECT_THAT(take_over_pins(draft_, file, "default", tools).changed, IsEmpty());
}

TEST_F(TakeOverTest, APinThatIsKeptElsewhereIsNotSetHere) {
  auto tools = test_.tools();
  tools.pins_kept_in = "/etc/asterisk/voicemail.conf";
  UserEdit edit;
  edit.pin = Secret("4071");
  const Problems problems = set_user(draft_, "2041", edit, tools);
  ASSERT_FALSE(problems.none());
  EXPECT_EQ(problems.error().message(),
            "PINs are kept in /etc/asterisk/voicemail.conf and taken over from there ([pbx] "
            "voicemail_pins); change it there, or in the voicemail's menu");
  UserRequest request;
  request.extension = "2050";
  request.pin = Secret("4071");
  EXPECT_FALSE(add_user(draft_, request, tools).none());
  request.pin.reset();
  EXPECT_TRUE(add_user(draft_, request, tools).none());
}

}  // namespace
}  // namespace stormdoor::hotdesk
