#include "bench/storm/link_queue.hpp"

#include <gtest/gtest.h>

namespace stormdoor::storm {
namespace {

constexpr SteadyTime kStart{std::chrono::hours(1)};

TEST(LinkQueue, APacketArrivesAfterTheDelayAndInItsOrder) {
  LinkQueue queue({.delay = milliseconds(30)}, 1);
  EXPECT_FALSE(queue.next());
  queue.push("first", kStart);
  queue.push("second", kStart);
  queue.push("third", kStart + milliseconds(1));
  EXPECT_EQ(queue.next(), kStart + milliseconds(30));
  EXPECT_FALSE(queue.pop(kStart + milliseconds(29)));
  EXPECT_EQ(queue.pop(kStart + milliseconds(30)), "first");
  EXPECT_EQ(queue.pop(kStart + milliseconds(30)), "second");
  EXPECT_FALSE(queue.pop(kStart + milliseconds(30)));
  EXPECT_EQ(queue.pop(kStart + milliseconds(31)), "third");
  EXPECT_EQ(queue.lost(), 0U);
}

TEST(LinkQueue, JitterStaysWithinItsBoundsAndLetsPacketsOvertake) {
  LinkQueue queue({.delay = milliseconds(30), .jitter = milliseconds(10)}, 1);
  for (int i = 0; i < 1000; ++i) queue.push(std::to_string(i), kStart);
  EXPECT_FALSE(queue.pop(kStart + milliseconds(20) - std::chrono::nanoseconds(1)));
  int overtaken = 0, last = -1, count = 0;
  while (const auto packet = queue.pop(kStart + milliseconds(40))) {
    overtaken += std::stoi(*packet) < last ? 1 : 0;
    last = std::stoi(*packet);
    ++count;
  }
  EXPECT_EQ(count, 1000);
  EXPECT_GT(overtaken, 100);
}

TEST(LinkQueue, LosesItsShareAndTheSameOnesForTheSameSeed) {
  const auto arrived = [](uint32_t seed) {
    LinkQueue queue({.loss = 0.1}, seed);
    for (int i = 0; i < 10'000; ++i) queue.push(std::to_string(i), kStart);
    std::string all;
    while (const auto packet = queue.pop(kStart)) all += *packet + ' ';
    EXPECT_NEAR(double(queue.lost()), 1000, 150);
    return all;
  };
  EXPECT_EQ(arrived(1), arrived(1));
  EXPECT_NE(arrived(1), arrived(2));
}

TEST(LinkQueue, AFullLineLosesWhatComesNext) {
  LinkQueue queue({.delay = milliseconds(1)}, 1);
  for (size_t i = 0; i < LinkQueue::kMostPackets + 3; ++i) queue.push("", kStart);
  EXPECT_EQ(queue.lost(), 3U);
}

}  // namespace
}  // namespace stormdoor::storm
