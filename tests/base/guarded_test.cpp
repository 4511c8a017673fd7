#include "base/guarded.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace stormdoor {
namespace {

TEST(Guarded, LetsOneThreadInAtATime) {
  Guarded<int> count(0);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 10'000; ++i) count.with([](int& value) { ++value; });
      });
  }
  EXPECT_EQ(count.with([](int value) { return value; }), 40'000);
}

TEST(Guarded, GivesAConstOneOutAsConst) {
  const Guarded<std::vector<int>> guarded(3U, 7);
  guarded.with([](auto& value) {
    static_assert(std::is_const_v<std::remove_reference_t<decltype(value)>>);
    EXPECT_EQ(value, (std::vector<int>{7, 7, 7}));
  });
}

TEST(Guarded, ComesInArraysOfShards) {
  std::array<Guarded<int>, 4> shards{};
  shards[2].with([](int& value) { value = 5; });
  EXPECT_EQ(shards[2].with([](int value) { return value; }), 5);
}

}  // namespace
}  // namespace stormdoor
