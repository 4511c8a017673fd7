#include "base/bounded_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

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

// Against the plainest thing that could be right; the poor hash makes keys collide all the time.
TEST(BoundedMap, StaysWholeUnderRandomUse) {
  struct PoorHash {
    size_t operator()(int key) const { return size_t(key % 5); }
  };
  BoundedMap<int, std::string, PoorHash> map(40);
  std::vector<std::pair<int, std::string>> model;  // newest first
  const auto place = [&](int key) {
    return std::ranges::find(model, key, &decltype(model)::value_type::first);
  };
  std::mt19937 random(7);
  for (int step = 0; step < 20'000; ++step) {
    const int key = int(random() % 60);
    const auto there = place(key);
    if (random() % 3 == 0) {
      EXPECT_EQ(map.erase(key), there != model.end());
      if (there != model.end()) model.erase(there);
    } else {
      map[key] = std::to_string(step);
      if (there != model.end())
        model.erase(there);
      else if (model.size() == map.capacity())
        model.pop_back();
      model.insert(model.begin(), {key, std::to_string(step)});
    }
    ASSERT_EQ(map.size(), model.size());
    ASSERT_EQ(map.peek(key) != nullptr, place(key) != model.end());
  }
  std::vector<std::pair<int, std::string>> all;
  map.for_each([&](int key, const std::string& value) { all.emplace_back(key, value); });
  EXPECT_EQ(all, model);
  map.clear();
  EXPECT_EQ(map.find(3), nullptr);
  map[3] = "again";
  EXPECT_EQ(*map.peek(3), "again");
}

TEST(BoundedMap, ValuesStayWhereTheyAre) {
  BoundedMap<int, int> map(1'000);
  const int* first = &map[0];
  for (int i = 1; i < 1'000; ++i) map[i] = i;
  EXPECT_EQ(map.peek(0), first);
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
