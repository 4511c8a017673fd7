#include "acl/probe_meter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{std::chrono::hours(1000)};
const ProbeRules kRules{.answers = 3, .within = 1min, .meter_for = 10min};

SourceKey source(std::string_view text) {
  return SourceKey(*IpPrefix::parse(text));
}

TEST(Promise4, ManyProbesAreMeteredAndFewAreNot) {
  ProbeMeter meter(8);
  const SourceKey prober = source("203.0.113.9");
  EXPECT_FALSE(meter.report(prober, kRules, kStart));
  EXPECT_FALSE(meter.report(prober, kRules, kStart + 30s));
  EXPECT_EQ(meter.state(prober, kStart + 30s).answers, 2U);
  EXPECT_FALSE(meter.report(prober, kRules, kStart + 1min)) << "the window began anew";
  EXPECT_FALSE(meter.report(prober, kRules, kStart + 1min));
  EXPECT_EQ(meter.report(prober, kRules, kStart + 1min), kStart + 11min);
  EXPECT_FALSE(meter.state(source("203.0.113.10"), kStart + 1min).until);
  EXPECT_TRUE(meter.state(prober, kStart + (11min - 1ms)).until);
  EXPECT_FALSE(meter.state(prober, kStart + 11min).until);
}

TEST(Promise5, AnOfficeThatRegistersIsNoProber) {
  ProbeMeter meter(8);
  const SourceKey office = source("203.0.113.9");
  for (int phone = 0; phone < 100; ++phone) {
    EXPECT_FALSE(meter.report(office, kRules, kStart));
    EXPECT_FALSE(meter.report(office, kRules, kStart)) << "two at once";
    meter.take_back(office);
    meter.take_back(office);
    meter.take_back(office);  // once too often
  }
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(meter.report(office, kRules, kStart));
  EXPECT_TRUE(meter.report(office, kRules, kStart))
      << "what leads to no registration counts as before";
}

TEST(Promise5, AnOfficeWhosePhonesAllBootAtOnceIsNoProber) {
  ProbeMeter meter(8);
  const SourceKey office = source("203.0.113.9");
  constexpr size_t kPhones = 450;
  for (size_t phone = 0; phone < kPhones; ++phone)
    EXPECT_FALSE(meter.report(office, kRules, kStart, kPhones)) << "none has registered yet";
}

TEST(ProbeMeter, TellsOfALongerMeteringWhenHalfOfItHasPassed) {
  ProbeMeter meter(8);
  const SourceKey prober = source("203.0.113.9");
  for (int i = 0; i < 3; ++i) (void)meter.report(prober, kRules, kStart);
  EXPECT_FALSE(meter.report(prober, kRules, kStart + 1s));
  const SteadyTime later = kStart + 6min;
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(meter.report(prober, kRules, later));
  EXPECT_EQ(meter.report(prober, kRules, later), later + 10min);
  EXPECT_THAT(meter.metered(later), testing::SizeIs(1));
}

// A time that moved with every probe was given to the kernel anew at every look, with a full burst.
TEST(Promise4, WhoGoesOnProbingStaysMeteredUntilTheTimeThatWasTold) {
  ProbeMeter meter(8);
  const SourceKey prober = source("203.0.113.9");
  std::optional<SteadyTime> told;
  for (int i = 0; i < 3; ++i) told = meter.report(prober, kRules, kStart);
  ASSERT_TRUE(told);
  for (auto now = kStart; now < kStart + 5min; now += 10s) {
    EXPECT_FALSE(meter.report(prober, kRules, now));
    const auto metered = meter.metered(now);
    ASSERT_THAT(metered, testing::SizeIs(1));
    EXPECT_EQ(metered[0].second, told);
  }
}

TEST(Promise12_Bounded, TheProbeMeterForgetsWhoProbedLongestAgo) {
  ProbeMeter meter(2);
  for (const char* text : {"10.0.0.1", "10.0.0.2", "10.0.0.3"})
    (void)meter.report(source(text), kRules, kStart);
  EXPECT_EQ(meter.state(source("10.0.0.1"), kStart).answers, 0U);
  EXPECT_EQ(meter.state(source("10.0.0.3"), kStart).answers, 1U);
}

}  // namespace
}  // namespace stormdoor::acl
