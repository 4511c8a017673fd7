#include "acl/block_list.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace stormdoor::acl {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

const Now kStart{SteadyTime(1000h), WallTime(400'000h)};
const Limit kLimit{.failures = 3,
                   .within = 1min,
                   .block_for = 10min,
                   .repeat_factor = 3,
                   .repeat_max = std::chrono::hours(1)};

SourceKey source(std::string_view text) {
  return SourceKey(*IpPrefix::parse(text));
}

store::BlockRecord by_hand(std::string_view prefix, WallTime until) {
  return {.source = *IpPrefix::parse(prefix),
          .service = uint8_t(Service::Sip),
          .since = kStart.wall,
          .until = until,
          .repeats = 0,
          .reason = "by hand",
          .by_administrator = true};
}

TEST(BlockList, HoldsUntilItsEndAndForItsServiceOnly) {
  BlockList list(10);
  const auto made = list.block(source("10.0.0.7"), Service::Sip, kLimit, "why", kStart);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->until, kStart.wall + 10min);
  EXPECT_EQ(made->reason, "why");
  const SteadyTime end = kStart.steady + 10min;
  EXPECT_NE(list.find(source("10.0.0.7"), Service::Sip, end - 1ms), nullptr);
  EXPECT_EQ(list.find(source("10.0.0.7"), Service::Sip, end), nullptr);
  EXPECT_EQ(list.find(source("10.0.0.7"), Service::Portal, kStart.steady), nullptr);
  EXPECT_EQ(list.find(source("10.0.0.8"), Service::Sip, kStart.steady), nullptr);
  EXPECT_THAT(list.in_force(kStart.steady), SizeIs(1));
  EXPECT_THAT(list.in_force(end), SizeIs(0));
}

TEST(BlockList, ARestoredBlockLastsNoLongerThanItWasMadeForWhateverTheClockSays) {
  const auto record = by_hand("10.0.0.7", kStart.wall + 10min);
  for (const milliseconds back : {milliseconds(0), milliseconds(400'000h)}) {
    BlockList list(10);
    ASSERT_TRUE(list.put(record, 0ms, {kStart.steady, kStart.wall - back}));
    EXPECT_NE(list.find(source("10.0.0.7"), Service::Sip, kStart.steady + (10min - 1ms)), nullptr);
    EXPECT_EQ(list.find(source("10.0.0.7"), Service::Sip, kStart.steady + 10min), nullptr);
  }
}

TEST(BlockList, DoesNotLengthenABlockThatIsInForce) {
  BlockList list(10);
  ASSERT_TRUE(list.block(source("10.0.0.7"), Service::Sip, kLimit, "why", kStart));
  EXPECT_FALSE(list.block(source("10.0.0.7"), Service::Sip, kLimit, "why", kStart + (10min - 1ms)));
  const auto next = list.block(source("10.0.0.7"), Service::Sip, kLimit, "why", kStart + 10min);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->repeats, 1U);
  EXPECT_EQ(next->until - next->since, 30min);
}

TEST(BlockList, AnAccountOfASourceIsABlockOfItsOwn) {
  BlockList list(10);
  const BlockList::Cause cause{
      .service = Service::Sip, .reason = "why", .account = "301", .evidence = "1 limit\n"};
  const auto made = list.block(source("10.0.0.7"), kLimit, cause, kStart);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->account, "301");
  EXPECT_EQ(made->evidence, "1 limit\n");
  EXPECT_EQ(list.find(source("10.0.0.7"), Service::Sip, kStart.steady), nullptr);
  EXPECT_NE(list.find(source("10.0.0.7"), Service::Sip, kStart.steady, "301"), nullptr);
  EXPECT_EQ(list.find(source("10.0.0.7"), Service::Sip, kStart.steady, "302"), nullptr);
  EXPECT_EQ(list.find(source("10.0.0.7"), Service::Portal, kStart.steady, "301"), nullptr);
  EXPECT_TRUE(list.is_contested(source("10.0.0.7")));
  EXPECT_FALSE(list.is_contested(source("10.0.0.8")));
  EXPECT_THAT(list.accounts_of(source("10.0.0.7"), kStart.steady), SizeIs(1));
  EXPECT_THAT(list.accounts_of(source("10.0.0.7"), kStart.steady + 10min), SizeIs(0));
  EXPECT_TRUE(list.remove(source("10.0.0.7"), Service::Sip, kStart.steady, "301"));
  EXPECT_FALSE(list.is_contested(source("10.0.0.7")));
}

TEST(BlockList, TellsWhoEnforcesWhatChangedInOrder) {
  BlockList list(2);
  ASSERT_TRUE(list.block(source("10.0.0.1"), Service::Sip, kLimit, "why", kStart));
  ASSERT_TRUE(list.put(by_hand("10.0.0.2", WallTime::max()), 0ms, kStart));
  ASSERT_TRUE(list.block(source("10.0.0.3"), Service::Sip, kLimit, "why", kStart));
  EXPECT_TRUE(list.remove(source("10.0.0.2"), Service::Sip, kStart.steady));
  const auto taken = list.take_changes();
  EXPECT_FALSE(taken.overflowed);
  std::vector<std::string> told;
  for (const auto& change : taken.changes)
    told.push_back((change.in_force ? "+" : "-") +
                   change.block.record.source.address().to_string());
  EXPECT_THAT(told,
              testing::ElementsAre("+10.0.0.1", "+10.0.0.2", "-10.0.0.1", "+10.0.0.3", "-10.0.0.2"))
      << "also who was let go for want of room";
  EXPECT_FALSE(list.has_changes());
}

TEST(Promise12_Bounded, ChangesThatNobodyTakesAreThrownAwayAndThatIsSaid) {
  BlockList list(BlockList::kMostChanges + 8);
  for (uint32_t i = 0; i <= BlockList::kMostChanges; ++i)
    ASSERT_TRUE(
        list.block(SourceKey(IpPrefix(IpAddress::v4(i), 32)), Service::Sip, kLimit, "why", kStart));
  const auto taken = list.take_changes();
  EXPECT_TRUE(taken.overflowed);
  EXPECT_THAT(taken.changes, SizeIs(0));
  EXPECT_FALSE(list.has_changes());
}

TEST(Promise12_Bounded, OneBlockedAccountTooManyCostsItsSourceTheOneThatEndsFirst) {
  BlockList list(2 * BlockList::kMostAccounts);
  const auto refuse = [&](std::string_view address, const std::string& account, Now now) {
    return list.block(source(address), kLimit,
                      {.service = Service::Sip, .reason = "why", .account = account}, now);
  };
  ASSERT_TRUE(refuse("10.0.0.8", "others", kStart));
  store::BlockRecord by_administrator = by_hand("10.0.0.7", kStart.wall + 1min);
  by_administrator.account = "by hand";
  ASSERT_TRUE(list.put(by_administrator, 0ms, kStart));
  Now now = kStart;
  for (size_t i = 1; i < BlockList::kMostAccounts; ++i, now = now + 1ms)
    ASSERT_TRUE(refuse("10.0.0.7", std::to_string(i), now));
  EXPECT_THAT(list.accounts_of(source("10.0.0.7"), now.steady), SizeIs(BlockList::kMostAccounts));
  EXPECT_TRUE(refuse("10.0.0.7", "one more", now));
  EXPECT_THAT(list.accounts_of(source("10.0.0.7"), now.steady), SizeIs(BlockList::kMostAccounts));
  const auto is_refused = [&](std::string_view address, std::string_view account) {
    return list.find(source(address), Service::Sip, now.steady, account) != nullptr;
  };
  EXPECT_FALSE(is_refused("10.0.0.7", "1"));
  EXPECT_TRUE(is_refused("10.0.0.7", "2"));
  EXPECT_TRUE(is_refused("10.0.0.7", "one more"));
  EXPECT_TRUE(is_refused("10.0.0.7", "by hand"));
  EXPECT_TRUE(is_refused("10.0.0.8", "others"));
}

TEST(BlockList, AFactorOfOneNeverLengthens) {
  BlockList list(10);
  Limit limit = kLimit;
  limit.repeat_factor = 1;
  Now now = kStart;
  for (int i = 0; i < 5; ++i, now = now + 10min) {
    const auto made = list.block(source("10.0.0.7"), Service::Sip, limit, "why", now);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->until - made->since, 10min);
  }
}

TEST(BlockList, HugeRepeatsAreTheMostAndNoOverflow) {
  BlockList list(10);
  store::BlockRecord old = by_hand("10.0.0.7", kStart.wall + 1min);
  old.by_administrator = false;
  old.repeats = 4'000'000'000U;
  ASSERT_TRUE(list.put(old, 1h, kStart));
  const auto made = list.block(source("10.0.0.7"), Service::Sip, kLimit, "why", kStart + 2min);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->until - made->since, 1h);
}

TEST(BlockList, FindsTheLongestPrefixAroundAnAddress) {
  BlockList list(10);
  for (const char* text : {"10.0.0.0/8", "10.20.0.0/16", "10.20.30.40/32", "::/0", "2001:db8::/32"})
    ASSERT_TRUE(list.put(by_hand(text, WallTime::max()), 0s, kStart));
  const auto found = [&](std::string_view address) {
    const auto* block =
        list.find_covering(*IpAddress::parse(address), Service::Sip, kStart.steady + 100000h);
    return block == nullptr ? "none" : block->record.source.to_string();
  };
  EXPECT_EQ(found("10.20.30.40"), "10.20.30.40/32");
  EXPECT_EQ(found("10.20.30.41"), "10.20.0.0/16");
  EXPECT_EQ(found("10.21.0.1"), "10.0.0.0/8");
  EXPECT_EQ(found("11.0.0.1"), "none") << "::/0 is IPv6's";
  EXPECT_EQ(found("2001:db8::1"), "2001:db8::/32");
  EXPECT_EQ(found("2001:db9::1"), "::/0");
  EXPECT_TRUE(list.remove(source("10.20.0.0/16"), Service::Sip, kStart.steady));
  EXPECT_EQ(found("10.20.30.41"), "10.0.0.0/8");
}

TEST(BlockList, PuttingAgainReplaces) {
  BlockList list(10);
  ASSERT_TRUE(list.put(by_hand("10.0.0.7", kStart.wall + 1h), 0s, kStart));
  ASSERT_TRUE(list.put(by_hand("10.0.0.7", kStart.wall + 1min), 0s, kStart));
  EXPECT_EQ(list.size(), 1U);
  EXPECT_EQ(list.find(source("10.0.0.7"), Service::Sip, kStart.steady + 1min), nullptr);
}

TEST(BlockList, RemovingForgetsTheRepeatsToo) {
  BlockList list(10);
  ASSERT_TRUE(list.block(source("10.0.0.7"), Service::Sip, kLimit, "why", kStart));
  EXPECT_FALSE(list.remove(source("10.0.0.7"), Service::Sip, kStart.steady + 20min))
      << "was over already";
  EXPECT_EQ(list.size(), 0U);
  EXPECT_THAT(list.take_forgotten(), SizeIs(1)) << "the store hears of it all the same";
  EXPECT_EQ(list.block(source("10.0.0.7"), Service::Sip, kLimit, "why", kStart + 21min)->repeats,
            0U);
}

TEST(BlockList, AnEndedBlockIsForgottenAfterRepeatMax) {
  BlockList list(10);
  ASSERT_TRUE(list.block(source("10.0.0.7"), Service::Sip, kLimit, "why", kStart));
  list.advance(kStart.steady + (70min - 1ms));
  EXPECT_EQ(list.size(), 1U);
  list.advance(kStart.steady + 70min);
  EXPECT_EQ(list.size(), 0U);
  EXPECT_THAT(list.take_forgotten(), SizeIs(1));
}

TEST(BlockList, LiftsOnlyAutomaticBlocks) {
  BlockList list(10);
  ASSERT_TRUE(list.block(source("10.0.0.7"), Service::Sip, kLimit, "why", kStart));
  ASSERT_TRUE(list.put(by_hand("10.0.0.8", WallTime::max()), 0s, kStart));
  list.lift_if([](const auto&) { return true; });
  EXPECT_EQ(list.find(source("10.0.0.7"), Service::Sip, kStart.steady), nullptr);
  EXPECT_NE(list.find(source("10.0.0.8"), Service::Sip, kStart.steady), nullptr);
}

TEST(Promise12_Bounded, AFullListForgetsTheRememberedBeforeThoseInForce) {
  BlockList list(3);
  ASSERT_TRUE(list.block(source("10.0.0.1"), Service::Sip, kLimit, "over by now", kStart));
  const Now now = kStart + 11min;
  ASSERT_TRUE(list.block(source("10.0.0.2"), Service::Sip, kLimit, "why", now));
  ASSERT_TRUE(list.block(source("10.0.0.3"), Service::Sip, kLimit, "why", now + 1s));
  ASSERT_TRUE(list.block(source("10.0.0.4"), Service::Sip, kLimit, "why", now + 2s));
  EXPECT_NE(list.find(source("10.0.0.2"), Service::Sip, now.steady), nullptr);
  ASSERT_TRUE(list.block(source("10.0.0.5"), Service::Sip, kLimit, "why", now + 3s));
  EXPECT_EQ(list.find(source("10.0.0.2"), Service::Sip, now.steady), nullptr) << "ends soonest";
  EXPECT_EQ(list.size(), 3U);
  EXPECT_EQ(list.evictions(), 2U);
}

TEST(Promise12_Bounded, AFloodOfBlocksCostsItsOwnNeighbourhoodsBlocks) {
  for (const char* flood : {"203.0.113.%", "2001:db8:7:%::1"}) {
    BlockList list(40);
    const auto block = [&](const std::string& address, Now now) {
      return list.block(source(address), Service::Sip, kLimit, "why", now).has_value();
    };
    // These end first, which used to cost them their place.
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(block(fmt::format("10.0.{}.7", i), kStart));
    for (int i = 1; i <= 200; ++i) {
      std::string address = flood;
      address.replace(address.find('%'), 1, std::to_string(i));
      ASSERT_TRUE(block(address, kStart + milliseconds(i)));
    }
    for (int i = 0; i < 20; ++i)
      EXPECT_NE(list.find(source(fmt::format("10.0.{}.7", i)), Service::Sip, kStart.steady + 1s),
                nullptr)
          << i << " " << flood;
    EXPECT_EQ(list.size(), 40U);
    EXPECT_EQ(list.evictions(), 180U);
  }
}

TEST(Promise12_Bounded, WhatWasForgottenAndNeverTakenIsBoundedToo) {
  BlockList list(5);
  for (uint32_t i = 0; i < 1000; ++i)
    list.block(SourceKey(IpPrefix(IpAddress::v4(i), 32)), Service::Sip, kLimit, "why", kStart);
  EXPECT_THAT(list.take_forgotten(), SizeIs(5));
}

TEST(BlockList, StaysWholeUnderRandomUse) {
  std::mt19937 random(5);
  BlockList list(40);
  Now now = kStart;
  for (int i = 0; i < 5'000; ++i) {
    now = now + milliseconds(random() % 60'000);
    const int length = random() % 4 == 0 ? 24 : 32;
    const IpPrefix prefix(IpAddress::v4(uint32_t(random() % 100) << 6), length);
    const auto service = Service(random() % 2);
    switch (random() % 5) {
      case 0:
      case 1:
        list.block(SourceKey(prefix), service, kLimit, "why", now);
        break;
      case 2: {
        store::BlockRecord record = by_hand("::", now.wall + milliseconds(random() % 7'200'000));
        record.source = prefix;
        record.service = uint8_t(service);
        record.by_administrator = random() % 2 == 0;
        (void)list.put(record, 1h, now);
        break;
      }
      case 3:
        list.remove(SourceKey(prefix), service, now.steady);
        break;
      default:
        (void)list.take_forgotten();
        break;
    }
    ASSERT_LE(list.size(), 40U);
    for (const auto& [record, until, forget] : list.in_force(now.steady)) {
      ASSERT_GT(record.until, now.wall);
      ASSERT_NE(list.find_covering(record.source.address(), Service{record.service}, now.steady),
                nullptr);
    }
  }
  list.advance(now.steady + 100h);
  EXPECT_EQ(list.size(), 0U);
}

}  // namespace
}  // namespace stormdoor::acl
