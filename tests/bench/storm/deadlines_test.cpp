#include "bench/storm/deadlines.hpp"

#include <gtest/gtest.h>

namespace stormdoor::storm {
namespace {

const SteadyTime kStart{std::chrono::seconds(100)};
SteadyTime at(int ms) {
  return kStart + milliseconds(ms);
}

TEST(Deadlines, CallsWhatIsDueAndNothingElse) {
  Deadlines deadlines;
  std::string called;
  const auto a = deadlines.add([&] { called += 'a'; });
  const auto b = deadlines.add([&] { called += 'b'; });
  deadlines.set(b, at(20));
  deadlines.set(a, at(10));
  EXPECT_EQ(deadlines.next(), at(10));
  deadlines.run(at(9));
  EXPECT_EQ(called, "");
  deadlines.run(at(10));
  EXPECT_EQ(called, "a");
  deadlines.run(at(20));
  EXPECT_EQ(called, "ab");
  deadlines.run(at(1000));
  EXPECT_EQ(called, "ab");
  EXPECT_EQ(deadlines.next(), SteadyTime::max());
}

TEST(Deadlines, MovedLaterItComesLaterAndMovedEarlierItComesEarlier) {
  Deadlines deadlines;
  int calls = 0;
  const auto slot = deadlines.add([&] { ++calls; });
  deadlines.set(slot, at(10));
  deadlines.set(slot, at(30));
  deadlines.run(at(29));
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(deadlines.next(), at(30));
  deadlines.set(slot, at(5));
  EXPECT_EQ(deadlines.next(), at(5));
  deadlines.run(at(29));
  EXPECT_EQ(calls, 1);
  deadlines.run(at(100));
  EXPECT_EQ(calls, 1);
}

TEST(Deadlines, ARemovedOneIsNotCalledEvenIfItsSlotIsUsedAgain) {
  Deadlines deadlines;
  std::string called;
  const auto old = deadlines.add([&] { called += "old"; });
  deadlines.set(old, at(10));
  deadlines.remove(old);
  const auto fresh = deadlines.add([&] { called += "new"; });
  ASSERT_EQ(fresh, old);
  deadlines.set(fresh, at(50));
  deadlines.run(at(49));
  EXPECT_EQ(called, "");
  deadlines.run(at(50));
  EXPECT_EQ(called, "new");
}

TEST(Deadlines, ACallbackMaySetItselfAgainAndMayRemoveItself) {
  Deadlines deadlines;
  int calls = 0;
  Deadlines::Slot slot{};
  slot = deadlines.add([&] {
    if (++calls == 3) return deadlines.remove(slot);
    deadlines.set(slot, at(10 + calls * 10));
  });
  deadlines.set(slot, at(10));
  deadlines.run(at(1000));
  EXPECT_EQ(calls, 3);
}

TEST(Deadlines, AClearedOneIsNotCalled) {
  Deadlines deadlines;
  int calls = 0;
  const auto slot = deadlines.add([&] { ++calls; });
  deadlines.set(slot, at(10));
  deadlines.clear(slot);
  deadlines.run(at(20));
  EXPECT_EQ(calls, 0);
  deadlines.set(slot, at(30));
  deadlines.run(at(30));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace stormdoor::storm
