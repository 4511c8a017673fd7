#include "hotdesk/desk_session.hpp"

#include <algorithm>
#include <array>

#include "hotdesk/credential_change.hpp"
#include "hotdesk/desk_log.hpp"
#include "hotdesk/emergency.hpp"
#include "hotdesk/phone_view.hpp"
#include "tests/hotdesk/directory_fixture.hpp"

namespace stormdoor::hotdesk {
namespace {

using namespace std::chrono_literals;
using store::MainPhoneType;
using store::PhoneRole;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr WallTime kNow{400'000h};
constexpr std::string_view kOtherDesk = "00:0F:D3:00:00:04";

// The small office with a second hot desk; 2042 and 2043 use hot desking, their PINs are 4711 and
// 5813; 2041 has a PIN, but a desk phone of her own.
class DeskSessionTest : public DirectoryTest {
 protected:
  void SetUp() override {
    PhoneRecord other = phone_record(mac(kOtherDesk), PhoneRole::HotDesk, "hq");
    draft_.append(store::PutPhone{other});
    set_pin("2041", "8642", MainPhoneType::DeskPhone);
    set_pin("2042", "4711", MainPhoneType::HotDesking);
    set_pin("2043", "5813", MainPhoneType::HotDesking);
    operations_ = draft_.change().operations.size();
  }
  void set_pin(const std::string& extension, std::string_view pin, MainPhoneType type) {
    UserRecord user = *registry().user(extension);
    user.pin_hash = test_.pins().hash(extension, pin);
    user.main_phone_type = type;
    draft_.append(store::PutUser{user});
  }
  Login typed(std::string_view phone, const std::string& extension, const std::string& pin) {
    return log_in(draft_, {mac(phone), extension, Secret(pin)}, kNow, tools());
  }
  [[nodiscard]] std::string sits_at(std::string_view phone) const {
    const auto session = registry().session_at(mac(phone));
    return session ? session->extension : "";
  }
};

TEST_F(DeskSessionTest, TheRightPinLogsIn) {
  const auto login = typed(kHotDeskPhone, "2042", "4711");
  EXPECT_EQ(outcome(login.problems), "done");
  EXPECT_FALSE(login.left);
  EXPECT_EQ(sits_at(kHotDeskPhone), "2042");
  EXPECT_EQ(registry().session_of("2042")->since, kNow);
  const PhoneView view = view_of(registry(), mac(kHotDeskPhone));
  EXPECT_EQ(view.kind, PhoneKind::HotDeskSession);
  EXPECT_EQ(view.account(), "2042");
  EXPECT_EQ(view.label(), "Alan Turing");
}

TEST_F(DeskSessionTest, WhatIsWrongAboutExtensionOrPinCannotBeToldApart) {
  set_pin("2043", "", MainPhoneType::HotDesking);
  UserRecord no_pin = *registry().user("2043");
  no_pin.pin_hash.clear();
  draft_.append(store::PutUser{no_pin});
  operations_ = draft_.change().operations.size();
  const std::string sentence = "pin: this extension and this PIN do not belong together";
  for (const auto& [extension, pin] : {std::pair<std::string, std::string>{"2042", "4712"},
                                       {"2042", ""},
                                       {"2043", ""},
                                       {"2043", "0000"},
                                       {"9999", "4711"},
                                       {"", ""},
                                       {"2041", "4711"}}) {
    const auto login = typed(kHotDeskPhone, extension, pin);
    EXPECT_EQ(outcome(login.problems), sentence) << extension;
    EXPECT_TRUE(login.wrong_pin) << extension;
  }
  EXPECT_EQ(sits_at(kHotDeskPhone), "");
}

TEST_F(DeskSessionTest, WhoHasADeskPhoneIsToldSoOnlyWithTheRightPin) {
  const auto login = typed(kHotDeskPhone, "2041", "8642");
  EXPECT_FALSE(login.wrong_pin);
  EXPECT_THAT(outcome(login.problems), HasSubstr("2041 (Ada King) does not use hot desking"));
}

TEST_F(DeskSessionTest, ATakenDeskIsLeftAloneAndNobodyIsNamed) {
  ASSERT_EQ(outcome(typed(kHotDeskPhone, "2042", "4711").problems), "done");
  EXPECT_EQ(outcome(typed(kHotDeskPhone, "2043", "5813").problems),
            "mac: somebody else is logged in here and has to log out first");
  EXPECT_EQ(outcome(typed(kHotDeskPhone, "2042", "4711").problems), "done");
  EXPECT_EQ(sits_at(kHotDeskPhone), "2042");
}

TEST_F(DeskSessionTest, ADeskPhoneIsNoPlaceToLogIn) {
  EXPECT_THAT(outcome(typed(kDeskPhone, "2042", "4711").problems),
              HasSubstr("is no hot-desk phone"));
  EXPECT_THAT(outcome(typed("00:0F:D3:00:00:99", "2042", "4711").problems),
              HasSubstr("there is no phone"));
}

TEST_F(DeskSessionTest, Promise8LoggingInElsewhereLogsOutAtTheFirstPhone) {
  ASSERT_EQ(outcome(typed(kHotDeskPhone, "2042", "4711").problems), "done");
  const auto moved = typed(kOtherDesk, "2042", "4711");
  EXPECT_EQ(outcome(moved.problems), "done");
  EXPECT_EQ(moved.left, mac(kHotDeskPhone));
  EXPECT_EQ(sits_at(kHotDeskPhone), "");
  EXPECT_EQ(sits_at(kOtherDesk), "2042");
  EXPECT_EQ(registry().session_count(), 1U);
  EXPECT_EQ(view_of(registry(), mac(kHotDeskPhone)).kind, PhoneKind::HotDeskIdle);
}

// Every interleaving of two people who each log in at two desks and log out: each order of the
// eight steps that keeps each person's own order.
TEST_F(DeskSessionTest, Promise8UnderEveryInterleavingNobodySitsTwiceAndNoDeskHoldsTwo) {
  std::array<int, 8> turns = {0, 0, 0, 0, 1, 1, 1, 1};
  size_t orders = 0;
  do {
    Draft draft(registry());
    std::array<int, 2> done = {0, 0};
    for (const int who : turns) {
      const std::string extension = who == 0 ? "2042" : "2043";
      const Secret pin(who == 0 ? "4711" : "5813");
      const MacAddress first = mac(who == 0 ? kHotDeskPhone : kOtherDesk);
      const MacAddress second = mac(who == 0 ? kOtherDesk : kHotDeskPhone);
      const int step = done[size_t(who)]++;
      const MacAddress& at = step % 2 == 0 ? first : second;
      const auto before = draft.registry().session_at(at);
      if (step < 3) {
        const auto login = log_in(draft, {at, extension, pin}, kNow, tools());
        const bool free = !before || before->extension == extension;
        ASSERT_EQ(login.problems.none(), free);
        ASSERT_EQ(draft.registry().session_at(at) && free,
                  draft.registry().session_of(extension) == draft.registry().session_at(at));
      } else if (const auto session = draft.registry().session_of(extension)) {
        ASSERT_TRUE(log_out(draft, session->mac).none());
        ASSERT_FALSE(draft.registry().session_of(extension));
      }
      size_t sessions = 0;
      draft.registry().for_each_session([&](const auto& session) {
        ++sessions;
        ASSERT_EQ(draft.registry().session_of(session->extension), session);
      });
      ASSERT_LE(sessions, 2U);
    }
    ++orders;
  } while (std::ranges::next_permutation(turns).found);
  EXPECT_EQ(orders, 70U);
}

TEST_F(DeskSessionTest, AnAdministratorLogsInWithoutThePin) {
  const auto login = log_in(draft_, {mac(kHotDeskPhone), "2042", {}}, kNow, tools());
  EXPECT_EQ(outcome(login.problems), "done");
  EXPECT_THAT(outcome(log_in(draft_, {mac(kOtherDesk), "9999", {}}, kNow, tools()).problems),
              HasSubstr("there is no user"));
}

TEST_F(DeskSessionTest, LoggingOutFreesTheDesk) {
  ASSERT_EQ(outcome(typed(kHotDeskPhone, "2042", "4711").problems), "done");
  EXPECT_EQ(outcome(log_out(draft_, mac(kHotDeskPhone))), "done");
  EXPECT_EQ(view_of(registry(), mac(kHotDeskPhone)).kind, PhoneKind::HotDeskIdle);
  EXPECT_EQ(outcome(log_out(draft_, mac(kHotDeskPhone))),
            "mac: nobody is logged in at 00:0F:D3:00:00:02");
}

TEST_F(DeskSessionTest, WhereSomebodySitsNothingIsTakenAway) {
  ASSERT_EQ(outcome(typed(kHotDeskPhone, "2042", "4711").problems), "done");
  const std::string where = "is logged in at 00:0F:D3:00:00:02; log out first";
  EXPECT_THAT(outcome(remove_phone(draft_, mac(kHotDeskPhone))), HasSubstr(where));
  EXPECT_THAT(outcome(remove_user(draft_, "2042")), HasSubstr(where));
  EXPECT_THAT(
      outcome(set_phone(draft_, mac(kHotDeskPhone), {.role = PhoneRole::Unassigned}, tools())),
      HasSubstr(where));
  for (const auto type : {MainPhoneType::None, MainPhoneType::DeskPhone})
    EXPECT_THAT(outcome(set_user(draft_, "2042", {.main_phone_type = type}, tools())),
                HasSubstr(where));
}

TEST_F(DeskSessionTest, Promise9TheNumberIsTheDesksWhoeverSitsThere) {
  ASSERT_EQ(outcome(typed(kHotDeskPhone, "2042", "4711").problems), "done");
  EXPECT_EQ(view_of(registry(), mac(kHotDeskPhone)).emergency_number(), "+12025550123");
  const auto found = find_emergency(registry(), "2042");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->front().mac, mac(kHotDeskPhone));
  EXPECT_EQ(found->front().number, "+12025550123");
}

TEST_F(DeskSessionTest, SessionsEndByThemselvesWhenTheyAreToldTo) {
  ASSERT_EQ(outcome(typed(kHotDeskPhone, "2042", "4711").problems), "done");
  const auto ended = [&](const SessionTerms& terms, WallTime at) {
    const auto midnight = std::chrono::floor<std::chrono::days>(at);
    return ended_sessions(registry(), terms, at, midnight, 10);
  };
  EXPECT_THAT(ended({}, kNow + 10'000h), IsEmpty());
  EXPECT_THAT(ended({.longest = 8h}, kNow + 8h - 1ms), IsEmpty());
  EXPECT_THAT(ended({.longest = 8h}, kNow + 8h), ElementsAre(mac(kHotDeskPhone)));
  const auto evening = std::chrono::floor<std::chrono::days>(kNow) + 20h;
  const SessionTerms daily{.longest = 0ms, .daily_at = 20h};
  EXPECT_THAT(ended(daily, evening - 1ms), IsEmpty());
  EXPECT_THAT(ended(daily, evening), ElementsAre(mac(kHotDeskPhone)));
  EXPECT_THAT(
      ended_sessions(registry(), daily, evening, std::chrono::floor<std::chrono::days>(kNow), 0),
      IsEmpty());
}

TEST_F(DeskSessionTest, TermsAreReadFromTheConfiguration) {
  auto reader = ConfigReader::parse("[desk]\nlog_out_after = \"9h\"\nlog_out_at = \"20:30\"\n");
  const auto terms = read_session_terms(reader.table("desk"));
  ASSERT_TRUE(reader.finish());
  EXPECT_EQ(terms.longest, 9h);
  EXPECT_EQ(terms.daily_at, 20h + 30min);
  for (const char* wrong : {"24:00", "8:00", "20.00", "20:60", "ab:cd", "20:3x"}) {
    auto bad = ConfigReader::parse(fmt::format("[desk]\nlog_out_at = \"{}\"\n", wrong));
    (void)read_session_terms(bad.table("desk"));
    const auto finished = bad.finish();
    ASSERT_FALSE(finished) << wrong;
    EXPECT_THAT(finished.error().message(), HasSubstr("is no time of day")) << wrong;
  }
}

// ---- what a session makes necessary ----

class SessionChangeTest : public DeskSessionTest {
 protected:
  void SetUp() override {
    DeskSessionTest::SetUp();
    now_registry_ = registry().with({}, 1);
  }
  // One use case and what it makes necessary, as the store thread does it.
  template <typename Act>
  void act(Act&& use_case, WallTime at = kNow) {
    Draft draft(*now_registry_);
    use_case(draft);
    store::Change change = std::move(draft).take();
    rotate_secrets(change, *now_registry_, tools().new_secret);
    append_leases(change, *now_registry_, at, {});
    append_desk_log(change, *now_registry_, at);
    for (const auto& operation : change.operations)
      if (const auto* logged = std::get_if<store::AppendDeskLog>(&operation))
        log_.push_back(fmt::format("{} {} \"{}\" {} {}", logged->row.at == at ? "" : "?",
                                   logged->row.mac.to_string().substr(15), logged->row.extension,
                                   logged->row.location, logged->row.emergency_number));
    now_registry_ = now_registry_->with(change, now_registry_->version() + 1);
  }
  void login(std::string_view phone, const std::string& extension) {
    act([&](Draft& draft) {
      EXPECT_TRUE(log_in(draft, {mac(phone), extension, {}}, kNow, tools()).problems.none());
    });
  }
  [[nodiscard]] std::string secret(std::string_view extension) const {
    return std::string(now_registry_->user(extension)->sip_secret.reveal());
  }
  [[nodiscard]] std::string lease_reason(std::string_view phone) const {
    const auto lease = now_registry_->lease_of(mac(phone));
    return lease ? lease->reason : "";
  }

  std::shared_ptr<const Registry> now_registry_;
  std::vector<std::string> log_;
};

TEST_F(SessionChangeTest, LoggingInExcusesTheIdleAccountAndKeepsTheUsersSecret) {
  login(kHotDeskPhone, "2042");
  EXPECT_EQ(secret("2042"), "alan-secret");
  EXPECT_EQ(lease_reason(kHotDeskPhone), "2042 logged in");
  EXPECT_THAT(now_registry_->lease_of(mac(kHotDeskPhone))->accounts, ElementsAre("d000fd3000002"));
}

TEST_F(SessionChangeTest, Promise8WhoMovesLeavesAPhoneWhoseSecretIsNoLongerRight) {
  login(kHotDeskPhone, "2042");
  login(kOtherDesk, "2042");
  EXPECT_NE(secret("2042"), "alan-secret");
  const PhoneView there = view_of(*now_registry_, mac(kOtherDesk));
  EXPECT_EQ(there.account_secret().reveal(), secret("2042"));
  EXPECT_THAT(lease_reason(kHotDeskPhone), "2042 logged out");
  EXPECT_THAT(now_registry_->lease_of(mac(kHotDeskPhone))->accounts,
              ElementsAre("2042", "d000fd3000002"));
  EXPECT_EQ(now_registry_->stale_secrets_of("2042").front()->mac, mac(kHotDeskPhone));
}

TEST_F(SessionChangeTest, Promise8LoggingOutChangesTheSecretToo) {
  login(kHotDeskPhone, "2042");
  act([&](Draft& draft) { EXPECT_TRUE(log_out(draft, mac(kHotDeskPhone)).none()); });
  EXPECT_NE(secret("2042"), "alan-secret");
  EXPECT_EQ(desk_state(*now_registry_, mac(kHotDeskPhone)), DeskState::Leaving);
  act([&](Draft& draft) { draft.append(store::EraseLease{mac(kHotDeskPhone)}); });
  EXPECT_EQ(desk_state(*now_registry_, mac(kHotDeskPhone)), DeskState::Idle);
}

TEST_F(SessionChangeTest, UnassigningChangesTheSecretAndWhoIsGivenOneKeepsIt) {
  act([&](Draft& draft) { EXPECT_TRUE(unassign(draft, mac(kDeskPhone)).none()); });
  EXPECT_EQ(secret("2041"), "secret-1");
  act([&](Draft& draft) { EXPECT_TRUE(assign(draft, {"2041", 0, mac(kSparePhone)}).none()); });
  EXPECT_EQ(secret("2041"), "secret-1");
  act([&](Draft& draft) {  // changed by hand in the same change: that one stands
    EXPECT_TRUE(unassign(draft, mac(kSparePhone)).none());
    EXPECT_TRUE(set_user(draft, "2041", {.sip_secret = Secret("by-hand-1")}, tools()).none());
  });
  EXPECT_EQ(secret("2041"), "by-hand-1");
}

TEST_F(SessionChangeTest, APhoneThatKeepsItsUserKeepsTheSecret) {
  act([&](Draft& draft) {
    EXPECT_TRUE(set_phone(draft, mac(kDeskPhone), {.model = "D60"}, tools()).none());
  });
  EXPECT_EQ(secret("2041"), "ada-secret");
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(SessionChangeTest, Promise9TheLogSaysWhoSatWhereAndWhichNumberWasInForce) {
  login(kHotDeskPhone, "2042");
  login(kOtherDesk, "2042");
  act([&](Draft& draft) { EXPECT_TRUE(log_out(draft, mac(kOtherDesk)).none()); });
  EXPECT_THAT(log_, ElementsAre(" 02 \"2042\" hq +12025550123", " 02 \"\" hq +12025550123",
                                " 04 \"2042\" hq +12025550123", " 04 \"\" hq +12025550123"));
  log_.clear();
  act([&](Draft& draft) {
    EXPECT_TRUE(
        set_location(draft, "hq", {.emergency_number = std::string("+12025550199")}).none());
  });
  EXPECT_EQ(log_.size(), 4U);  // every phone there
  EXPECT_THAT(log_.front(), " 01 \"2041\" hq +12025550199");
  log_.clear();
  act([&](Draft& draft) {
    EXPECT_TRUE(set_location(draft, "hq", {.label = std::string("HQ")}).none());
    EXPECT_TRUE(remove_phone(draft, mac(kSparePhone)).none());
  });
  EXPECT_THAT(log_, ElementsAre(" 03 \"\"  "));
}

}  // namespace
}  // namespace stormdoor::hotdesk
