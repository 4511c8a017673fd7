// The app of Digium phones, through the real daemon: a phone is found, given its app, and the app
// that it was given logs people in and out. The phone is a stand-in: its web server
// (tests/support/digium_phone.py) and, under Node.js, the objects that its apps see
// (tests/support/digium_app.js).

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <regex>

#include "base/text.hpp"
#include "tests/support/digium_phone.hpp"
#include "tests/support/office_network.hpp"
#include "tests/support/running_daemon.hpp"
#include "tests/support/text_files.hpp"

namespace stormdoor {
namespace {

using nlohmann::json;
using test::RunningDaemon;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPhone = "00:0F:D3:05:48:49";
constexpr const char* kFile = "000fd3054849.cfg";

class PhoneApps : public testing::Test {
 protected:
  void SetUp() override {
    auto started = RunningDaemon::start(
        STORMDOOR_BIN_DIR, std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones",
        {.extra_config = fmt::format("base_url = \"https://prov.example.com\"\n[phone_app]\n"
                                     "port = {}\nafter = \"0s\"\nagain_after = \"1s\"\n",
                                     phone_.address().port)});
    ASSERT_TRUE(started) << started.error().message();
    daemon_ = *std::move(started);
    done({"location", "add", "lobby", "--label", "Lobby", "--emergency-number", "+12025550123"});
    done({"user", "add", "2041", "--name", "Ada King", "--main-phone", "hot-desking", "--pin"},
         "4711\n");
    done({"phone", "add", kPhone, "--vendor", "sangoma", "--model", "D65", "--hot-desk",
          "--location", "lobby"});
    phone_.take_password(std::string(trim(done({"desk", "app", "password", kPhone}))));
  }
  std::string done(std::vector<std::string> arguments, const std::string& input = {}) const {
    const auto ran = daemon_->shell(std::move(arguments), input);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.out;
  }
  std::string fetch(const std::string& path) const {
    return test::run_program(
               {"curl", "-sk",
                fmt::format("https://{}{}", daemon_->listener("https").to_string(), path)})
        .out;
  }
  // As a phone does: once as an administrator approved it, then always with its token.
  void fetch_configuration() {
    if (provisioning_.empty()) {
      done({"phone", "set", kPhone, "--approve"});
      const std::string first = fetch(std::string("/") + kFile);
      std::smatch found;
      ASSERT_TRUE(std::regex_search(
          first, found, std::regex("config_server_url\" value=\"https://prov.example.com([^\"]+)")))
          << first;
      provisioning_ = found[1];
    }
    const std::string text = fetch(provisioning_ + kFile);
    ASSERT_THAT(text, HasSubstr("<appconfig id=\"stormdoor\">"));
    files_.write("phone.xml", text);
  }
  json app() const {
    const json rows = daemon_->shell_json({"desk", "app"})["data"];
    EXPECT_EQ(rows.size(), 1U);
    return rows.empty() ? json() : rows[0];
  }
  bool comes_to(const std::string& state) const {
    return test::wait_until(
        [&] { return app()["state"].get<std::string>().find(state) != std::string::npos; });
  }
  void be_given_the_app() {
    fetch_configuration();
    ASSERT_TRUE(comes_to("installed")) << app() << phone_.log();
    files_.write("app.zip", phone_.app());
  }
  // What the app shows after each of these, and last all its requests.
  std::vector<json> play(const std::vector<std::string>& deeds, std::string server = {}) const {
    if (server.empty()) server = daemon_->listener("https").to_string();
    std::string script;
    for (const auto& deed : deeds) script += deed + "\n";
    const auto ran = test::run_program(
        {"node", std::string(STORMDOOR_SOURCE_DIR) + "/tests/support/digium_app.js",
         files_.file("app.zip"), files_.file("phone.xml"), "--connect",
         "prov.example.com:443=" + server},
        script);
    EXPECT_EQ(ran.status, 0) << ran.err;
    std::vector<json> seen;
    for (const auto line : split(ran.out, '\n'))
      if (!line.empty()) seen.push_back(json::parse(line));
    EXPECT_EQ(seen.size(), deeds.size() + 1) << ran.out;
    seen.resize(deeds.size() + 1);
    return seen;
  }
  static std::string message(const json& seen) { return seen["screen"].value("message", ""); }
  std::string sits_there() const {
    return daemon_->shell_json({"desk", "list"})["data"][0]["extension"];
  }

  test::DigiumPhone phone_{""};
  test::TempDir files_;
  std::string provisioning_;  // "/p/TOKEN/"
  std::unique_ptr<RunningDaemon> daemon_;
};

TEST_F(PhoneApps, APersonLogsInAndOutByTheAppThatThePhoneWasGiven) {
  be_given_the_app();
  const auto in = play({"open", "type ext 2041", "type pin 4711", "submit", "confirm"});
  EXPECT_THAT(in[0]["idle"], ElementsAre("Lobby", HasSubstr("LOGIN")));
  EXPECT_EQ(in[0]["screen"]["kind"], "form");
  EXPECT_THAT(in[0]["screen"]["title"].get<std::string>(), HasSubstr("PIN can be seen"));
  EXPECT_THAT(in[0]["screen"]["types"], ElementsAre("numeric", "numeric"));
  EXPECT_THAT(message(in[3]), HasSubstr("Welcome, 2041 (Ada King)"));
  EXPECT_THAT(message(in[3]), HasSubstr("Your phone is being set up."));
  EXPECT_EQ(in[4]["foreground"], false);
  EXPECT_EQ(sits_there(), "2041");

  fetch_configuration();
  const auto out = play({"open", "cancel", "open", "confirm"});
  EXPECT_THAT(out[0]["idle"], ElementsAre("Lobby", "Ada King (2041)"));
  EXPECT_EQ(message(out[0]), "Log out Ada King (2041)?");
  EXPECT_EQ(out[1]["foreground"], false);
  EXPECT_THAT(message(out[3]), HasSubstr("You are logged out"));
  EXPECT_EQ(sits_there(), "");
}

TEST_F(PhoneApps, ANewConfigurationIsShownAtOnce) {
  be_given_the_app();
  done({"desk", "login", kPhone, "2041"});
  const std::string before = test::text_of(files_.file("phone.xml"));
  fetch_configuration();
  files_.write("later.xml", test::text_of(files_.file("phone.xml")));
  files_.write("phone.xml", before);
  const auto seen = play({"leave", "config " + files_.file("later.xml")});
  EXPECT_THAT(seen[0]["idle"], ElementsAre("Lobby", HasSubstr("LOGIN")));
  EXPECT_THAT(seen[1]["idle"], ElementsAre("Lobby", "Ada King (2041)"));
}

TEST_F(PhoneApps, WhatIsWrongIsSaidInTheServersWords) {
  be_given_the_app();
  auto seen = play({"open", "type ext 2041", "type pin 1", "submit", "confirm", "type ext 99",
                    "type pin 4711", "submit", "cancel"});
  EXPECT_THAT(message(seen[3]), HasSubstr("do not belong together"));
  EXPECT_EQ(seen[3]["screen"]["confirm"], "Again");
  EXPECT_EQ(seen[4]["screen"]["kind"], "form");
  EXPECT_EQ(seen[4]["screen"]["values"], (json{{"ext", ""}, {"pin", ""}})) << "nothing is kept";
  EXPECT_THAT(message(seen[7]), HasSubstr("do not belong together"))
      << "which is wrong is not said";
  EXPECT_EQ(seen[8]["foreground"], false);
  std::string last;
  for (int pin = 2; pin < 8; ++pin)
    last = message(play({"open", "type ext 2041", fmt::format("type pin {}", pin), "submit"})[3]);
  EXPECT_THAT(last, HasSubstr("Too many wrong PINs. Try again in"));
}

TEST_F(PhoneApps, HalfAFormStaysOnThePhone) {
  be_given_the_app();
  const auto seen = play({"open", "type ext 2041", "submit", "type pin 47x1", "submit", "back"});
  EXPECT_THAT(seen[2]["screen"]["error"].get<std::string>(), HasSubstr("Digits only"));
  EXPECT_THAT(seen[4]["screen"]["error"].get<std::string>(), HasSubstr("Digits only"));
  EXPECT_EQ(seen[5]["foreground"], false);
  EXPECT_EQ(seen[6]["requests"].size(), 2U) << "the first page and the form";
}

TEST_F(PhoneApps, ASecondPressDoesNotSpoilTheFirst) {
  be_given_the_app();
  const auto seen = play({"open", "type ext 2041", "type pin 4711", "submit twice"});
  EXPECT_THAT(message(seen[3]), HasSubstr("Welcome, 2041"));
  EXPECT_EQ(seen.back()["requests"].size(), 3U) << "page, form, and what was typed once";
}

TEST_F(PhoneApps, AServerThatIsGoneIsSaid) {
  be_given_the_app();
  const auto seen = play({"open", "confirm"}, "127.0.0.1:1");
  EXPECT_THAT(message(seen[0]), HasSubstr("The server does not answer"));
  EXPECT_EQ(seen[1]["foreground"], false);
}

TEST_F(PhoneApps, AnAddressThatIsNoLongerRightIsSaid) {
  be_given_the_app();
  done({"phone", "set", kPhone, "--new-token"});
  EXPECT_THAT(message(play({"open"})[0]), HasSubstr("There is no such page"));
}

TEST_F(PhoneApps, Promise7ThePinTravelsInNoAddressAndStandsInNoLog) {
  be_given_the_app();
  const auto seen = play({"open", "type ext 2041", "type pin 4711", "submit"});
  int with_pin = 0;
  for (const auto& request : seen.back()["requests"]) {
    EXPECT_THAT(request["url"].get<std::string>(), Not(HasSubstr("4711")));
    if (request["body"].get<std::string>().find("4711") != std::string::npos) ++with_pin;
  }
  EXPECT_EQ(with_pin, 1);
  const std::string password(trim(done({"desk", "app", "password", kPhone})));
  for (const std::string& text :
       {daemon_->log(), done({"events"}), done({"status"}), done({"audit"}),
        done({"phone", "show", kPhone, "--rendered"}), done({"desk", "app"})}) {
    EXPECT_THAT(text, Not(HasSubstr("4711")));
    EXPECT_THAT(text, Not(HasSubstr(password)));
  }
  EXPECT_THAT(done({"audit"}), HasSubstr("desk.app.password"));
  EXPECT_THAT(test::text_of(files_.file("phone.xml")),
              HasSubstr("login_password\" value=\"" + password + "\""));
}

TEST_F(PhoneApps, APhoneThatCannotTakeItIsTriedAgain) {
  phone_.misbehave("fails");
  EXPECT_EQ(app()["state"], "waits until it fetches its configuration");
  EXPECT_THAT(done({"status"}), testing::ContainsRegex("not installed +1"));
  fetch_configuration();
  ASSERT_TRUE(comes_to("tried 2 times, again in")) << app();
  EXPECT_THAT(app()["state"].get<std::string>(), HasSubstr("status 503: \\x1b[31mno space"));
  phone_.misbehave("");
  ASSERT_TRUE(comes_to("installed")) << app();
  EXPECT_THAT(done({"status"}), testing::ContainsRegex("not installed +0"));
  EXPECT_THAT(done({"events"}), HasSubstr("00:0F:D3:05:48:49 has its app for hot desks"));
}

// It has no reason to fetch again before somebody sits down there.
TEST_F(PhoneApps, AFactoryPhoneIsGivenItAfterItsFirstConfiguration) {
  EXPECT_THAT(fetch(std::string("/") + kFile), Not(HasSubstr("appconfig"))) << "a stranger's";
  done({"phone", "set", kPhone, "--approve"});
  EXPECT_THAT(app()["state"].get<std::string>(), HasSubstr("waits until"));
  EXPECT_THAT(fetch(std::string("/") + kFile), HasSubstr("appconfig"));
  EXPECT_TRUE(comes_to("installed")) << app();
}

TEST_F(PhoneApps, ANewVersionIsGivenAfterAReload) {
  be_given_the_app();
  const std::string old = phone_.app();
  std::ofstream(daemon_->directory().file("profiles/sangoma/app/stormdoor.js"), std::ios::app)
      << "// a line more\n";
  done({"reload"});
  EXPECT_TRUE(test::wait_until([&] { return phone_.app() != old; }));
  EXPECT_TRUE(comes_to("installed"));
}

TEST_F(PhoneApps, WhoHasItIsKnownAfterARestart) {
  be_given_the_app();
  ASSERT_TRUE(test::wait_until(
      [&] { return !test::text_of(daemon_->directory().file("state/data/apps")).empty(); }));
  ASSERT_EQ(kill(daemon_->server_pid(), SIGKILL), 0);
  ASSERT_TRUE(daemon_->wait_for_notification("READY=1"));
  EXPECT_EQ(app()["state"], "installed");
  EXPECT_THAT(daemon_->shell({"desk", "app", "push", kPhone}).err,
              HasSubstr("nobody knows where it is"));
  const std::string log = phone_.log();
  fetch_configuration();
  EXPECT_EQ(app()["state"], "installed");
  done({"desk", "app", "push", "--all"});
  EXPECT_TRUE(test::wait_until([&] { return phone_.log() != log; })) << "by hand it is given again";
}

// Behind one address there may be anybody, also somebody who would like to have the password.
TEST_F(PhoneApps, Promise7NothingIsSentToAnAddressThatSeveralPhonesHave) {
  done({"phone", "add", "00:15:65:00:00:01", "--vendor", "yealink", "--hot-desk", "--location",
        "lobby"});
  done({"phone", "set", "00:15:65:00:00:01", "--approve"});
  EXPECT_THAT(fetch("/001565000001.cfg"), HasSubstr("account"));
  fetch_configuration();
  ASSERT_TRUE(comes_to("other phones ask from 127.0.0.1")) << app();
  EXPECT_EQ(phone_.log(), "");
}

TEST_F(PhoneApps, WhatCannotBeIsRefusedWithASentence) {
  for (const auto& [arguments, why] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"desk", "app", "push"}, "name phones, or --all"},
           {{"desk", "app", "push", kPhone, "--all"}, "name phones, or --all"},
           {{"desk", "app", "push", "00:0F:D3:00:00:99"}, "there is no phone"},
           {{"desk", "app", "push", kPhone}, "has not fetched its configuration"},
           {{"desk", "app", "password", "00:0F:D3:00:00:99"}, "there is no phone"}}) {
    const auto ran = daemon_->shell(arguments);
    EXPECT_EQ(ran.status, 1);
    EXPECT_THAT(ran.err, HasSubstr(why));
  }
}

}  // namespace
}  // namespace stormdoor
