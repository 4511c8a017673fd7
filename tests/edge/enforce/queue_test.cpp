#include "edge/enforce/queue.hpp"

#include <gmock/gmock.h>

#include "edge/enforce/watcher_health.hpp"

namespace stormdoor::edge::enforce {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const SteadyTime kStart{seconds{1'000}};

TEST(WaitingPackets, AreAnsweredOnce) {
  WaitingPackets waiting;
  EXPECT_TRUE(waiting.add(1, kStart));
  EXPECT_FALSE(waiting.add(1, kStart));
  EXPECT_TRUE(waiting.answer(1));
  EXPECT_FALSE(waiting.answer(1));
  EXPECT_FALSE(waiting.answer(2));
  EXPECT_TRUE(waiting.empty());
}

TEST(WaitingPackets, HaveABound) {
  WaitingPackets waiting;
  for (uint32_t id = 1; id <= WaitingPackets::kMostWaiting; ++id)
    EXPECT_TRUE(waiting.add(id, kStart));
  EXPECT_FALSE(waiting.add(0, kStart));
  EXPECT_TRUE(waiting.answer(500));
  EXPECT_TRUE(waiting.add(0, kStart));
}

TEST(WaitingPackets, EndWithTheirPatience) {
  WaitingPackets waiting;
  waiting.add(1, kStart);
  waiting.add(2, kStart + milliseconds{1});
  waiting.add(3, kStart + milliseconds{1});
  EXPECT_TRUE(waiting.answer(2));
  EXPECT_THAT(waiting.expire(kStart + milliseconds{199}), IsEmpty());
  EXPECT_THAT(waiting.expire(kStart + milliseconds{200}), ElementsAre(1));
  EXPECT_THAT(waiting.expire(kStart + seconds{9}), ElementsAre(3));
  EXPECT_FALSE(waiting.answer(3));
}

TEST(WatcherHealth, IsAwayAfterEnoughSilence) {
  WatcherHealth health(true);
  EXPECT_TRUE(health.usable(kStart));
  health.on_unanswered(WatcherHealth::kMostSilence - 1, kStart);
  EXPECT_TRUE(health.usable(kStart));
  health.on_answer();
  health.on_unanswered(WatcherHealth::kMostSilence - 1, kStart);
  EXPECT_TRUE(health.usable(kStart));
  health.on_unanswered(1, kStart);
  EXPECT_FALSE(health.usable(kStart + WatcherHealth::kRest - milliseconds{1}));
  EXPECT_TRUE(health.usable(kStart + WatcherHealth::kRest));
}

TEST(WatcherHealth, IsAwayWithoutAChannel) {
  EXPECT_FALSE(WatcherHealth(false).usable(kStart));
  WatcherHealth health(true);
  health.on_closed();
  EXPECT_FALSE(health.usable(kStart + seconds{60}));
}

}  // namespace
}  // namespace stormdoor::edge::enforce
