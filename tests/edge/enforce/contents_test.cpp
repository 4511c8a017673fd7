#include "edge/enforce/contents.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge::enforce {
namespace {

const SteadyTime kStart{seconds{1'000}};

Entry entry(uint32_t number) {
  return Entry::of(SetKind::BlockedSip, IpPrefix(IpAddress::v4(number), 32));
}

TEST(EnforceContents, CountByKind) {
  Contents contents;
  contents.set(entry(1), kForever);
  contents.set(entry(1), kStart);
  contents.set(Entry::of(EnforceFlow{}), kForever);
  EXPECT_EQ(contents.count(SetKind::BlockedSip), 1U);
  EXPECT_EQ(contents.count(SetKind::Flows), 1U);
  contents.erase(entry(1));
  contents.erase(entry(1));
  EXPECT_EQ(contents.count(SetKind::BlockedSip), 0U);
}

TEST(EnforceContents, ForgetWhatHasEndedAndNothingElse) {
  Contents contents;
  contents.set(entry(1), kStart + milliseconds{10'500});
  contents.set(entry(2), kForever);
  contents.set(entry(3), kStart + seconds{5});
  contents.set(entry(3), kStart + seconds{60});  // set anew
  contents.expire(kStart + milliseconds{10'499});
  EXPECT_EQ(contents.size(), 3U);
  contents.expire(kStart + seconds{11});
  EXPECT_FALSE(contents.contains(entry(1)));
  EXPECT_EQ(contents.size(), 2U);
  contents.expire(kStart + seconds{60});
  EXPECT_EQ(contents.size(), 1U);
}

TEST(EnforceContents, TimesSetAnewAThousandfoldStillEndOnce) {
  Contents contents;
  for (int i = 0; i < 10'000; ++i) contents.set(entry(1), kStart + seconds{i});
  contents.expire(kStart + seconds{9'998});
  EXPECT_TRUE(contents.contains(entry(1)));
  contents.expire(kStart + seconds{9'999});
  EXPECT_FALSE(contents.contains(entry(1)));
}

TEST(EnforceDifference, IsWhatMakesTheOneTheOther) {
  Contents actual;
  Contents intended;
  for (const uint32_t both : {1U, 2U}) {
    actual.set(entry(both), kStart + seconds{60});
    intended.set(entry(both), kStart + seconds{60});
  }
  actual.set(entry(3), kForever);
  intended.set(entry(4), kStart + seconds{60});
  const auto found = difference(actual, intended, kStart);
  EXPECT_EQ(found.missing, 1U);
  EXPECT_EQ(found.foreign, 1U);
  actual.apply(found.changes);
  EXPECT_EQ(actual.entries(), intended.entries());
}

TEST(EnforceDifference, ClocksMayTickApart) {
  const auto differs = [](SteadyTime a, SteadyTime b) {
    Contents actual;
    Contents intended;
    actual.set(entry(1), a);
    intended.set(entry(1), b);
    return difference(actual, intended, kStart).missing == 1;
  };
  const auto expiry = kStart + seconds{60};
  EXPECT_FALSE(differs(expiry, expiry + kTimeTolerance - milliseconds{1}));
  EXPECT_TRUE(differs(expiry, expiry + kTimeTolerance));
  EXPECT_FALSE(differs(expiry + kTimeTolerance - milliseconds{1}, expiry));
  EXPECT_TRUE(differs(kForever, expiry));
  EXPECT_TRUE(differs(expiry, kForever));
  EXPECT_FALSE(differs(kForever, kForever));
}

TEST(EnforceDifference, WhatIsAboutToEndIsLeftAlone) {
  Contents ending;
  ending.set(entry(1), kStart + kTimeTolerance - milliseconds{1});
  EXPECT_TRUE(difference(ending, {}, kStart).changes.empty());
  EXPECT_TRUE(difference({}, ending, kStart).changes.empty());
  ending.set(entry(1), kStart + kTimeTolerance);
  EXPECT_EQ(difference(ending, {}, kStart).foreign, 1U);
  EXPECT_EQ(difference({}, ending, kStart).missing, 1U);
}

}  // namespace
}  // namespace stormdoor::edge::enforce
