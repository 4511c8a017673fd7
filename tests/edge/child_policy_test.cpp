#include "edge/child_policy.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

using namespace std::chrono_literals;

TEST(ChildPolicy, RestartsAtOnceAndThenLessAndLessOften) {
  ChildPolicy policy;
  SteadyTime now{};
  std::vector<milliseconds> delays;
  for (int i = 0; i < 8; ++i) {
    policy.on_started(now);
    delays.push_back(policy.on_ended(now));
  }
  EXPECT_EQ(delays, (std::vector<milliseconds>{0s, 1s, 2s, 4s, 8s, 16s, 30s, 30s}));
}

TEST(ChildPolicy, AMinuteOfGoodServiceIsForgiveness) {
  ChildPolicy policy;
  SteadyTime now{};
  policy.on_started(now);
  (void)policy.on_ended(now);
  policy.on_started(now);
  policy.on_ready(now);
  EXPECT_EQ(policy.on_ended(now + 59s), 1s);
  policy.on_started(now);
  policy.on_ready(now);
  EXPECT_EQ(policy.on_ended(now + 60s), 0s);
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
