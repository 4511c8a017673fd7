#include "base/bounded_map.hpp"

#include <gtest/gtest.h>

namespace stormdoor {
namespace {

TEST(BoundedMap, ForgetsTheOneTouchedLongestAgoWhenFull) {
  BoundedMap<int, int> map(2);
  map[1] = 10;
  map[2] = 20;
  ASSERT_NE(map.find(1), nullptr);  // 2 is now the oldest
  map[3] = 30;
  EXPECT_EQ(map.find(2), nullptr);
  EXPECT_EQ(*map.find(1), 10);
  EXPECT_EQ(*map.find(3), 30);
  EXPECT_EQ(map.size(), 2U);
  EXPECT_EQ(map.evictions(), 1U);
}

TEST(BoundedMap, JustBelowItsCapacityForgetsNothing) {
  BoundedMap<int, int> map(3);
  for (int i = 0; i < 3; ++i) map[i] = i;
  EXPECT_EQ(map.evictions(), 0U);
  EXPECT_TRUE(map.erase(1));
  EXPECT_FALSE(map.erase(1));
  map[7] = 7;
  EXPECT_EQ(map.evictions(), 0U);
}

TEST(BoundedMap, PeekingDoesNotTouch) {
  BoundedMap<int, int> map(2);
  map[1] = 1;
  map[2] = 2;
  EXPECT_EQ(*map.peek(1), 1);
  map[3] = 3;
  EXPECT_EQ(map.peek(1), nullptr);
}

}  // namespace
}  // namespace stormdoor
