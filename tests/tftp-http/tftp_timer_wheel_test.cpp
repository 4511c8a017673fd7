#include "tftp-http/tftp_timer_wheel.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace stormdoor::tftp {
namespace {

using Ids = std::vector<uint32_t>;
const SteadyTime kStart = SteadyTime() + milliseconds(1'000'000);
SteadyTime at(int ms) {
  return kStart + milliseconds(ms);
}

TEST(TimerWheel, GivesADeadlineWhenItHasComeAndNotBefore) {
  TimerWheel wheel(milliseconds(10), 16, kStart);
  wheel.set(3, at(40));
  EXPECT_TRUE(wheel.take_due(at(39)).empty());
  EXPECT_EQ(wheel.take_due(at(40)), Ids{3});
  EXPECT_TRUE(wheel.empty());
}

TEST(TimerWheel, MovesAndCancels) {
  TimerWheel wheel(milliseconds(10), 16, kStart);
  wheel.set(1, at(20));
  wheel.set(2, at(20));
  wheel.set(1, at(60));
  wheel.cancel(2);
  wheel.cancel(2);
  wheel.cancel(99);
  EXPECT_TRUE(wheel.take_due(at(50)).empty());
  EXPECT_EQ(wheel.take_due(at(60)), Ids{1});
}

TEST(TimerWheel, KeepsDeadlinesBeyondItsHorizon) {
  TimerWheel wheel(milliseconds(10), 4, kStart);
  wheel.set(0, at(1000));
  for (int ms = 10; ms < 1000; ms += 10) EXPECT_TRUE(wheel.take_due(at(ms)).empty()) << ms;
  EXPECT_EQ(wheel.take_due(at(1000)), Ids{0});
}

TEST(TimerWheel, CatchesUpAfterALongPause) {
  TimerWheel wheel(milliseconds(10), 4, kStart);
  wheel.set(0, at(20));
  wheel.set(1, at(70'000));
  EXPECT_EQ(wheel.take_due(at(50'000)), Ids{0});
  EXPECT_EQ(wheel.take_due(at(90'000)), Ids{1});
}

TEST(TimerWheel, GivesADeadlineOfThePastAtTheNextTick) {
  TimerWheel wheel(milliseconds(10), 4, kStart);
  EXPECT_TRUE(wheel.take_due(at(500)).empty());
  wheel.set(7, at(100));
  EXPECT_EQ(wheel.take_due(at(510)), Ids{7});
}

TEST(TimerWheel, AgreesWithAnOrderedMapUnderRandomUse) {
  std::mt19937 random(7);
  TimerWheel wheel(milliseconds(10), 32, kStart);
  std::map<uint32_t, int> model;
  int now = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto id = static_cast<uint32_t>(random() % 50);
    switch (random() % 4) {
      case 0:
        wheel.cancel(id);
        model.erase(id);
        break;
      case 1:
        now += static_cast<int>(random() % 30);
        for (const uint32_t due : wheel.take_due(at(now))) {
          ASSERT_TRUE(model.contains(due));
          ASSERT_LE(model[due], now);
          model.erase(due);
        }
        for (const auto& [waiting, deadline] : model) ASSERT_GT(deadline + 10, now) << waiting;
        break;
      default:
        model[id] = now + static_cast<int>(random() % 800);
        wheel.set(id, at(model[id]));
    }
    ASSERT_EQ(wheel.empty(), model.empty());
  }
}

}  // namespace
}  // namespace stormdoor::tftp
