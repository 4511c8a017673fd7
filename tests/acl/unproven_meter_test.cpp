#include "acl/unproven_meter.hpp"

#include <gtest/gtest.h>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{1000h};
const TftpThrottle kRules{
    .failures = 3, .failures_per_neighbourhood = 10, .within = 1min, .throttle_for = 2min};

SourceKey source(uint32_t v4) {
  return SourceKey(IpPrefix(IpAddress::v4(v4), 32));
}

TEST(UnprovenMeter, ThrottlesASourceAtItsLimit) {
  UnprovenMeter meter(100);
  EXPECT_FALSE(meter.report(source(1), 1, kRules, kStart));
  EXPECT_FALSE(meter.report(source(1), 2, kRules, kStart + 1s));
  EXPECT_FALSE(meter.throttle(source(1), kStart + 1s).source_until);
  EXPECT_TRUE(meter.report(source(1), 3, kRules, kStart + 2s));
  EXPECT_EQ(meter.throttle(source(1), kStart + 2s).source_until, kStart + 2min + 2s);
  EXPECT_FALSE(meter.throttle(source(1), kStart + 2min + 2s).source_until);
  EXPECT_FALSE(meter.throttle(source(2), kStart + 2s).source_until);
}

TEST(UnprovenMeter, AWindowBeginsAnew) {
  UnprovenMeter meter(100);
  meter.report(source(1), 1, kRules, kStart);
  meter.report(source(1), 2, kRules, kStart + 59s);
  EXPECT_FALSE(meter.report(source(1), 3, kRules, kStart + 60s)) << "the first of a new window";
  EXPECT_EQ(meter.throttle(source(1), kStart + 60s).failures, 1U);
}

TEST(UnprovenMeter, TheSameMistakeInARowCountsOnce) {
  UnprovenMeter meter(100);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(meter.report(source(1), 7, kRules, kStart));
  EXPECT_EQ(meter.throttle(source(1), kStart).failures, 1U);
}

TEST(UnprovenMeter, ThrottlesANeighbourhoodAtItsLimit) {
  UnprovenMeter meter(100);
  for (uint32_t i = 0; i < 9; ++i) EXPECT_FALSE(meter.report(source(i), 1, kRules, kStart));
  EXPECT_FALSE(meter.throttle(source(200), kStart).neighbourhood_until);
  EXPECT_TRUE(meter.report(source(9), 1, kRules, kStart));
  EXPECT_EQ(meter.throttle(source(200), kStart).neighbourhood_until, kStart + 2min);
  EXPECT_FALSE(meter.throttle(source(200), kStart).source_until);
  EXPECT_FALSE(meter.throttle(source(256), kStart).neighbourhood_until) << "the next /24";
}

TEST(Promise12_Bounded, TheMeterForgetsTheSourceThatFailedLongestAgo) {
  UnprovenMeter meter(2);
  meter.report(source(1 << 8), 1, kRules, kStart);
  meter.report(source(2 << 8), 1, kRules, kStart);
  meter.report(source(3 << 8), 1, kRules, kStart);
  EXPECT_EQ(meter.throttle(source(1 << 8), kStart).failures, 0U);
  EXPECT_EQ(meter.throttle(source(2 << 8), kStart).failures, 1U);
  EXPECT_EQ(meter.throttle(source(3 << 8), kStart).failures, 1U);
}

}  // namespace
}  // namespace stormdoor::acl
