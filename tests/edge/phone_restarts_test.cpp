#include "edge/phone_restarts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class Restarts : public testing::Test {
 protected:
  static constexpr WallTime at(milliseconds after) { return WallTime(1'000'000s) + after; }
  std::string state(milliseconds after) const { return describe(*restarts_.of(kPhone), at(after)); }

  const MacAddress kPhone = *MacAddress::parse("00:0F:D3:00:00:01");
  PhoneRestarts restarts_{2, 2, 60s};
};

TEST_F(Restarts, ToldFetchedAndBack) {
  restarts_.begin(kPhone, RestartHow::Reload, true, at(0s));
  EXPECT_EQ(state(0s), "being told");
  EXPECT_THAT(restarts_.take_due(at(0s)), ElementsAre(kPhone));
  restarts_.note_told(kPhone, "at 10.20.0.7:5062 as 2041", at(0s));
  EXPECT_EQ(state(12s), "told 12s ago, not back");
  restarts_.note_fetched(kPhone, at(20s));
  restarts_.note_registered(kPhone, at(30s));
  EXPECT_EQ(state(31s), "told 31s ago, fetched 11s ago, registered 1s ago, not back");
  restarts_.note_back(kPhone, at(35s));
  EXPECT_EQ(state(45s), "back since 10s, after 35s");
  EXPECT_THAT(restarts_.take_due(at(1h)), IsEmpty());
}

TEST_F(Restarts, Promise9OneThatSpeaksIsToldAfterItsCallAndThatWasNoTry) {
  restarts_.begin(kPhone, RestartHow::Reload, true, at(0s));
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(restarts_.take_due(at(i * 2s)), ElementsAre(kPhone));
    restarts_.note_waits(kPhone, "it is in a call", at((i + 1) * 2s));
    EXPECT_THAT(restarts_.take_due(at(i * 2s)), IsEmpty());
  }
  EXPECT_EQ(state(200s), "not told yet: it is in a call");
  EXPECT_THAT(restarts_.take_due(at(200s)), ElementsAre(kPhone));
  EXPECT_EQ(restarts_.of(kPhone)->attempts, 1U);
  restarts_.note_told(kPhone, "at 10.20.0.7:5062 as 2041", at(200s));
  EXPECT_EQ(state(212s), "told 12s ago, not back");
}

TEST_F(Restarts, OneThatDoesNotComeBackIsToldAgainAndThenLeftToPeople) {
  restarts_.begin(kPhone, RestartHow::Reload, true, at(0s));
  for (const milliseconds when : {0s, 60s, 120s}) {
    EXPECT_THAT(restarts_.take_due(at(when - 1ms)), IsEmpty());
    EXPECT_THAT(restarts_.take_due(at(when)), ElementsAre(kPhone));
    EXPECT_THAT(restarts_.take_due(at(when)), IsEmpty());
    restarts_.note_told(kPhone, "", at(when));
  }
  EXPECT_THAT(restarts_.take_due(at(180s)), IsEmpty());
  EXPECT_THAT(restarts_.take_by_hand(), ElementsAre(kPhone));
  EXPECT_THAT(restarts_.take_by_hand(), IsEmpty());
  EXPECT_EQ(state(180s), "restart by hand: told 1m ago, not back");
  restarts_.note_back(kPhone, at(200s));  // somebody did
  EXPECT_EQ(state(200s), "back since 0ms, after 3m 20s");
}

TEST_F(Restarts, WhatNothingReachesIsLeftToPeopleAtOnceAndTriedAllTheSame) {
  restarts_.begin(kPhone, RestartHow::Reload, true, at(0s));
  EXPECT_THAT(restarts_.take_due(at(0s)), ElementsAre(kPhone));
  restarts_.note_trouble(kPhone, "it is not known where it is registered", true);
  EXPECT_THAT(restarts_.take_by_hand(), ElementsAre(kPhone));
  EXPECT_EQ(state(1s), "restart by hand: it is not known where it is registered");
  EXPECT_THAT(restarts_.take_due(at(60s)), ElementsAre(kPhone));
  restarts_.note_told(kPhone, "", at(60s));
  EXPECT_EQ(state(61s), "told 1s ago, not back");
}

TEST_F(Restarts, OneThatDoesNotAnswerIsTriedAgainBeforePeopleHaveTo) {
  restarts_.begin(kPhone, RestartHow::Reload, true, at(0s));
  (void)restarts_.take_due(at(0s));
  restarts_.note_trouble(kPhone, "it does not answer", false);
  EXPECT_THAT(restarts_.take_by_hand(), IsEmpty());
  EXPECT_EQ(state(32s), "not told yet: it does not answer");
}

TEST_F(Restarts, WithoutALeaseAFetchIsTheWholeWay) {
  restarts_.begin(kPhone, RestartHow::Reboot, false, at(0s));
  restarts_.note_fetched(kPhone, at(1s));  // it was about to anyway
  EXPECT_EQ(state(2s), "fetched 1s ago, not back");
  restarts_.note_told(kPhone, "", at(3s));
  restarts_.note_fetched(kPhone, at(9s));
  EXPECT_EQ(state(9s), "back since 0ms, after 9s");
}

TEST_F(Restarts, AskedForByHandWhileItsLeaseIsOpenItIsBackWhenThatIsClosed) {
  restarts_.begin(kPhone, RestartHow::Reload, true, at(0s));
  restarts_.begin(kPhone, RestartHow::Reboot, false, at(5s));
  EXPECT_EQ(restarts_.take_due(at(5s)).size(), 1U);
  restarts_.note_told(kPhone, "", at(5s));
  restarts_.note_fetched(kPhone, at(6s));
  EXPECT_EQ(state(7s), "told 2s ago, fetched 1s ago, not back");
}

TEST_F(Restarts, AfterARestartOfOursOneIsToldOnlyIfItIsNotBackAfterAWhile) {
  restarts_.resume(kPhone, at(0s));
  EXPECT_THAT(restarts_.take_due(at(59s)), IsEmpty());
  EXPECT_THAT(restarts_.take_due(at(60s)), ElementsAre(kPhone));
}

TEST_F(Restarts, ForgetsThePhoneThatNothingHappenedToForLongest) {
  const MacAddress second = *MacAddress::parse("00:0F:D3:00:00:02");
  const MacAddress third = *MacAddress::parse("00:0F:D3:00:00:03");
  for (const auto& mac : {kPhone, second, third})
    restarts_.begin(mac, RestartHow::Reload, true, at(0s));
  EXPECT_EQ(restarts_.of(kPhone), nullptr);
  EXPECT_THAT(restarts_.take_due(at(0s)), ElementsAre(second, third));
}

}  // namespace
}  // namespace stormdoor::edge
