#include "acl/failure_tracker.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;

SourceKey source(std::string_view text) {
  return SourceKey(*IpPrefix::parse(text));
}
SourceKey source(uint32_t v4) {
  return SourceKey(IpPrefix(IpAddress::v4(v4), 32));
}
constexpr SteadyTime kStart{std::chrono::hours(1000)};

TEST(FailureTracker, CountsDifferentMistakesOfOneSource) {
  FailureTracker tracker(8);
  const SourceKey attacker = source("198.51.100.7");
  EXPECT_EQ(tracker.report(attacker, 0, 11, 1min, kStart).failures, 1U);
  EXPECT_EQ(tracker.report(attacker, 0, 12, 1min, kStart + 1s).failures, 2U);
  EXPECT_EQ(tracker.report(attacker, 0, 13, 1min, kStart + 2s).failures, 3U);
  EXPECT_EQ(tracker.report(source("198.51.100.8"), 0, 11, 1min, kStart + 3s).failures, 1U);
  EXPECT_EQ(tracker.failures(attacker, 0, 1min, kStart + 3s), 3U);
  EXPECT_EQ(tracker.failures(source("198.51.100.9"), 0, 1min, kStart + 3s), 0U);
}

TEST(FailureTracker, CountsSeriesApart) {
  FailureTracker tracker(8);
  const SourceKey someone = source("198.51.100.7");
  tracker.report(someone, 0, 1, 1min, kStart);
  EXPECT_EQ(tracker.report(someone, 1, 1, 1min, kStart).failures, 1U);
  EXPECT_EQ(tracker.size(), 2U);
}

TEST(FailureTracker, ForgetsFailuresOlderThanTheWindow) {
  FailureTracker tracker(8);
  const SourceKey someone = source("2001:db8::/64");
  tracker.report(someone, 0, 1, 1min, kStart);
  tracker.report(someone, 0, 2, 1min, kStart + 30s);
  EXPECT_EQ(tracker.report(someone, 0, 3, 1min, kStart + 59900ms).failures, 3U) << "just inside";
  EXPECT_EQ(tracker.report(someone, 0, 4, 1min, kStart + 60s).failures, 3U) << "the first is out";
  EXPECT_EQ(tracker.failures(someone, 0, 1min, kStart + 90s), 2U) << "the second is out";
}

TEST(Promise3, AMistakeCountsOnce) {
  FailureTracker tracker(8);
  const SourceKey phone = source("10.20.0.7");
  EXPECT_FALSE(tracker.report(phone, 0, 77, 10min, kStart).repeated);
  for (int i = 1; i < 100; ++i) {
    const auto tally = tracker.report(phone, 0, 77, 10min, kStart + i * 25s);
    EXPECT_TRUE(tally.repeated);
    EXPECT_LE(tally.failures, 1U);
  }
  EXPECT_EQ(tracker.failures(phone, 0, 10min, kStart + 99 * 25s), 0U)
      << "repeating it does not make it count for longer";
}

TEST(Promise3, ADigestThatMatchesNothingIsANewMistakeEachTime) {
  FailureTracker tracker(8);
  const SourceKey guesser = source("10.20.0.7");
  for (uint32_t i = 1; i <= 5; ++i)
    EXPECT_EQ(tracker.report(guesser, 0, 0, 10min, kStart).failures, i);
}

TEST(Promise3, AMistakeIsKnownForADayAfterItWasLastMade) {
  FailureTracker tracker(8);
  const SourceKey phone = source("10.20.0.7");
  tracker.report(phone, 0, 77, 10min, kStart);
  EXPECT_TRUE(tracker.report(phone, 0, 77, 10min, kStart + 23h).repeated);
  EXPECT_TRUE(tracker.report(phone, 0, 77, 10min, kStart + 46h).repeated);
  EXPECT_FALSE(tracker.report(phone, 0, 77, 10min, kStart + 70h).repeated);
}

TEST(FailureTracker, SettledFailuresNoLongerCountButAreStillKnown) {
  FailureTracker tracker(8);
  const SourceKey someone = source("198.51.100.7");
  for (uint64_t i = 1; i <= 20; ++i) tracker.report(someone, 0, i, 10min, kStart);
  tracker.settle(someone, 0);
  EXPECT_EQ(tracker.failures(someone, 0, 10min, kStart), 0U);
  const auto known = tracker.report(someone, 0, 13, 10min, kStart + 1s);
  EXPECT_TRUE(known.repeated);
  EXPECT_EQ(known.failures, 0U);
  EXPECT_EQ(tracker.report(someone, 0, 99, 10min, kStart + 1s).failures, 1U);
}

TEST(Promise5, ARecordTellsWhoseTheFailuresWere) {
  FailureTracker tracker(8);
  const SourceKey office = source("203.0.113.9");
  const auto fails = [&](IdentityTag identity, SteadyTime now, bool known = false) {
    tracker.report(office, 0, {.fingerprint = 0, .identity = identity, .known = known}, 10min, now);
  };
  fails(7, kStart);
  fails(8, kStart + 1s);
  fails(7, kStart + 2s, true);
  fails(9, kStart + 3s);
  auto shares = tracker.shares(office, 0, 10min, kStart + 3s);
  ASSERT_EQ(shares.size(), 3U);
  EXPECT_EQ(shares[0].identity, 7);
  EXPECT_EQ(shares[0].failures, 2U);
  EXPECT_TRUE(shares[0].known) << "as of its last failure";
  EXPECT_EQ(shares[1].identity, 9) << "of equals, who failed last";
  EXPECT_EQ(shares[2].identity, 8);
  shares = tracker.shares(office, 0, 10min, kStart + 10min + 500ms);
  ASSERT_EQ(shares.size(), 3U) << "the first failure has left the window";
  EXPECT_EQ(shares[0].identity, 9);
  tracker.settle(office, 0, 7);
  EXPECT_EQ(tracker.shares(office, 0, 10min, kStart + 3s).size(), 2U);
  EXPECT_EQ(tracker.failures(office, 0, 10min, kStart + 3s), 2U);
}

TEST(Promise3, TheSameCredentialOfAnotherIdentityIsAnotherMistake) {
  FailureTracker tracker(8);
  const SourceKey office = source("203.0.113.9");
  EXPECT_FALSE(
      tracker.report(office, 0, {.fingerprint = 5, .identity = 7}, 10min, kStart).repeated);
  EXPECT_FALSE(
      tracker.report(office, 0, {.fingerprint = 5, .identity = 8}, 10min, kStart).repeated);
  EXPECT_TRUE(tracker.report(office, 0, {.fingerprint = 5, .identity = 7}, 10min, kStart).repeated);
}

TEST(Promise1, WhatIsRestoredCountsAsOfThen) {
  FailureTracker tracker(8);
  const SourceKey office = source("203.0.113.9");
  tracker.restore(office, 0, {.identity = 7, .failures = 3}, kStart);
  EXPECT_EQ(tracker.failures(office, 0, 10min, kStart + (10min - 1s)), 3U);
  EXPECT_EQ(tracker.failures(office, 0, 10min, kStart + 10min), 0U);
  EXPECT_EQ(tracker.report(office, 0, 1, 10min, kStart + 1min).failures, 4U);
}

TEST(Promise12_Bounded, TheTrackerForgetsThePrefixThatFailedLongestAgo) {
  FailureTracker tracker(3);
  tracker.report(source("192.0.2.1"), 0, 1, 10min, kStart);
  tracker.report(source("192.0.2.2"), 0, 1, 10min, kStart + 1s);
  tracker.report(source("192.0.2.3"), 0, 1, 10min, kStart + 2s);
  tracker.report(source("192.0.2.1"), 0, 2, 10min, kStart + 3s);
  EXPECT_EQ(tracker.evictions(), 0U);
  tracker.report(source("192.0.2.4"), 0, 1, 10min, kStart + 4s);
  EXPECT_EQ(tracker.size(), 3U);
  EXPECT_EQ(tracker.evictions(), 1U);
  EXPECT_EQ(tracker.failures(source("192.0.2.1"), 0, 10min, kStart + 4s), 2U);
  EXPECT_EQ(tracker.failures(source("192.0.2.2"), 0, 10min, kStart + 4s), 0U);
  EXPECT_EQ(tracker.failures(source("192.0.2.3"), 0, 10min, kStart + 4s), 1U);
}

TEST(Promise12_Bounded, AFloodFromOneNetworkEvictsItsOwnEntriesFirst) {
  FailureTracker tracker(100);
  for (uint32_t i = 0; i < 8; ++i) tracker.report(source(i << 8), 0, 1, 1h, kStart);
  for (uint32_t i = 0; i < 10'000; ++i) {
    const std::array<uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8, 0, 7, uint8_t(i >> 8), uint8_t(i)};
    tracker.report(SourceKey(IpPrefix(IpAddress::v6(bytes), 64)), 0, i + 1, 1h, kStart + 1s);
  }
  EXPECT_EQ(tracker.size(), 100U);
  uint32_t survivors = 0;
  for (uint32_t i = 0; i < 8; ++i)
    survivors += tracker.failures(source(i << 8), 0, 1h, kStart + 2s);
  EXPECT_EQ(survivors, 8U) << "older than the whole flood, and still there";
}

TEST(Promise12_Bounded, OneSourceRemembersSoManyMistakesAndForgetsTheOldest) {
  FailureTracker tracker(4);
  const SourceKey flood = source("198.51.100.7");
  constexpr uint32_t kMost = FailureTracker::kMostMistakes;
  for (uint32_t i = 1; i <= kMost; ++i)
    EXPECT_EQ(tracker.report(flood, 0, i, 1h, kStart + i * 1s).failures, i);
  EXPECT_EQ(tracker.report(flood, 0, kMost + 1, 1h, kStart + 200s).failures, kMost);
  EXPECT_FALSE(tracker.report(flood, 0, 1, 1h, kStart + 201s).repeated) << "was the oldest";
  EXPECT_TRUE(tracker.report(flood, 0, kMost + 1, 1h, kStart + 202s).repeated);
}

TEST(Promise12_Bounded, TheRoomForLongListsIsSharedAndBounded) {
  FailureTracker tracker(64);
  for (uint32_t i = 0; i < 64; ++i)
    for (uint64_t mistake = 1; mistake <= 60; ++mistake)
      tracker.report(source(0xc000'0200U + (i << 8)), 0, mistake, 1h, kStart + i * 1s);
  // 64 sources of 60 mistakes would need 576 chunks; there are 16 + 32.
  EXPECT_LE(tracker.memory_bytes(), 64 * 64 + 48 * 64 + 64 * 8 + sizeof(FailureTracker));
  EXPECT_GT(tracker.evictions(), 0U);
  EXPECT_EQ(tracker.failures(source(0xc000'0200U + (63U << 8)), 0, 1h, kStart + 64s), 60U)
      << "the one at work has its list";
}

TEST(Promise12_Bounded, ATrackedSourceCosts64BytesAnd8PerMistake) {
  constexpr size_t kSources = 100'000;
  FailureTracker tracker(kSources);
  for (uint32_t i = 0; i < kSources; ++i) tracker.report(source(i * 4099), 0, 1, 1h, kStart);
  EXPECT_EQ(tracker.size(), kSources);
  EXPECT_EQ(tracker.evictions(), 0U);
  EXPECT_LE(tracker.memory_bytes(), kSources * (64 + 8));
}

// The simplest possible tracker, to compare with.
class Model {
 public:
  FailureTracker::Tally report(uint32_t source, uint64_t fingerprint, milliseconds within,
                               SteadyTime now) {
    auto& mistakes = of_[source];
    std::erase_if(mistakes, [&](const Mistake& m) {
      return now - m.last >= FailureTracker::remembered_for(within) && now - m.first >= within;
    });
    FailureTracker::Tally tally;
    for (Mistake& m : mistakes) {
      const bool counts = now - m.first < within;
      if (counts) ++tally.failures;
      if (m.fingerprint != fingerprint) continue;
      tally.repeated = true;
      if (!counts) m.last = now;
    }
    if (tally.repeated) return tally;
    mistakes.push_back({fingerprint, now, now});
    ++tally.failures;
    return tally;
  }

 private:
  struct Mistake {
    uint64_t fingerprint;
    SteadyTime first, last;
  };
  std::map<uint32_t, std::vector<Mistake>> of_;
};

TEST(FailureTracker, AgreesWithASimpleModelWhenThereIsRoom) {
  std::mt19937 random(7);
  FailureTracker tracker(10'000);
  Model model;
  SteadyTime now = kStart;
  for (int i = 0; i < 20'000; ++i) {
    now += milliseconds(100 * (random() % 40));
    const auto from = uint32_t(0x0a00'0000U + random() % 250 * 77);
    const uint64_t fingerprint = 1 + random() % 60;
    const auto expected = model.report(from, fingerprint, 10min, now);
    const auto tally = tracker.report(source(from), 0, fingerprint, 10min, now);
    ASSERT_EQ(tally.failures, expected.failures) << "report " << i;
    ASSERT_EQ(tally.repeated, expected.repeated) << "report " << i;
  }
}

TEST(FailureTracker, StaysWholeUnderRandomEviction) {
  std::mt19937 random(11);
  FailureTracker tracker(50);
  std::set<uint32_t> seen;
  for (int i = 0; i < 30'000; ++i) {
    const auto from = uint32_t(random() % 500 * 300);
    seen.insert(from);
    tracker.report(source(from), FailureTracker::Series(random() % 3), random() % 20, 10min,
                   kStart + milliseconds(i * 50));
    ASSERT_LE(tracker.size(), 50U);
  }
  EXPECT_EQ(tracker.size(), 50U);
  size_t still_there = 0;
  for (const uint32_t from : seen)
    for (FailureTracker::Series series = 0; series < 3; ++series)
      still_there += tracker.failures(source(from), series, 240h, kStart) > 0 ? 1 : 0;
  EXPECT_LE(still_there, 50U);
}

}  // namespace
}  // namespace stormdoor::acl
