#include "edge/mailbox.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace stormdoor::edge {
namespace {

TEST(Mailbox, WakesOncePerFillingAndCountsWhatDoesNotFit) {
  int woken = 0;
  Mailbox<int> box(2, [&] { ++woken; });
  for (int i = 0; i < 5; ++i) box.put(i);
  EXPECT_EQ(box.take(), (std::vector<int>{0, 1}));
  EXPECT_EQ(box.lost(), 3U);
  EXPECT_EQ(woken, 1);
  box.put(7);
  EXPECT_EQ(box.take(), std::vector<int>{7});
  EXPECT_EQ(woken, 2);
}

TEST(Mailbox, LosesNothingBetweenThreads) {
  Mailbox<int> box(100'000, [] {});
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < 4; ++w)
      writers.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) box.put(i);
      });
  }
  EXPECT_EQ(box.take().size(), 4000U);
}

}  // namespace
}  // namespace stormdoor::edge
