// Users of another PBX's files, through the real programs: a look first, then all of it; and a
// voicemail.conf that is followed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/office_network.hpp"
#include "tests/support/running_daemon.hpp"

namespace stormdoor {
namespace {

using test::Finished;
using test::RunningDaemon;
using test::wait_until;
using testing::HasSubstr;
using testing::Not;

const std::string kPrograms = STORMDOOR_BIN_DIR;
const std::string kProfiles = std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones";

constexpr const char* kPjsip = R"([2041]
type = endpoint
auth = 2041
callerid = "Ada King" <2041>
[2041]
type = auth
username = 2041
password = not-a-real-secret-9914
[provider]
type = endpoint
)";

class Imports : public testing::Test {
 protected:
  void start(const std::string& config = {}) {
    RunningDaemon::Options options;
    options.extra_config = config;
    auto daemon = RunningDaemon::start(kPrograms, kProfiles, options);
    ASSERT_TRUE(daemon) << daemon.error().message();
    daemon_ = std::move(*daemon);
  }
  std::string write(const std::string& name, const std::string& text) const {
    return directory_.write(name, text);
  }
  Finished import(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"user", "import"});
    auto ran = daemon_->shell(arguments);
    EXPECT_EQ(ran.out.find("not-a-real-secret"), std::string::npos);
    EXPECT_EQ(ran.err.find("not-a-real-secret"), std::string::npos);
    return ran;
  }
  std::string users() const {
    std::string text;
    const auto answer = daemon_->shell_json({"user", "list"});
    for (const auto& user : answer["data"])
      text += user["extension"].get<std::string>() + " " + user["name"].get<std::string>() +
              ", PIN " + user["pin"].get<std::string>() + "\n";
    return text;
  }
  bool told(const std::string& text) const {
    return wait_until(
        [&] { return daemon_->shell({"events"}).out.find(text) != std::string::npos; });
  }

  test::TempDir directory_;
  std::unique_ptr<RunningDaemon> daemon_;
};

TEST_F(Imports, AsterisksFilesAreLookedAtThenTakenOver) {
  start();
  const std::vector<std::string> files{
      "--from",      "asterisk",
      "--pjsip",     write("pjsip.conf", kPjsip),
      "--voicemail", write("voicemail.conf", "[default]\n2041 => 4071\n")};
  auto look = files;
  look.emplace_back("--preview");
  const auto preview = import(look);
  EXPECT_EQ(preview.status, 0) << preview.err;
  EXPECT_THAT(preview.out, HasSubstr("1 would be added, 0 would be changed, 0 unchanged"));
  EXPECT_THAT(preview.out, HasSubstr("note: line 9: pjsip: [provider] was left out"));
  EXPECT_EQ(users(), "");

  const auto taken = import(files);
  EXPECT_EQ(taken.status, 0) << taken.err;
  EXPECT_THAT(taken.out, HasSubstr("asterisk: 1 added, 0 changed, 0 unchanged."));
  EXPECT_EQ(users(), "2041 Ada King, PIN set\n");
  EXPECT_THAT(import(files).out, HasSubstr("0 added, 0 changed, 1 unchanged"));

  write("pjsip.conf", std::string(kPjsip) + "[2041](+)\ncallerid = Ada Lovelace <2041>\n");
  EXPECT_THAT(import(look).out, HasSubstr("name"));
  EXPECT_EQ(users(), "2041 Ada King, PIN set\n");
  EXPECT_EQ(import(files).status, 0);
  EXPECT_EQ(users(), "2041 Ada Lovelace, PIN set\n");
}

TEST_F(Imports, OneWrongRowLeavesEverythingAndAPreviewShowsEachRow) {
  start();
  const auto file = write("extensions.csv",
                          "extension,name,tech,secret,voicemail_vmpwd\n"
                          "2041,Ada King,pjsip,not-a-real-secret-1,4071\n"
                          "2042,Alan Turing,pjsip,short,\n");
  const auto preview = import({"--from", "freepbx", file, "--preview"});
  EXPECT_EQ(preview.status, 0) << preview.err;
  EXPECT_THAT(preview.out, HasSubstr("1 refused, so nothing will be done"));
  EXPECT_THAT(preview.out, HasSubstr("2041"));
  EXPECT_THAT(preview.out, HasSubstr("refused: line 3: sip_secret: "));
  const auto refused = import({"--from", "freepbx", file});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("nothing was changed:\n  line 3: sip_secret: "));
  EXPECT_EQ(users(), "");
}

TEST_F(Imports, SaysWhichFilesItNeeds) {
  start();
  EXPECT_THAT(import({"--from", "asterisk"}).err, HasSubstr("--pjsip FILE"));
  EXPECT_THAT(import({"--from", "freepbx"}).err, HasSubstr("one CSV file"));
  EXPECT_THAT(import({"--from", "elsewhere"}).err, HasSubstr("expected asterisk or freepbx"));
  EXPECT_NE(import({}).status, 0);
  const auto plain = import({write("users.csv", "extension,name\n2041,Ada King\n")});
  EXPECT_EQ(plain.status, 0) << plain.err;
  EXPECT_EQ(users(), "2041 Ada King, PIN not set\n");
}

TEST_F(Imports, APinThatIsChangedInTheVoicemailIsTakenOver) {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  const auto file = write("voicemail.conf", "[default]\n2041 => 1234\n");
  start("[pbx]\nvoicemail_pins = \"" + file + "\"\n");
  ASSERT_EQ(daemon_->shell({"user", "add", "2041"}).status, 0);
  const auto refused = daemon_->shell({"user", "set", "2041", "--pin"}, "4071\n");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("PINs are kept in " + file));

  write("voicemail.conf", "[default]\n2041 => 4071,Ada King\n");
  EXPECT_TRUE(told("The PIN of 2041 was taken over from the voicemail."));
  EXPECT_EQ(users(), "2041 , PIN set\n");
  write("voicemail.conf", "[default]\nrubbish 9183\n2041 => 9183\n");
  EXPECT_TRUE(told("No PIN was taken over: " + file + ": line 2: expected key = value"));
  EXPECT_THAT(daemon_->shell({"status"}).out, HasSubstr("Voicemail PINs"));
  write("voicemail.conf", "[default]\n2041 => 8765\n");
  EXPECT_TRUE(told("A PIN of the voicemail was not taken over: line 2: 2041: "));
  EXPECT_THAT(daemon_->log() + daemon_->shell({"events"}).out,
              testing::AllOf(Not(HasSubstr("4071")), Not(HasSubstr("8765"))));
}

}  // namespace
}  // namespace stormdoor
