#include "edge/app_installs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kVersion = "0123456789abcdef";
constexpr const char* kNewer = "fedcba9876543210";

class Installs : public testing::Test {
 protected:
  static constexpr WallTime at(milliseconds after) { return WallTime(1'000'000s) + after; }
  void fetched(milliseconds when, const MacAddress& mac, std::string_view wanted = kVersion,
               bool by_itself = true) {
    installs_.note_fetched(mac, *IpAddress::parse("10.20.0.7"), wanted, by_itself, at(when));
  }
  void given(milliseconds when, const MacAddress& mac) {
    fetched(when, mac);
    ASSERT_THAT(installs_.take_due(at(when + 30s), 1), ElementsAre(mac));
    installs_.note_installed(mac, kVersion);
  }
  std::string state(milliseconds when, std::string_view wanted = kVersion) const {
    return describe(installs_.of(kPhone), wanted, at(when));
  }

  const MacAddress kPhone = *MacAddress::parse("00:0F:D3:00:00:01");
  const MacAddress kOther = *MacAddress::parse("00:0F:D3:00:00:02");
  const MacAddress kThird = *MacAddress::parse("00:0F:D3:00:00:03");
  AppInstalls installs_{2, {.after = 30s, .retries = 2, .again_after = 60s}};
};

TEST_F(Installs, AFetchedPhoneIsGivenItsAppOnceAfterAWhile) {
  EXPECT_EQ(state(0s), "waits until it fetches its configuration");
  fetched(0s, kPhone);
  EXPECT_EQ(state(10s), "to be sent in 20s");
  EXPECT_THAT(installs_.take_due(at(30s - 1ms), 9), IsEmpty());
  EXPECT_THAT(installs_.take_due(at(30s), 9), ElementsAre(kPhone));
  EXPECT_EQ(state(30s), "being sent");
  EXPECT_THAT(installs_.take_due(at(1h), 9), IsEmpty());
  installs_.note_installed(kPhone, kVersion);
  EXPECT_EQ(state(31s), "installed");
  fetched(1h, kPhone);
  EXPECT_EQ(state(1h), "installed") << "it has this version";
}

TEST_F(Installs, FailuresAreTriedAgainAfterLongerAndLongerAndThenLeft) {
  fetched(0s, kPhone);
  for (const auto& [when, wait] : {std::pair{30s, 60s}, {90s, 120s}}) {
    ASSERT_THAT(installs_.take_due(at(when), 1), ElementsAre(kPhone));
    EXPECT_FALSE(installs_.note_trouble(kPhone, "it does not answer", at(when)));
    EXPECT_THAT(installs_.take_due(at(when + wait - 1ms), 1), IsEmpty());
  }
  EXPECT_EQ(state(200s), "tried 2 times, again in 10s: it does not answer");
  ASSERT_THAT(installs_.take_due(at(210s), 1), ElementsAre(kPhone));
  EXPECT_TRUE(installs_.note_trouble(kPhone, "it does not answer", at(210s)));
  EXPECT_EQ(state(1h), "given up after 3 times: it does not answer");
  EXPECT_THAT(installs_.take_due(at(48h), 1), IsEmpty());
}

TEST_F(Installs, OneThatWasGivenUpIsTriedAgainWhenItFetches) {
  fetched(0s, kPhone);
  while (const auto due = installs_.of(kPhone)->due) {
    ASSERT_THAT(installs_.take_due(*due, 1), ElementsAre(kPhone));
    installs_.note_trouble(kPhone, "no", *due);
  }
  ASSERT_TRUE(installs_.of(kPhone)->given_up);
  fetched(2h, kPhone);
  EXPECT_EQ(state(2h), "to be sent in 30s");
}

// Else a phone that fetches every few seconds would be sent to as often.
TEST_F(Installs, AFetchBetweenTwoTriesDoesNotStartTheirCountAnew) {
  fetched(0s, kPhone);
  ASSERT_THAT(installs_.take_due(at(30s), 1), ElementsAre(kPhone));
  installs_.note_trouble(kPhone, "no", at(30s));
  fetched(40s, kPhone);
  EXPECT_EQ(installs_.of(kPhone)->attempts, 1U);
}

TEST_F(Installs, TheWaitIsADayAtMost) {
  AppInstalls patient(1, {.after = 0s, .retries = 20, .again_after = 1h});
  patient.note_fetched(kPhone, *IpAddress::parse("10.20.0.7"), kVersion, true, at(0s));
  milliseconds when{0};
  for (int i = 0; i < 15; ++i) {
    ASSERT_THAT(patient.take_due(at(when), 1), ElementsAre(kPhone)) << i;
    patient.note_trouble(kPhone, "no", at(when));
    const milliseconds next = *patient.of(kPhone)->due - at(0s);
    EXPECT_LE(next - when, 24h);
    when = next;
  }
}

TEST_F(Installs, OnlySoManyAreTakenAtOnce) {
  fetched(0s, kPhone);
  fetched(1s, kOther);
  EXPECT_THAT(installs_.take_due(at(1h), 1), ElementsAre(kPhone));
  EXPECT_THAT(installs_.take_due(at(1h), 9), ElementsAre(kOther));
}

TEST_F(Installs, ByHandItIsSentWhateverItHasWhereItsPlaceIsKnown) {
  EXPECT_FALSE(installs_.push(kPhone, at(0s)));
  given(0s, kPhone);
  EXPECT_TRUE(installs_.push(kPhone, at(1h)));
  ASSERT_THAT(installs_.take_due(at(1h), 1), ElementsAre(kPhone));
  EXPECT_FALSE(installs_.push(kPhone, at(1h))) << "it is being sent";
}

TEST_F(Installs, WithPushOffAFetchOnlyTellsWhereThePhoneIs) {
  fetched(0s, kPhone, kVersion, false);
  EXPECT_THAT(installs_.take_due(at(1h), 1), IsEmpty());
  EXPECT_EQ(state(1h), "not sent: push is off");
  EXPECT_TRUE(installs_.push(kPhone, at(1h)));
}

TEST_F(Installs, ANewVersionIsForThosePhonesWhosePlaceIsKnown) {
  installs_.restore("00:0F:D3:00:00:02 0123456789abcdef\n");
  given(0s, kPhone);
  installs_.want([](const MacAddress&) { return std::string(kVersion); }, at(1h));
  EXPECT_THAT(installs_.take_due(at(2h), 9), IsEmpty());
  installs_.want([](const MacAddress&) { return std::string(); }, at(2h));
  EXPECT_THAT(installs_.take_due(at(3h), 9), IsEmpty()) << "it is to have none";
  installs_.want([](const MacAddress&) { return std::string(kNewer); }, at(3h));
  EXPECT_THAT(installs_.take_due(at(3h + 30s), 9), ElementsAre(kPhone));
}

TEST_F(Installs, WhatIsNoLongerWantedIsLetGo) {
  fetched(0s, kPhone);
  ASSERT_THAT(installs_.take_due(at(30s), 1), ElementsAre(kPhone));
  installs_.note_unwanted(kPhone);
  EXPECT_THAT(installs_.take_due(at(48h), 1), IsEmpty());
}

TEST_F(Installs, WhoHasWhichOutlivesARestart) {
  EXPECT_FALSE(installs_.take_text());
  given(0s, kPhone);
  const auto text = installs_.take_text();
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "00:0F:D3:00:00:01 0123456789abcdef\n");
  EXPECT_FALSE(installs_.take_text()) << "nothing has changed";
  AppInstalls later(2, {.after = 30s, .retries = 2, .again_after = 60s});
  later.restore(*text);
  later.note_fetched(kPhone, *IpAddress::parse("10.20.0.7"), kVersion, true, at(1h));
  EXPECT_THAT(later.take_due(at(2h), 1), IsEmpty());
}

TEST_F(Installs, LinesThatAreNotExactlySoAreLeftOut) {
  installs_.restore(
      "\n00:0F:D3:00:00:01\nx 0123456789abcdef\n00:0F:D3:00:00:01 0123\n"
      "00:0F:D3:00:00:01 0123456789ABCDEF\n00:0F:D3:00:00:01 0123456789abcdef x\n");
  EXPECT_EQ(installs_.of(kPhone), nullptr);
  installs_.restore(
      "00:0F:D3:00:00:01 0123456789abcdef\n00:0F:D3:00:00:02 0123456789abcdef\n"
      "00:0F:D3:00:00:03 0123456789abcdef\n");
  EXPECT_TRUE(installs_.of(kOther));
  EXPECT_FALSE(installs_.of(kThird)) << "there is room for two";
}

TEST_F(Installs, ThePhoneThatNothingHappenedToForLongestIsForgotten) {
  fetched(0s, kPhone);
  fetched(1s, kOther);
  fetched(2s, kThird);
  EXPECT_EQ(installs_.of(kPhone), nullptr);
  EXPECT_THAT(installs_.take_due(at(1h), 9), ElementsAre(kOther, kThird));
}

}  // namespace
}  // namespace stormdoor::edge
