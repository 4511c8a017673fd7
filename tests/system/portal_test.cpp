// The portal's API through the real daemon: signing in, roles, changes and their record.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "portal/route.hpp"
#include "tests/support/portal_client.hpp"
#include "tests/support/running_daemon.hpp"

namespace stormdoor {
namespace {

using nlohmann::json;
using portal::Kind;
using portal::Route;
using test::PortalClient;
using test::RunningDaemon;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPassword = "a few words are enough";
constexpr const char* kFirst = "00:15:65:00:00:01";   // a Yealink
constexpr const char* kSecond = "00:04:13:00:00:02";  // a Snom

class Portal : public testing::Test {
 protected:
  void SetUp() override {
    auto started = RunningDaemon::start(
        STORMDOOR_BIN_DIR, std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones",
        {.extra_config =
             "base_url = \"https://prov.example.com\"\n[portal]\nlisten = [\"127.0.0.1:0\"]\n"});
    ASSERT_TRUE(started) << started.error().message();
    daemon_ = *std::move(started);
    for (const auto& [name, role] :
         {std::pair{"ada", "administrator"}, {"hal", "helpdesk"}, {"vic", "viewer"}})
      done({"admin", "add", name, "--role", role, "--password"}, std::string(kPassword) + "\n");
    portal_ = daemon_->listener("portal");
  }
  std::string done(const std::vector<std::string>& arguments, const std::string& input = {}) {
    const auto ran = daemon_->shell(arguments, input);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.out;
  }
  PortalClient signed_in(const std::string& name) const {
    PortalClient client(portal_);
    EXPECT_EQ(client.sign_in(name, kPassword).status, 200);
    return client;
  }
  static void good(const PortalClient::Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.head << answer.text;
  }
  // An office of one location, two users and two phones, made over the API.
  static void furnish(PortalClient& ada) {
    good(ada.send("POST", "/locations",
                  {{"name", "hq"},
                   {"label", "Head office"},
                   {"emergency_number", "+12025550123"},
                   {"street", "Main Street"},
                   {"networks", {"10.20.0.0/16"}}}));
    good(ada.send("POST", "/users", {{"extension", "2041"}, {"name", "Ada King"}}));
    good(ada.send("POST", "/users",
                  {{"extension", "2042"},
                   {"name", "Alan Turing"},
                   {"main_phone", "hot-desking"},
                   {"pin", "4711"}}));
    good(ada.send(
        "POST", "/phones",
        {{"phones",
          {{{"mac", kFirst}, {"vendor", "yealink"}, {"location", "hq"}, {"extension", "2041"}},
           {{"mac", kSecond}, {"vendor", "snom"}, {"location", "hq"}, {"hot_desk", true}}}}}));
  }

  std::unique_ptr<RunningDaemon> daemon_;
  Endpoint portal_;
};

TEST_F(Portal, AnAdministratorFurnishesAnOffice) {
  auto ada = signed_in("ada");
  furnish(ada);
  const auto phones = ada.get("/phones?search=king");
  good(phones);
  ASSERT_EQ(phones.body["total"], 1) << phones.text;
  EXPECT_EQ(phones.body["items"][0]["mac"], kFirst);
  EXPECT_EQ(phones.body["items"][0]["assigned_to"], "2041 (Ada King)");
  // The shell sees the same.
  EXPECT_EQ(daemon_->shell_json({"phone", "list", "--search", "king"})["data"],
            phones.body["items"]);
  good(ada.send("DELETE", fmt::format("/phones/{}/assignment", kFirst)));
  good(ada.send("PUT", fmt::format("/phones/{}/assignment", kFirst),
                {{"extension", "2042"}, {"additional", true}}));
  EXPECT_EQ(ada.get(fmt::format("/phones/{}", kFirst)).body["assigned_to"],
            "2042 (Alan Turing), additional phone 1");
  good(ada.send("POST", fmt::format("/desks/{}/login", kSecond), {{"extension", "2042"}}));
  EXPECT_EQ(ada.get("/desks").body["items"][0]["user"], "Alan Turing");
  good(ada.send("POST", "/desks/logout", {{"what", "2042"}}));
  const auto csv = ada.get("/desk-log", {"Accept: text/csv"});
  EXPECT_EQ(csv.header("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_THAT(csv.text, HasSubstr("2042,hq,+12025550123"));
  const auto imported = ada.send_text("POST", "/imports/users", "extension,name\n2050,Grace\n",
                                      {"Content-Type: text/csv"});
  good(imported);
  EXPECT_THAT(imported.body["message"].get<std::string>(), HasSubstr("1 row added"));
}

TEST_F(Portal, AMainExtensionWithoutAPhoneIsNotAssignedHereAndInTheShell) {
  auto ada = signed_in("ada");
  furnish(ada);
  const auto shown = [&](const std::string& extension) {
    const auto users = ada.get("/users?search=" + extension);
    EXPECT_EQ(daemon_->shell_json({"user", "list", "--search", extension})["data"],
              users.body["items"]);
    return users.body["items"][0]["main_extension"].get<std::string>();
  };
  EXPECT_EQ(shown("2041"), kFirst);
  EXPECT_THAT(daemon_->shell({"user", "list"}).out, HasSubstr(kFirst));
  good(ada.send("DELETE", fmt::format("/phones/{}/assignment", kFirst)));
  EXPECT_EQ(shown("2041"), "Not Assigned");
  EXPECT_THAT(daemon_->shell({"user", "list", "--search", "2041"}).out, HasSubstr("Not Assigned"));
  good(ada.send("PATCH", "/users/2041", {{"main_phone", "hot-desking"}}));
  EXPECT_EQ(shown("2041"), "Hot Desking");
}

TEST_F(Portal, ADesksAddressIsForWhoeverMayHelpPeople) {
  auto ada = signed_in("ada");
  furnish(ada);
  const auto link = signed_in("hal").get(fmt::format("/desks/{}/link", kSecond));
  good(link);
  EXPECT_THAT(link.body["url"].get<std::string>(),
              testing::MatchesRegex("https://prov.example.com/d/000413000002/[0-9a-f]{32}/m/"));
  EXPECT_THAT(link.body["svg"].get<std::string>(), testing::StartsWith("<svg "));
  EXPECT_EQ(signed_in("vic").get(fmt::format("/desks/{}/link", kSecond)).status, 403);
  EXPECT_EQ(ada.get(fmt::format("/desks/{}/link", kFirst)).status, 409) << "no hot desk";
}

TEST_F(Portal, EveryMistakeOfManyRowsIsNamedAndNothingIsDone) {
  auto ada = signed_in("ada");
  furnish(ada);
  const auto refused =
      ada.send("POST", "/phones",
               {{"phones",
                 {{{"mac", "00:15:65:00:00:11"}, {"vendor", "yealink"}},
                  {{"mac", kFirst}},
                  {{"mac", "00:15:65:00:00:12"}, {"location", "nowhere"}, {"hot_desk", true}}}}});
  EXPECT_EQ(refused.status, 400) << refused.text;
  std::vector<std::pair<int, std::string>> found;
  for (const auto& error : refused.body["errors"])
    found.emplace_back(error["row"].get<int>(), error["field"].get<std::string>());
  EXPECT_THAT(found, testing::ElementsAre(std::pair(2, "mac"), std::pair(3, "location")));
  EXPECT_EQ(ada.get("/phones").body["total"], 2);
  const auto csv =
      ada.send_text("POST", "/imports/phones", "mac,location\nxx,hq\n", {"Content-Type: text/csv"});
  EXPECT_EQ(csv.status, 400);
  EXPECT_EQ(csv.body["errors"][0]["field"], "mac") << csv.text;
}

TEST_F(Portal, TwoAdministratorsDoNotOverwriteEachOther) {
  auto ada = signed_in("ada");
  auto other = signed_in("ada");
  furnish(ada);
  const std::string path = "/locations/hq";
  const std::string tag = ada.get(path).header("ETag");
  EXPECT_EQ(other.get(path).header("ETag"), tag);
  EXPECT_EQ(ada.get(path, {"If-None-Match: " + tag}).status, 304);
  good(ada.send("PATCH", path, {{"label", "Ada's"}}, {"If-Match: " + tag}));
  const auto refused = other.send("PATCH", path, {{"label", "Other"}}, {"If-Match: " + tag});
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(other.get(path).body["label"], "Ada's");
  good(other.send("PATCH", path, {{"label", "Other"}},
                  {"If-Match: " + other.get(path).header("ETag")}));
}

TEST_F(Portal, RolesMayWhatTheyMay) {
  auto ada = signed_in("ada");
  furnish(ada);
  auto hal = signed_in("hal");
  auto vic = signed_in("vic");
  EXPECT_EQ(vic.get("/phones").status, 200);
  EXPECT_EQ(vic.get("/audit").status, 403);
  EXPECT_EQ(hal.get("/audit").status, 200);
  EXPECT_EQ(hal.send("DELETE", fmt::format("/phones/{}", kFirst)).status, 403);
  const auto refused = vic.send("POST", fmt::format("/phones/{}/reboot", kFirst));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body["detail"],
            "Only helpdesk or an administrator may do that; you are signed in as viewer.");
  good(hal.send("POST", fmt::format("/phones/{}/reboot", kFirst)));
  good(hal.send("POST", "/conversions", {{"macs", {kFirst}}, {"location", "hq"}}));
  EXPECT_EQ(hal.get("/conversions/1").body["phones"], 1);
  done({"admin", "set", "hal", "--role", "viewer"});
  EXPECT_EQ(hal.send("POST", fmt::format("/phones/{}/reboot", kFirst)).status, 403);
  done({"admin", "remove", "vic"});
  EXPECT_EQ(vic.get("/phones").status, 401);
  EXPECT_EQ(ada.send("DELETE", "/administrators/ada").status, 409);
}

TEST_F(Portal, EveryChangeIsInTheAuditLog) {
  auto ada = signed_in("ada");
  furnish(ada);
  good(ada.send("PATCH", "/users/2042", {{"pin", "5813"}, {"name", "Alan"}}));
  done({"location", "set", "hq", "--floor", "3"});
  auto hal = signed_in("hal");
  good(hal.send("POST", fmt::format("/phones/{}/reboot", kFirst)));
  const auto page = hal.get("/audit?limit=3");
  good(page);
  ASSERT_EQ(page.body["items"].size(), 3U);
  const json& reboot = page.body["items"][0];
  EXPECT_EQ(reboot["who"], "hal");
  EXPECT_EQ(reboot["role"], "helpdesk");
  EXPECT_EQ(reboot["action"], "phone.reboot");
  EXPECT_EQ(reboot["about"], fmt::format("phone {}", kFirst));
  EXPECT_EQ(page.body["items"][1]["action"], "portal.sign-in");
  const json& by_shell = page.body["items"][2];
  EXPECT_EQ(by_shell["role"], "shell");
  EXPECT_EQ(by_shell["before"], json::parse(R"({"floor":""})"));
  EXPECT_EQ(by_shell["after"], json::parse(R"({"floor":"3"})"));
  const auto next = hal.get(fmt::format("/audit?limit=1&after={}", page.body["next"].dump()));
  const json& user = next.body["items"][0];
  EXPECT_EQ(user["about"], "user 2042");
  EXPECT_EQ(user["before"], json::parse(R"({"name":"Alan Turing","pin":"set"})"));
  EXPECT_EQ(user["after"], json::parse(R"({"name":"Alan","pin":"set anew"})"));
  EXPECT_THAT(done({"audit", "--search", kFirst}), HasSubstr("phone.add"));
  const std::string all = hal.get("/audit?limit=1000").text + daemon_->log();
  for (const char* secret : {"5813", "4711", kPassword, "scrypt"})
    EXPECT_THAT(all, Not(HasSubstr(secret)));
}

TEST_F(Portal, WrongPasswordsBlockAndTheShellLetsInAgain) {
  PortalClient stranger(portal_);
  int status = 401;
  int guesses = 0;
  for (; status == 401 && guesses < 100; ++guesses)
    status = stranger.sign_in("ada", fmt::format("guess number {}", guesses)).status;
  EXPECT_EQ(status, 403);
  EXPECT_GT(guesses, 3);
  const auto refused = stranger.sign_in("ada", kPassword);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body["detail"].get<std::string>(), HasSubstr("stormdoor why"));
  EXPECT_THAT(done({"blocks"}), HasSubstr("portal"));
  done({"blocks", "remove", "127.0.0.1"});
  EXPECT_EQ(stranger.sign_in("ada", kPassword).status, 200);
}

TEST_F(Portal, ProgramsComeWithATokenUntilItIsRemoved) {
  const auto made = daemon_->shell_json(
      {"admin", "token", "add", "nightly export", "--role", "viewer", "--expires", "90d"});
  ASSERT_EQ(made["outcome"], "done") << made;
  PortalClient program(portal_);
  program.use_token(made["data"]["token"]);
  EXPECT_EQ(program.get("/phones").status, 200);
  EXPECT_EQ(program.send("DELETE", "/users/2041").status, 403);
  EXPECT_THAT(done({"admin", "token", "list"}), HasSubstr("nightly export"));
  done({"admin", "token", "remove", made["data"]["id"].get<std::string>()});
  EXPECT_EQ(program.get("/phones").status, 401);
}

TEST_F(Portal, APasswordThatWasMadeIsShownOnce) {
  const auto made = daemon_->shell_json({"admin", "add", "eve", "--role", "viewer"});
  const std::string password = made["data"]["password"];
  EXPECT_GE(password.size(), 16U);
  PortalClient eve(portal_);
  EXPECT_EQ(eve.sign_in("eve", password).status, 200);
  good(eve.send("PUT", "/administrators/eve/password", {{"password", kPassword}}));
  EXPECT_EQ(eve.get("/session").status, 200);
  EXPECT_EQ(PortalClient(portal_).sign_in("eve", kPassword).status, 200);
  EXPECT_THAT(daemon_->log() + done({"audit"}), Not(HasSubstr(password)));
  const auto refused = daemon_->shell({"admin", "add", "Eve!", "--role", "viewer"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("is no name to sign in with"));
  EXPECT_EQ(daemon_->shell({"admin", "add", "bob", "--role", "root"}).status, 1);
}

TEST_F(Portal, AdministratorsAndSessionsOutliveOrEndWithTheDaemon) {
  auto ada = signed_in("ada");
  daemon_->process().signal(SIGTERM);
  daemon_->process().wait();
  ASSERT_TRUE(daemon_->start_again());
  portal_ = daemon_->listener("portal");
  PortalClient again(portal_);
  EXPECT_EQ(again.get("/session").status, 401);
  EXPECT_EQ(again.sign_in("ada", kPassword).status, 200);
}

std::string sample_path(const Route& route) {
  std::string path(route.path);
  for (const auto& [name, value] : {std::pair{"{mac}", kFirst},
                                    {"{name}", "hq"},
                                    {"{extension}", "2041"},
                                    {"{number}", "1"},
                                    {"{id}", "none"}})
    if (const auto at = path.find(name); at != std::string::npos)
      path.replace(at, std::string_view(name).size(), value);
  if (route.path == "/why") path += "?about=127.0.0.1";
  if (route.path == "/excused") path += "?address=127.0.0.1";
  if (route.path == "/emergency") path += std::string("?of=") + kFirst;
  return path;
}

// Each field that is answered is declared, and what is declared as always there is.
void fits(const Route& route, const json& object) {
  ASSERT_TRUE(object.is_object()) << route.id;
  std::set<std::string> declared;
  for (const auto& column : route.columns) {
    declared.emplace(column.name);
    if (column.always) {
      EXPECT_TRUE(object.contains(std::string(column.name))) << route.id << ": " << column.name;
    }
    const auto value = object.find(column.name);
    if (value == object.end() || value->is_null()) continue;
    using portal::Type;
    const bool right =
        column.type == Type::Any || (column.type == Type::Text && value->is_string()) ||
        (column.type == Type::Number && value->is_number_integer()) ||
        (column.type == Type::Flag && value->is_boolean()) ||
        (column.type == Type::Pairs && value->is_object()) ||
        ((column.type == Type::Texts || column.type == Type::Objects) && value->is_array());
    EXPECT_TRUE(right) << route.id << ": " << column.name << " is " << value->dump();
  }
  for (const auto& [key, value] : object.items())
    EXPECT_TRUE(declared.contains(key)) << route.id << " answers " << key << ", undeclared";
}

TEST_F(Portal, AnswersAreWhatTheDocumentSays) {
  auto ada = signed_in("ada");
  furnish(ada);
  good(ada.send("POST", "/conversions", {{"macs", {kFirst}}, {"location", "hq"}}));
  good(ada.send("POST", "/blocks", {{"source", "198.51.100.7"}, {"for", "1h"}}));
  good(ada.send("POST", "/tokens", {{"label", "export"}, {"role", "viewer"}}));
  for (const Route& route : portal::routes()) {
    if (route.method != "GET" || route.kind == Kind::File || route.id == "streamEvents" ||
        route.id == "getOpenApi")
      continue;
    const auto answer = ada.get(sample_path(route));
    ASSERT_EQ(answer.status, 200) << route.id << answer.text;
    if (route.kind == Kind::Lines) {
      EXPECT_TRUE(answer.body["lines"].is_array()) << route.id;
    } else if (route.kind == Kind::List || route.kind == Kind::Page || route.kind == Kind::Rows) {
      ASSERT_TRUE(answer.body["items"].is_array()) << route.id;
      EXPECT_TRUE(answer.body["total"].is_number()) << route.id;
      EXPECT_TRUE(answer.body.contains("next")) << route.id;
      for (const auto& row : answer.body["items"]) fits(route, row);
    } else {
      fits(route, answer.body);
    }
  }
  EXPECT_EQ(
      ada.send("POST", "/acl/check", {{"toml", "[[limit]]\nservice = \"sip\"\n"}}).body["valid"],
      true);
  const auto wrong = ada.send("POST", "/acl/check", {{"toml", "[[limit]]\nservice = \"sup\"\n"}});
  EXPECT_EQ(wrong.body["errors"][0]["line"], 2) << wrong.text;
  EXPECT_THAT(wrong.body["errors"][0]["key"].get<std::string>(), HasSubstr("service"));
  const auto replayed = ada.send("POST", "/acl/replay", {{"toml", ""}});
  good(replayed);
  EXPECT_TRUE(replayed.body.contains("appeared")) << replayed.text;
}

TEST_F(Portal, WhoWouldLockHimselfOutIsAskedFirst) {
  auto ada = signed_in("ada");
  const json everything = {{"source", "127.0.0.0/8"}, {"reason", "test"}};
  const auto asked = ada.send("POST", "/blocks", everything);
  EXPECT_EQ(asked.status, 409) << asked.text;
  EXPECT_THAT(asked.text, HasSubstr("127.0.0.1 is where you ask from"));
  EXPECT_EQ(ada.get("/blocks").body["total"], 0);
  good(ada.send("POST", "/blocks", {{"source", "127.0.0.1"}, {"service", "sip"}}));
  good(ada.send("POST", "/blocks", {{"source", "198.51.100.0/24"}}));
  auto meant = everything;
  meant["even_me"] = true;
  good(ada.send("POST", "/blocks", meant));
  EXPECT_EQ(ada.get("/blocks").status, 403);
  done({"blocks", "remove", "127.0.0.0/8"});
  good(ada.get("/blocks"));
}

TEST_F(Portal, ManyPhonesAreRemovedAllOrNoneAndToldToRestart) {
  auto ada = signed_in("ada");
  furnish(ada);
  const auto refused = ada.send("POST", "/phone-removals", {{"macs", {kSecond, kFirst}}});
  EXPECT_EQ(refused.status, 409) << refused.text;
  EXPECT_THAT(refused.text, HasSubstr(kFirst));
  EXPECT_EQ(ada.get("/phones").body["total"], 2);
  const auto told = ada.send("POST", "/phone-restarts", {{"macs", {kFirst, kSecond}}});
  good(told);
  ASSERT_EQ(told.body["items"].size(), 2U) << told.text;
  EXPECT_EQ(told.body["items"][0]["mac"], kFirst);
  good(ada.send("DELETE", fmt::format("/phones/{}/assignment", kFirst)));
  good(ada.send("POST", "/phone-removals", {{"macs", {kSecond, kFirst}}}));
  EXPECT_EQ(ada.get("/phones").body["total"], 0);
}

TEST_F(Portal, EventsOfATimeAndAboutSomebodyAreTheLatestAsWell) {
  auto ada = signed_in("ada");
  furnish(ada);
  good(ada.send("POST", fmt::format("/desks/{}/login", kSecond), {{"extension", "2042"}}));
  const auto kinds = [&](const std::string& query) {
    std::set<std::string> all;
    const auto answer = ada.get("/events" + query);
    for (const auto& row : answer.body["items"]) all.insert(row["kind"]);
    return all;
  };
  EXPECT_TRUE(kinds("?since=1h").contains("change"));
  EXPECT_TRUE(kinds("?since=1h").contains("desk-login"));
  EXPECT_TRUE(kinds(fmt::format("?about={}", kSecond)).contains("desk-login"));
  EXPECT_FALSE(kinds(fmt::format("?about={}", kFirst)).contains("desk-login"));
}

TEST_F(Portal, ABackupIsACopyOfTheDatabase) {
  auto ada = signed_in("ada");
  furnish(ada);
  const std::string file = daemon_->directory().file("backup.db");
  auto words = ada.curl("/backup");
  words.insert(words.end(), {"-o", file});
  ASSERT_EQ(test::ChildProcess(words, {}, "/dev/null").wait(), 0);
  const auto rows = test::run_program({"sqlite3", file, "SELECT name FROM location"});
  EXPECT_EQ(rows.out, "hq\n") << rows.err;
  EXPECT_EQ(signed_in("vic").get("/backup").status, 403);
  EXPECT_THAT(ada.get("/audit?search=backup").text, HasSubstr("the database"));
}

TEST_F(Portal, TheConfigurationIsReadAgain) {
  auto ada = signed_in("ada");
  const auto reloaded = ada.send("POST", "/reload", {});
  good(reloaded);
  EXPECT_EQ(reloaded.body["changed"], json::array({"nothing differs"})) << reloaded.text;
  EXPECT_EQ(signed_in("hal").send("POST", "/reload", {}).status, 403);
}

TEST_F(Portal, TheDocumentAndTheDaemonKnowTheSameOperations) {
  auto ada = signed_in("ada");
  const auto document = ada.get("/openapi.json");
  good(document);
  size_t operations = 0;
  for (const auto& [path, methods] : document.body["paths"].items()) {
    const auto plain = std::regex_replace(path, std::regex("\\{number\\}"), "999999");
    const auto filled = std::regex_replace(plain, std::regex("\\{[a-z]+\\}"), "unknown");
    for (const std::string method : {"get", "post", "put", "patch", "delete"}) {
      if (path == "/session" || path == "/events/stream") continue;
      std::string upper = method;
      for (char& c : upper) c = char(c - 'a' + 'A');
      const auto answer = ada.send(upper, filled);
      ASSERT_NE(answer.status, 0) << method << " " << path;
      ASSERT_NE(answer.status, 500) << method << " " << path << answer.text;
      EXPECT_EQ(answer.status == 405, !methods.contains(method)) << method << " " << path;
      // A thing may be unknown; an operation is not.
      EXPECT_THAT(answer.text, Not(HasSubstr("There is no such thing"))) << method << " " << path;
      EXPECT_THAT(answer.text, Not(HasSubstr("knows no command"))) << method << " " << path;
    }
    operations += methods.size();
  }
  EXPECT_EQ(operations, portal::routes().size());
}

TEST_F(Portal, EventsArriveAsTheyHappen) {
  auto ada = signed_in("ada");
  auto words = ada.curl("/events/stream");
  const std::string file = daemon_->directory().file("stream");
  words.insert(words.end(), {"-o", file});
  test::ChildProcess follower(words, {}, "/dev/null");
  const auto contents = [&] {
    std::ifstream in(file);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  };
  const auto wait_for = [&](const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (contents().find(text) == std::string::npos) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      poll(nullptr, 0, 20);
    }
    return true;
  };
  ASSERT_TRUE(wait_for("retry:"));
  good(ada.send("POST", "/locations", {{"name", "hq"}, {"emergency_number", "+12025550123"}}));
  EXPECT_TRUE(wait_for("Location hq added.")) << contents();
  EXPECT_THAT(contents(), HasSubstr("\"by\":\"ada\""));
}

TEST_F(Portal, TheOverviewSaysWhatNeedsAttention) {
  auto ada = signed_in("ada");
  furnish(ada);
  const auto overview = ada.get("/overview");
  good(overview);
  EXPECT_EQ(overview.body["phones"]["total"], 2) << overview.text;
  EXPECT_EQ(overview.body["phones"]["hot_desk"], 1);
  EXPECT_EQ(overview.body["blocks"], 0);
  std::vector<std::string> names;
  for (const auto& series : overview.body["series"]) names.push_back(series["name"]);
  EXPECT_THAT(names, testing::ElementsAre("tftp_requests", "http_requests", "tftp_bytes",
                                          "http_bytes", "phones_booting", "failures", "blocks"));
}

}  // namespace
}  // namespace stormdoor
