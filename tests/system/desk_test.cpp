// Sitting down and getting up, through the real daemon: pages over HTTPS as phones and people's own
// phones fetch them, and the shell.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <regex>

#include "tests/support/running_daemon.hpp"

namespace stormdoor {
namespace {

using test::RunningDaemon;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kFirst = "00:15:65:00:00:01";   // a Yealink at the lobby
constexpr const char* kSecond = "00:04:13:00:00:02";  // a Snom at the lab

class Desks : public testing::Test {
 protected:
  void SetUp() override {
    auto started = RunningDaemon::start(
        STORMDOOR_BIN_DIR, std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones",
        {.extra_config = "base_url = \"https://prov.example.com\"\n" + further_config});
    ASSERT_TRUE(started) << started.error().message();
    daemon_ = *std::move(started);
    done({"location", "add", "lobby", "--label", "Lobby", "--emergency-number", "+12025550123"});
    done({"location", "add", "lab", "--label", "Lab", "--emergency-number", "+12025550199"});
    for (const auto& [extension, name, pin] :
         {std::tuple{"2041", "Ada King", "4711"}, {"2042", "Alan Turing", "5813"}}) {
      done({"user", "add", extension, "--name", name, "--main-phone", "hot-desking", "--pin"},
           std::string(pin) + "\n");
    }
    done({"phone", "add", kFirst, "--vendor", "yealink", "--hot-desk", "--location", "lobby"});
    done({"phone", "add", kSecond, "--vendor", "snom", "--hot-desk", "--location", "lab"});
  }
  std::string done(std::vector<std::string> arguments, const std::string& input = {}) {
    const auto ran = daemon_->shell(std::move(arguments), input);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.out;
  }
  // The path of a desk's pages for people.
  std::string pages(const std::string& phone) {
    std::smatch found;
    const std::string told = done({"desk", "link", phone});
    EXPECT_TRUE(std::regex_search(told, found, std::regex("https://prov.example.com(/\\S+)")));
    return found[1];
  }
  std::string fetch(const std::string& path, const std::string& form = {}) {
    std::vector<std::string> command = {
        "curl", "-sk", fmt::format("https://{}{}", daemon_->listener("https").to_string(), path)};
    // As a file: what is on a command line can be read by others.
    if (!form.empty()) command.insert(command.end(), {"--data", "@-"});
    return test::run_program(command, form).out;
  }
  std::string log_in(const std::string& phone, const std::string& extension,
                     const std::string& pin) {
    const std::string path = pages(phone);
    std::smatch form;
    const std::string page = fetch(path + "login");
    if (!std::regex_search(page, form, std::regex("action=\"([^\"]+)\""))) return page;
    return fetch(form[1], fmt::format("ext={}&pin={}", extension, pin));
  }
  std::string sits_at(const std::string& phone) {
    const auto answer = daemon_->shell_json({"desk", "list"});
    for (const auto& desk : answer["data"])
      if (desk["phone"] == phone) return desk["extension"];
    return "no such desk";
  }

  std::string further_config;
  std::unique_ptr<RunningDaemon> daemon_;
};

TEST_F(Desks, Promise8PeopleSitDownMoveAndGetUp) {
  EXPECT_THAT(log_in(kFirst, "2041", "4711"), HasSubstr("Welcome, 2041 (Ada King)"));
  EXPECT_EQ(sits_at(kFirst), "2041");
  EXPECT_THAT(done({"phone", "show", kFirst, "--rendered"}), HasSubstr("LOGOUT"));
  EXPECT_THAT(log_in(kFirst, "2042", "5813"), HasSubstr("somebody else is logged in here"));

  EXPECT_THAT(log_in(kSecond, "2041", "4711"), HasSubstr("Welcome, 2041 (Ada King)"));
  EXPECT_EQ(sits_at(kFirst), "");
  EXPECT_EQ(sits_at(kSecond), "2041");
  EXPECT_THAT(done({"events"}), HasSubstr("was logged out at 00:15:65:00:00:01"));
  EXPECT_THAT(done({"emergency", "2041"}), HasSubstr("+12025550199"));

  EXPECT_THAT(fetch(pages(kSecond)), HasSubstr("Ada King (2041) is logged in"));
  std::smatch yes;
  const std::string question = fetch(pages(kSecond) + "logout");
  ASSERT_TRUE(std::regex_search(question, yes, std::regex("href=\"([^\"]+/logout/[^\"]+)\"")));
  EXPECT_THAT(fetch(yes[1]), HasSubstr("You are logged out"));
  EXPECT_EQ(sits_at(kSecond), "");
  EXPECT_THAT(done({"phone", "show", kSecond, "--rendered"}), Not(HasSubstr("Ada")));
}

TEST_F(Desks, Promise10WhoSitsWhereOutlivesARestart) {
  EXPECT_THAT(log_in(kFirst, "2041", "4711"), HasSubstr("Welcome"));
  ASSERT_EQ(kill(daemon_->server_pid(), SIGKILL), 0);
  ASSERT_TRUE(daemon_->wait_for_notification("READY=1"));
  EXPECT_EQ(sits_at(kFirst), "2041");
}

TEST_F(Desks, Promise5GuessingIsSlowedDownAndBlocksNobody) {
  std::string last;
  for (int pin = 0; pin < 6; ++pin) last = log_in(kFirst, "2041", fmt::format("000{}", pin));
  EXPECT_THAT(last, HasSubstr("Too many wrong PINs. Try again in"));
  EXPECT_THAT(log_in(kFirst, "2041", "4711"), HasSubstr("Too many wrong PINs")) << "not judged";
  EXPECT_EQ(sits_at(kFirst), "");
  EXPECT_THAT(log_in(kSecond, "2042", "5813"), HasSubstr("Welcome"))
      << "another phone, another user";
  EXPECT_THAT(daemon_->shell_json({"blocks"})["data"], testing::IsEmpty());
  EXPECT_THAT(done({"events"}), HasSubstr("a wrong PIN for 2041 at 00:15:65:00:00:01 (lobby)"));
}

// Somebody has the address that is printed beside one phone, and opens its form without end.
TEST_F(Desks, Promise12AFloodOfFormsAtOneDeskLeavesTheOthersTheirs) {
  const std::string mine = pages(kSecond);
  const std::string page = fetch(mine + "login");
  std::smatch form;
  ASSERT_TRUE(std::regex_search(page, form, std::regex("action=\"([^\"]+)\"")));
  const auto flood = test::run_program(
      {"curl", "-sk", "--interface", "127.0.0.2", "-o", "/dev/null", "-w", "%{http_code}\n",
       fmt::format("https://{}{}login?[1-2000]", daemon_->listener("https").to_string(),
                   pages(kFirst))});
  EXPECT_THAT(flood.out, HasSubstr("200"));
  EXPECT_THAT(fetch(form[1], "ext=2042&pin=5813"), HasSubstr("Welcome, 2042 (Alan Turing)"));
  EXPECT_EQ(sits_at(kSecond), "2042");
  EXPECT_THAT(log_in(kFirst, "2041", "4711"), HasSubstr("Welcome")) << "once it is over";
}

TEST_F(Desks, PinsAndKeysAreInNoLogAndNoEvent) {
  const std::string key = pages(kFirst).substr(16, 32);
  (void)log_in(kFirst, "2041", "4711");
  (void)log_in(kSecond, "4711", "2041");  // the PIN where the extension belongs
  for (const std::string& text : {daemon_->log(), done({"events"}), done({"status"})}) {
    EXPECT_THAT(text, Not(HasSubstr("4711")));
    EXPECT_THAT(text, Not(HasSubstr(key)));
  }
}

TEST_F(Desks, AnAdministratorLogsInAndOut) {
  EXPECT_THAT(done({"desk", "login", kFirst, "2041"}),
              HasSubstr("2041 (Ada King) is logged in at"));
  EXPECT_THAT(done({"desk", "login", kSecond, "2042"}), HasSubstr("2042 (Alan Turing)"));
  EXPECT_THAT(done({"desk", "list", "--location", "lab"}), Not(HasSubstr("Ada King")));
  EXPECT_THAT(done({"desk", "list", "turing"}), HasSubstr(kSecond));
  EXPECT_THAT(done({"desk", "logout", "2041"}), HasSubstr("is logged out at 00:15:65:00:00:01"));
  EXPECT_THAT(done({"desk", "list", "--location", "lobby"}), HasSubstr("not back"));
  EXPECT_THAT(done({"desk", "logout", "--location", "lab"}), HasSubstr("2042 (Alan Turing)"));
  EXPECT_THAT(done({"desk", "logout", "--all"}), HasSubstr("0 users are logged out"));
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"desk", "logout"},
                                                {"desk", "logout", "2041"},
                                                {"desk", "logout", "--location", "nowhere"},
                                                {"desk", "login", kFirst, "9999"},
                                                {"desk", "login", "00:15:65:00:00:99", "2041"},
                                                {"desk", "logout", "what"}})
    EXPECT_EQ(daemon_->shell(wrong).status, 1) << wrong.back();
}

// A PBX that asks: a star code logs in where there is no screen, and at call time it asks for the
// number of the desk.
class DeskApiOfTheDaemon : public Desks {
 protected:
  void SetUp() override {
    further_config = "\n[api]\ntoken_file = \"" + token_.file("token") + "\"\n";
    std::filesystem::permissions(token_.path(), std::filesystem::perms(0755));
    token_.write("token", std::string(40, 't') + "\n");
    std::filesystem::permissions(token_.file("token"), std::filesystem::perms(0600));
    Desks::SetUp();
  }
  std::string api(const std::string& path, const std::string& body = {}) {
    std::vector<std::string> command = {
        "curl", "-s", "-H", "Authorization: Bearer " + std::string(40, 't'),
        fmt::format("http://{}/api/v1/{}", daemon_->listener("status").to_string(), path)};
    if (!body.empty()) command.insert(command.end(), {"--data", "@-"});
    return test::run_program(command, body).out;
  }
  test::TempDir token_;
};

TEST_F(DeskApiOfTheDaemon, DialInLoginAndTheEmergencyNumberAtCallTime) {
  EXPECT_THAT(api("emergency?of=d001565000001"), HasSubstr("+12025550123"));
  EXPECT_THAT(api("desk-logins", R"({"phone":"d001565000001","extension":"2041","pin":"4712"})"),
              HasSubstr("\"done\":false"));
  EXPECT_THAT(api("desk-logins", R"({"phone":"d001565000001","extension":"2041","pin":"4711"})"),
              HasSubstr("Welcome, 2041"));
  EXPECT_EQ(sits_at(kFirst), "2041");
  EXPECT_THAT(api("emergency?of=2041"), HasSubstr("+12025550123"));
  EXPECT_THAT(api("desk-logouts", R"({"phone":"2041"})"), HasSubstr("You are logged out"));
  EXPECT_EQ(sits_at(kFirst), "");
  EXPECT_THAT(api("emergency?of=00%3A15%3A65%3A00%3A00%3A01"), HasSubstr("+12025550123"));
  EXPECT_EQ(api("emergency-number?of=d001565000001"), "+12025550123\n");
  EXPECT_THAT(api("emergency-number?of=nobody"), HasSubstr("neither a MAC address"));
  EXPECT_THAT(api("emergency?of=nobody"), HasSubstr("neither a MAC address nor an extension"));
  EXPECT_THAT(api("desk-logins", R"({"phone":7,"pin":"4711","more":1})"),
              testing::AllOf(HasSubstr("/phone"), HasSubstr("/extension"), HasSubstr("/more"),
                             Not(HasSubstr("4711"))));
  EXPECT_THAT(api("desk-logins", "4711"), HasSubstr("expected a JSON object"));
  EXPECT_THAT(api("desk-logouts"), HasSubstr("Only POST"));
}

TEST_F(Desks, Promise9APhoneThatAsksFromElsewhereIsTold) {
  done({"location", "set", "lobby", "--network", "10.20.0.0/16"});
  done({"phone", "set", kFirst, "--approve"});
  const auto file = test::run_program(
      {"curl", "-sk",
       fmt::format("https://{}/001565000001.cfg", daemon_->listener("https").to_string())});
  EXPECT_THAT(file.out, HasSubstr("Lobby"));
  EXPECT_THAT(done({"desk", "misplaced"}), HasSubstr(kFirst));
  EXPECT_THAT(done({"events"}), HasSubstr("which is no network of its location lobby"));
  EXPECT_THAT(done({"emergency", kFirst}), HasSubstr("it was last seen at 127.0.0.1"));
  done({"desk", "misplaced", "--acknowledge", kFirst});
  EXPECT_THAT(done({"desk", "misplaced"}), Not(HasSubstr(kFirst)));
  EXPECT_EQ(daemon_->shell({"desk", "misplaced", "--acknowledge", kSecond}).status, 1);
}

TEST_F(Desks, Promise9TheLogAnswersWhoSatWhereAndWhichNumberWasInForce) {
  done({"desk", "login", kFirst, "2041"});
  const auto at_first = daemon_->shell_json({"desk", "log", "--about", "2041"})["data"];
  ASSERT_EQ(at_first.size(), 1U);
  EXPECT_EQ(at_first[0]["number"], "+12025550123");
  done({"desk", "login", kSecond, "2041"});
  const auto rows = daemon_->shell_json({"desk", "log", "--about", "lab"})["data"];
  EXPECT_EQ(rows.back()["extension"], "2041");
  EXPECT_EQ(rows.back()["number"], "+12025550199");
  EXPECT_THAT(done({"desk", "log", "--csv"}),
              HasSubstr("\"00:04:13:00:00:02\",\"2041\",\"lab\",\"+12025550199\",\"\"\r\n"));
  EXPECT_THAT(done({"desk", "log", "--at", "2020-01-01"}), HasSubstr("Nothing was logged"));
}

}  // namespace
}  // namespace stormdoor
