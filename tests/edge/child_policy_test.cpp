#include "edge/child_policy.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

using namespace std::chrono_literals;

TEST(ChildPolicy, AChildThatCannotStartIsTriedLessAndLessOften) {
  ChildPolicy policy;
  const SteadyTime now{};
  std::vector<milliseconds> delays;
  for (int i = 0; i < 7; ++i) {
    policy.on_started(now);
    delays.push_back(policy.on_ended(now));
  }
  EXPECT_EQ(delays, (std::vector<milliseconds>{1s, 2s, 4s, 8s, 16s, 30s, 30s}));
}

TEST(ChildPolicy, AChildThatServedIsBackAtOnceHoweverOftenItIsKilled) {
  ChildPolicy policy;
  const SteadyTime now{};
  for (int i = 0; i < 50; ++i) {
    policy.on_started(now);
    policy.on_ready(now);
    EXPECT_EQ(policy.on_ended(now + 999ms), ChildPolicy::kBreath);
    policy.on_started(now);
    policy.on_ready(now);
    EXPECT_EQ(policy.on_ended(now + 1s), 0ms);
  }
}

TEST(ChildPolicy, HavingServedForgivesFailedStarts) {
  ChildPolicy policy;
  const SteadyTime now{};
  for (int i = 0; i < 5; ++i) {
    policy.on_started(now);
    (void)policy.on_ended(now);
  }
  policy.on_started(now);
  policy.on_ready(now);
  (void)policy.on_ended(now + 5s);
  policy.on_started(now);
  EXPECT_EQ(policy.on_ended(now), 1s);
}

TEST(ChildPolicy, ASilentChildHasADeadline) {
  ChildPolicy policy;
  const SteadyTime now{};
  policy.on_started(now);
  EXPECT_EQ(policy.deadline(), now + ChildPolicy::kStartPatience);
  policy.on_ready(now + 5s);
  EXPECT_EQ(policy.deadline(), now + 5s + ChildPolicy::kLifePatience);
  policy.on_life(now + 9s);
  EXPECT_EQ(policy.deadline(), now + 9s + ChildPolicy::kLifePatience);
}

}  // namespace
}  // namespace stormdoor::edge
