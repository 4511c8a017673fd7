#include "tftp-http/desk_pages.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <regex>
#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/tftp-http/http_fixture.hpp"
#include "tests/tftp-http/sample_office.hpp"
#include "tests/tftp-http/screen_check.hpp"

namespace stormdoor::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// One hot-desk phone per format, each with nobody, or Ann, logged in.
struct Desk {
  std::string_view vendor, mac;
};
constexpr Desk kDesks[] = {{"yealink", "001565000001"}, {"cisco", "001565000002"},
                           {"aastra", "001565000003"},  {"snom", "001565000004"},
                           {"polycom", "001565000005"}, {"sangoma", "001565000006"}};

class DeskPagesTest : public testing::Test {
 protected:
  void start(bool somebody = false, bool over_http = true) {
    server_.reset();
    store::Contents contents;
    contents.locations = {sample::lobby()};
    contents.users = {sample::ann()};
    for (const auto& desk : kDesks) {
      contents.phones.push_back(sample::phone(desk.mac, desk.vendor, ""));
      contents.phones.back().role = store::PhoneRole::HotDesk;
    }
    contents.phones.push_back(sample::phone("0015650000ff", "yealink", ""));  // a desk phone
    std::ranges::sort(contents.phones, {}, &store::PhoneRecord::mac);
    if (somebody) contents.desk_sessions = {{sample::mac(at_.mac), "2041", WallTime(1h)}};
    auto config = sample::config();
    config.allow_secrets_over_http = over_http;
    pages_ = std::make_unique<DeskPages>(
        hotdesk::Registry::from(contents), sample::profiles(config),
        DeskPages::Parts{
            .guard = guard_,
            .forms = forms_,
            .decide =
                [this](DeskAsk ask, const std::function<void(const DeskAnswer&)>& answer) {
                  asked_.push_back(fmt::format(
                      "{} {} \"{}\" \"{}\"", ask.what == DeskAsk::What::LogIn ? "in" : "out",
                      ask.phone.lower_hex(), ask.extension, ask.pin.reveal()));
                  answer(answer_);
                },
            .on_verdict = [this](const acl::Failure& failure,
                                 const acl::Verdict&) { failures_.push_back(failure); }});
    HttpConfig http;
    http.request.body_bytes = 1024;
    server_ = std::make_unique<RunningServer>(*pages_, http);
    address_ = server_->listen();
    server_->run();
  }
  void TearDown() override { server_.reset(); }

  [[nodiscard]] std::string path(std::string_view page = "") const {
    const MacAddress mac = sample::mac(at_.mac);
    return fmt::format("/d/{}/{}/{}", at_.mac, desk_key(mac, Secret("tok-" + mac.lower_hex())),
                       page);
  }
  std::string exchange(const std::string& request, const char* from = "127.0.0.1") {
    RawClient client(address_, from);
    EXPECT_TRUE(client.send(request));
    client.end();
    return client.read_all();
  }
  // Whatever comes as a screen is one that the phone, or a person's browser, can show.
  std::string fetch(const std::string& target) {
    const std::string response = exchange(get(target));
    const std::string page = body(response);
    const auto phones = sample::profiles()->find(at_.vendor)->screens;
    if (page.starts_with("<") || page.starts_with("{")) {
      EXPECT_EQ(screen_problem(page.starts_with("<!DOCTYPE") ? ScreenFormat::Html : phones, page),
                "")
          << at_.vendor << ": " << page;
    }
    return response;
  }
  static std::string body(const std::string& response) {
    const size_t end = response.find("\r\n\r\n");
    return end == std::string::npos ? std::string() : response.substr(end + 4);
  }
  // The id of the form on a page.
  static std::string form_on(const std::string& page) {
    std::smatch found;
    return std::regex_search(page, found, std::regex("log(in|out)/([0-9a-f]{24})")) ? found[2].str()
                                                                                    : std::string();
  }
  std::string login_form() { return form_on(fetch(path("login"))); }

  Desk at_ = kDesks[0];
  acl::Guard guard_{acl::RuleSet::from({}), {}};
  DeskForms forms_;
  std::vector<std::string> asked_;
  std::vector<acl::Failure> failures_;
  DeskAnswer answer_{true, "Welcome, 2041 (Ann Example). This phone restarts now."};
  std::unique_ptr<DeskPages> pages_;
  std::unique_ptr<RunningServer> server_;
  Endpoint address_;
};

// Every screen of every kind of browser, kept beside the configurations.
TEST_F(DeskPagesTest, ScreensAreAsTheyWereReviewed) {
  namespace fs = std::filesystem;
  const auto golden = [&](std::string_view name, const std::string& response) {
    const std::string page = std::regex_replace(
        body(response),
        std::regex("/d/([0-9a-f]{12})/[0-9a-f]{32}/(m/)?(log(in|out)/)[0-9a-f]{24}"),
        "/d/$1/KEY/$2$3FORM");
    const std::string text =
        std::regex_replace(page, std::regex("/d/([0-9a-f]{12})/[0-9a-f]{32}/"), "/d/$1/KEY/");
    const bool is_html = text.starts_with("<!DOCTYPE");
    const bool is_json = text.starts_with("{");
    const fs::path file = fs::path(STORMDOOR_SOURCE_DIR) / "tests/tftp-http/golden" / at_.vendor /
                          fmt::format("desk.{}.{}", name,
                                      is_html   ? "html"
                                      : is_json ? "json"
                                                : "xml");
    if (std::getenv("STORMDOOR_UPDATE_GOLDEN")) {  // NOLINT(concurrency-mt-unsafe)
      std::ofstream(file, std::ios::binary) << text;
      return;
    }
    std::ifstream in(file, std::ios::binary);
    ASSERT_TRUE(in) << file << " is missing; run with STORMDOOR_UPDATE_GOLDEN=1 and read it";
    std::stringstream expected;
    expected << in.rdbuf();
    EXPECT_EQ(text, expected.str()) << file;
  };
  for (const auto& desk : kDesks) {
    at_ = desk;
    start();
    golden("idle", fetch(path()));
    golden("login", fetch(path("login")));
    if (desk.vendor == "snom") golden("pin", fetch(path("login/" + login_form()) + "?ext=2041"));
    answer_ = {false, "This extension and this PIN do not belong together."};
    golden("wrong", fetch(path("login/" + login_form()) + "?ext=2041&pin=1"));
    answer_ = {true, "Welcome, 2041 (Ann Example). This phone restarts now."};
    golden("welcome", fetch(path("login/" + login_form()) + "?ext=2041&pin=4711"));
    start(true);
    golden("session", fetch(path()));
    golden("logout", fetch(path("logout")));
  }
}

// A phone that got a number instead of its objects would show that number.
TEST_F(DeskPagesTest, Promise6EveryRefusalIsAScreenOfThePhone) {
  for (const auto& desk : kDesks) {
    at_ = desk;
    const ScreenFormat format = sample::profiles()->find(desk.vendor)->screens;
    const char* const begins = format == ScreenFormat::Html     ? "<!DOCTYPE"
                               : format == ScreenFormat::Digium ? "{"
                                                                : "<?xml";
    const auto is_screen = [&](const std::string& response, const char* says) {
      EXPECT_THAT(response, HasSubstr("HTTP/1.1 200 ")) << desk.vendor;
      EXPECT_THAT(body(response), testing::StartsWith(begins));
      EXPECT_THAT(response, HasSubstr(says)) << desk.vendor;
    };
    start();
    is_screen(fetch(path("logout")), "Nobody is logged in");
    is_screen(fetch(path("login/" + login_form()) + "?pin=1"), "Both are needed");
    const std::string used = login_form();
    (void)fetch(path("login/" + used) + "?ext=2041&pin=1");
    is_screen(fetch(path("login/" + used) + "?ext=2041&pin=1"), "was used already");
    start(false, false);
    is_screen(fetch(path("login")), "PINs are taken over https:// only");
  }
}

TEST_F(DeskPagesTest, WhatWasTypedIsDecidedOnce) {
  start();
  const std::string id = login_form();
  EXPECT_THAT(fetch(path("login/" + id) + "?ext=2041&pin=47%311"), HasSubstr("Command: Reset"));
  EXPECT_EQ(asked_, std::vector<std::string>{"in 001565000001 \"2041\" \"4711\""});
  EXPECT_THAT(fetch(path("login/" + id) + "?ext=2041&pin=4711"), HasSubstr("was used already"));
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(DeskPagesTest, APhoneHasOneFormAtATime) {
  start();
  const std::string older = login_form();
  const std::string newer = login_form();
  EXPECT_THAT(fetch(path("login/" + older) + "?ext=1&pin=2"), HasSubstr("was used already"));
  EXPECT_THAT(fetch(path("login/" + newer) + "?ext=1&pin=2"), HasSubstr("Command: Reset"));
}

TEST_F(DeskPagesTest, ASnomPhoneIsAskedForOneThingAtATime) {
  at_ = kDesks[3];
  start();
  const std::string id = login_form();
  const std::string second = fetch(path("login/" + id) + "?ext=2041");
  EXPECT_THAT(second, HasSubstr("/login/" + id + "/2041</URL>"));
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_THAT(fetch(path("login/" + id + "/2041") + "?pin=4711"), HasSubstr("Welcome"));
  EXPECT_EQ(asked_, std::vector<std::string>{"in 001565000004 \"2041\" \"4711\""});
}

TEST_F(DeskPagesTest, APersonsOwnPhoneSendsTheFormAsABody) {
  start();
  const std::string form = fetch(path("m/login"));
  EXPECT_THAT(form, HasSubstr("method=\"post\""));
  EXPECT_THAT(form, HasSubstr("type=\"password\""));
  const std::string typed = "ext=2041&pin=4711";
  const std::string response =
      exchange(fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}",
                           path("m/login/" + form_on(form)), typed.size(), typed));
  EXPECT_THAT(response, HasSubstr("Welcome, 2041 (Ann Example)"));
  EXPECT_THAT(response, HasSubstr("Cache-Control: no-store"));
  EXPECT_EQ(asked_, std::vector<std::string>{"in 001565000001 \"2041\" \"4711\""});
}

TEST_F(DeskPagesTest, LoggingOutIsAskedForFirst) {
  start(true);
  const std::string question = fetch(path("logout"));
  EXPECT_THAT(question, HasSubstr("Log out Ann Example (2041)?"));
  EXPECT_THAT(asked_, IsEmpty());
  (void)fetch(path("logout/" + form_on(question)));
  EXPECT_EQ(asked_, std::vector<std::string>{"out 001565000001 \"\" \"\""});
  (void)fetch(path("logout/" + form_on(question)));
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(DeskPagesTest, HeadDoesNothing) {
  start();
  const std::string id = login_form();
  const std::string response =
      exchange(fmt::format("HEAD {}?ext=1&pin=2 HTTP/1.1\r\nHost: x\r\n\r\n", path("login/" + id)));
  EXPECT_THAT(response, HasSubstr("200 OK"));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(DeskPagesTest, HalfAFormIsSentBack) {
  start();
  for (const char* typed : {"?ext=2041", "?pin=1", "?ext=&pin=", "?ext=%zz&pin=1", "?ext=%4", ""})
    EXPECT_THAT(fetch(path("login/" + login_form()) + typed), HasSubstr("Both are needed"))
        << typed;
  const std::string long_one(200, '1');
  EXPECT_THAT(fetch(path("login/" + login_form()) + "?ext=1&pin=" + long_one),
              HasSubstr("Both are needed"));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(DeskPagesTest, Promise7AWrongKeyOpensNothingAndCounts) {
  start();
  std::string wrong = path("login");
  wrong[20] = wrong[20] == '0' ? '1' : '0';
  EXPECT_THAT(fetch(wrong), HasSubstr("404"));
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0].service, acl::Service::DeskLogin);
  EXPECT_EQ(failures_[0].kind, acl::FailureKind::WrongToken);
  // A MAC that nobody registered answers the same.
  EXPECT_THAT(fetch("/d/001565999999/00000000000000000000000000000000/"), HasSubstr("404"));
  EXPECT_EQ(failures_.size(), 2U);
  EXPECT_THAT(fetch("/d/whatever"), HasSubstr("404"));
  EXPECT_THAT(fetch(path("configuration")), HasSubstr("404"));
  EXPECT_EQ(failures_.size(), 2U);
}

TEST_F(DeskPagesTest, TheKeyIsNotThePhonesToken) {
  const MacAddress mac = sample::mac(at_.mac);
  const std::string key = desk_key(mac, Secret("tok-1"));
  EXPECT_EQ(key.size(), kDeskKeyCharacters);
  EXPECT_NE(key, desk_key(mac, Secret("tok-2")));
  EXPECT_NE(key, desk_key(sample::mac(kDesks[1].mac), Secret("tok-1")));
  EXPECT_EQ(desk_key(mac, Secret()), "");
  EXPECT_EQ(desk_url("", mac, Secret("tok-1")), "");
}

TEST_F(DeskPagesTest, PinsAreNotTakenInTheClear) {
  start(false, false);
  EXPECT_THAT(fetch(path("login")), HasSubstr("PINs are taken over https:// only"));
}

TEST_F(DeskPagesTest, ADeskPhoneHasNoPages) {
  at_ = {"yealink", "0015650000ff"};
  start();
  EXPECT_THAT(fetch(path("login")), HasSubstr("not used for hot desking"));
}

TEST_F(DeskPagesTest, NamesBreakOutOfNothing) {
  Screen screen;
  screen.title = sample::kAttackedName;
  screen.lines = {std::string(sample::kAttackedName)};
  screen.keys = {{"A<b>", "/x?\"&<"}};
  for (const auto format : {ScreenFormat::Html, ScreenFormat::Yealink, ScreenFormat::Cisco,
                            ScreenFormat::Aastra, ScreenFormat::Snom, ScreenFormat::Digium}) {
    const auto rendered = render(screen, format);
    if (format == ScreenFormat::Digium) {
      const auto parsed = nlohmann::json::parse(rendered.text);
      EXPECT_EQ(parsed["title"], sample::kAttackedName);
      EXPECT_EQ(parsed["keys"][0]["url"], "/x?\"&<");
      continue;
    }
    EXPECT_THAT(rendered.text, Not(HasSubstr("<account")));
    EXPECT_EQ(screen_problem(format, rendered.text), "") << rendered.text;
  }
}

// A stranger who has read the address beside one phone opens its form as often as he can; another
// one sweeps for the others' and opens none.
TEST_F(DeskPagesTest, Promise12AFloodOfFormsAtOnePhoneLeavesTheOthersTheirs) {
  start();
  at_ = kDesks[2];
  const std::string mine = login_form();
  at_ = kDesks[0];
  const std::string theirs = get(path("login"));
  constexpr int kConnections = 10, kOpenings = 50;
  size_t opened = 0;
  for (int connection = 0; connection < kConnections; ++connection) {
    std::string openings, sweep;
    for (int i = 0; i < kOpenings; ++i) {
      openings += theirs;
      sweep += get(fmt::format("/d/0015650001{:02x}/{:032x}/login", i, connection));
    }
    (void)exchange(sweep, "127.0.0.2");
    const std::string answers = exchange(openings, "127.0.0.3");
    for (size_t at = 0; (at = answers.find("<YealinkIPPhoneInputScreen", at)) != std::string::npos;
         ++at)
      ++opened;
  }
  EXPECT_EQ(opened, size_t{kConnections * kOpenings});
  EXPECT_EQ(forms_.size(), 2U) << "one for each of the two phones";
  at_ = kDesks[2];
  EXPECT_THAT(fetch(path("login/" + mine) + "?ext=2041&pin=4711"), HasSubstr("Command: Reset"));
  EXPECT_EQ(asked_, std::vector<std::string>{"in 001565000003 \"2041\" \"4711\""});
}

TEST(DeskForms, Promise12TheOldestGoesWhenThereIsNoRoom) {
  DeskForms forms(3);
  const SteadyTime now{100h};
  std::vector<std::string> ids;
  for (uint8_t i = 0; i < 4; ++i)
    ids.push_back(forms.issue(MacAddress({0, 0x15, 0x65, 0, 0, i}), now + milliseconds(i)));
  EXPECT_EQ(forms.size(), 3U);
  EXPECT_FALSE(forms.is_out(MacAddress({0, 0x15, 0x65, 0, 0, 0}), ids[0], now + 1s));
  for (uint8_t i = 1; i < 4; ++i)
    EXPECT_TRUE(forms.is_out(MacAddress({0, 0x15, 0x65, 0, 0, i}), ids[i], now + 1s)) << int(i);
}

TEST_F(DeskPagesTest, TheAppOfADigiumPhonePostsWhatWasTyped) {
  at_ = kDesks[5];
  start();
  const auto form = nlohmann::json::parse(body(fetch(path("login"))));
  EXPECT_EQ(form["form"]["fields"][1]["hidden"], true);
  const std::string typed = "ext=2041&pin=4711";
  const auto answer = nlohmann::json::parse(body(
      exchange(fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}",
                           path("login/" + form_on(form["form"]["url"])), typed.size(), typed))));
  EXPECT_EQ(answer["restart"], true);
  EXPECT_EQ(answer["lines"][0], answer_.sentence);
  EXPECT_EQ(asked_, std::vector<std::string>{"in 001565000006 \"2041\" \"4711\""});
}

TEST(DeskForms, LastFiveMinutes) {
  DeskForms forms;
  const MacAddress mac = sample::mac("001565000001");
  const SteadyTime now{100h};
  const std::string id = forms.issue(mac, now);
  EXPECT_TRUE(forms.is_out(mac, id, now + 5min - 1ms));
  EXPECT_FALSE(forms.is_out(mac, id, now + 5min));
  EXPECT_FALSE(forms.take(mac, id, now + 5min));
  EXPECT_FALSE(forms.take(sample::mac("001565000002"), id, now));
  EXPECT_FALSE(forms.take(mac, "", now));
  EXPECT_TRUE(forms.take(mac, id, now));
  EXPECT_FALSE(forms.take(mac, id, now));
}

}  // namespace
}  // namespace stormdoor::http
