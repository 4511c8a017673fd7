#include "edge/handover_state.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

using News = HandoverState::News;

class HandoverStateTest : public testing::Test {
 protected:
  void pass(milliseconds time) {
    now_.steady += time;
    now_.wall += time;
  }
  News fail() { return state_.ended(Error(ErrorCode::Unavailable, "it is down"), now_); }
  News succeed() { return state_.ended({}, now_); }

  Now now_{};
  HandoverState state_;
};

TEST_F(HandoverStateTest, HasNothingToDoWhileNothingIsWanted) {
  EXPECT_FALSE(state_.begin(now_.steady));
  EXPECT_FALSE(state_.pending_since());
  EXPECT_FALSE(state_.in_effect(0));
}

TEST_F(HandoverStateTest, AVersionIsPendingUntilItHasSucceeded) {
  state_.want(7, now_.wall);
  EXPECT_TRUE(state_.pending_since());
  EXPECT_TRUE(state_.begin(now_.steady));
  EXPECT_FALSE(state_.in_effect(7));
  EXPECT_EQ(succeed(), News::None);
  EXPECT_TRUE(state_.in_effect(7));
  EXPECT_FALSE(state_.in_effect(8));
  EXPECT_FALSE(state_.pending_since());
  EXPECT_FALSE(state_.begin(now_.steady));
}

TEST_F(HandoverStateTest, VersionsThatComeDuringAnAttemptGoTogetherInTheNext) {
  state_.want(7, now_.wall);
  ASSERT_TRUE(state_.begin(now_.steady));
  for (const uint64_t version : {8, 9, 10}) {
    pass(milliseconds(1));
    state_.want(version, now_.wall);
    EXPECT_FALSE(state_.begin(now_.steady));
  }
  succeed();
  EXPECT_TRUE(state_.in_effect(7));
  EXPECT_FALSE(state_.in_effect(8));
  EXPECT_TRUE(state_.pending_since());
  ASSERT_TRUE(state_.begin(now_.steady));
  succeed();
  EXPECT_TRUE(state_.in_effect(10));
  EXPECT_FALSE(state_.pending_since());
}

TEST_F(HandoverStateTest, AnOlderVersionIsNoNews) {
  state_.want(7, now_.wall);
  ASSERT_TRUE(state_.begin(now_.steady));
  succeed();
  state_.want(6, now_.wall);
  state_.want(7, now_.wall);
  EXPECT_FALSE(state_.pending_since());
}

TEST_F(HandoverStateTest, WaitsLongerAfterEachFailureAndNotForEver) {
  state_.want(7, now_.wall);
  const WallTime since = now_.wall;
  for (const int wait : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    ASSERT_TRUE(state_.begin(now_.steady));
    fail();
    EXPECT_EQ(state_.trouble(), "it is down");
    pass(seconds(wait) - milliseconds(1));
    state_.want(state_.failures() + 7, now_.wall);  // changes do not hurry it
    EXPECT_FALSE(state_.begin(now_.steady)) << wait;
    pass(milliseconds(1));
  }
  EXPECT_EQ(state_.pending_since(), since);
  ASSERT_TRUE(state_.begin(now_.steady));
  EXPECT_EQ(succeed(), News::WorksAgain);
  EXPECT_EQ(state_.trouble(), "");
  state_.want(100, now_.wall);
  EXPECT_TRUE(state_.begin(now_.steady));  // the delays begin anew
  fail();
  EXPECT_EQ(state_.retry_at(), now_.steady + HandoverState::kFirstDelay);
}

TEST_F(HandoverStateTest, IsNewsOnceWhenItBeginsToFailAndOnceWhenItWorksAgain) {
  state_.want(7, now_.wall);
  std::vector<News> news;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(state_.begin(now_.steady));
    news.push_back(fail());
    pass(HandoverState::kMostDelay);
  }
  ASSERT_TRUE(state_.begin(now_.steady));
  news.push_back(succeed());
  EXPECT_EQ(news, (std::vector{News::Fails, News::None, News::None, News::WorksAgain}));
}

}  // namespace
}  // namespace stormdoor::edge
