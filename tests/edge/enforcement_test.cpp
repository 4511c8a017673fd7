#include "edge/enforcement.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

EnforceElement block(uint32_t host) {
  return {EnforceSet::BlockedSip, IpPrefix(IpAddress::v4(0x0a000000 + host), 32), 60};
}

// Plays stormdoor-enforce.
class Enforcements : public testing::Test {
 protected:
  Enforcements()
      : enforcement_(
            *loop_, EnforceSettings{},
            {.intended = [this] { return intended_; },
             .on_ready = [this] { ++ready_; },
             .on_bad = [this](const Error& error) { bad_.push_back(error.message()); },
             .on_problem = [this](const std::string& text) { problems_.push_back(text); }}) {}

  void start() {
    auto ends = *PacketChannel::create_pair(4 << 20);
    helper_.emplace(std::move(ends.second));
    enforcement_.connect(std::move(ends.first));
  }
  std::vector<EnforceOrder> orders() {
    std::vector<EnforceOrder> all;
    for (;;) {
      const auto packet = helper_->receive();
      if (!packet || !*packet) return all;
      auto order = decode_enforce_order(**packet);
      EXPECT_TRUE(order);
      all.push_back(std::move(*order));
    }
  }
  void answer(const EnforceNews& news) {
    helper_->send(encode(news));
    loop_->post([this] { loop_->post([this] { loop_->stop(); }); });
    loop_->run();
  }

  std::unique_ptr<loop::EventLoop> loop_ = *loop::EventLoop::create();
  Enforcement::Contents intended_;
  int ready_ = 0;
  std::vector<std::string> bad_, problems_;
  std::optional<PacketChannel> helper_;
  Enforcement enforcement_;
};

TEST_F(Enforcements, ANewHelperIsToldEverything) {
  for (uint32_t i = 0; i < kMostEnforceOps + 1; ++i) intended_.elements.push_back(block(i));
  intended_.flows.push_back({IpAddress::v4(1), 5060, false, 60});
  start();
  const auto all = orders();
  ASSERT_EQ(all.size(), 6U);  // settings, begin, two parts, the flow, end
  EXPECT_EQ(std::get<EnforceSettings>(all[0]), EnforceSettings{});
  EXPECT_EQ(std::get<EnforceSync>(all[1]).stage, EnforceSync::Stage::Begin);
  EXPECT_EQ(std::get<EnforceSync>(all[2]).elements.size(), kMostEnforceOps);
  EXPECT_EQ(std::get<EnforceSync>(all[3]).elements, (std::vector{block(kMostEnforceOps)}));
  EXPECT_EQ(std::get<EnforceSync>(all[4]).flows, intended_.flows);
  EXPECT_EQ(std::get<EnforceSync>(all[5]).stage, EnforceSync::Stage::End);
  EXPECT_FALSE(enforcement_.state().ready);
  answer(EnforceReport{.generation = 1});
  EXPECT_TRUE(enforcement_.state().ready);
  EXPECT_EQ(ready_, 1);
}

TEST_F(Enforcements, WhenIdleAChangeGoesOutAtOnceAndWhileOneIsInFlightTheyAreGathered) {
  start();
  (void)orders();
  enforcement_.change(EnforceOp::Add, block(1));
  enforcement_.flush();
  auto all = orders();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(std::get<EnforceBatch>(all[0]).ops.size(), 1U);
  for (uint32_t i = 2; i < 12; ++i) {
    enforcement_.change(EnforceOp::Add, block(i));
    enforcement_.flush();
  }
  EXPECT_TRUE(orders().empty());
  answer(EnforceApplied{.sequence = 1, .microseconds = 70});
  all = orders();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(std::get<EnforceBatch>(all[0]).ops.size(), 10U);
  EXPECT_EQ(enforcement_.state().last_microseconds, 70U);
}

TEST_F(Enforcements, AFlowIsSparedBeforeItsAddressIsBlocked) {
  start();
  (void)orders();
  enforcement_.change(EnforceOp::Add, block(1));
  enforcement_.change(EnforceOp::Add, EnforceFlow{IpAddress::v4(1), 5060, false, 60});
  enforcement_.flush();
  const auto all = orders();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<EnforceFlows>(all[0]));
  EXPECT_TRUE(std::holds_alternative<EnforceBatch>(all[1]));
}

TEST_F(Enforcements, WhatTheKernelRefusedComesAgainWithTheNextSync) {
  start();
  (void)orders();
  enforcement_.change(EnforceOp::Add, block(1));
  enforcement_.flush();
  (void)orders();
  answer(EnforceProblem{.text = "no room", .sequence = 1});
  EXPECT_EQ(problems_, (std::vector<std::string>{"no room"}));
  enforcement_.check(loop_->now().steady);
  EXPECT_EQ(orders().size(), 2U);  // begin and end
}

TEST_F(Enforcements, EveryFewSecondsAllOfItIsCompared) {
  start();
  const auto now = loop_->now().steady;
  enforcement_.check(now);
  (void)orders();
  enforcement_.check(now + Enforcement::kSyncPeriod - milliseconds{1});
  EXPECT_TRUE(orders().empty());
  enforcement_.check(now + Enforcement::kSyncPeriod);
  EXPECT_EQ(orders().size(), 2U);
}

TEST_F(Enforcements, TooManyChangesAtOnceBecomeASync) {
  start();
  (void)orders();
  for (uint32_t i = 0; i <= Enforcement::kMostPending; ++i)
    enforcement_.change(EnforceOp::Add, block(i));
  enforcement_.flush();
  const auto all = orders();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<EnforceSync>(all[0]));
}

TEST_F(Enforcements, WithoutAHelperChangesAreForTheNextOne) {
  enforcement_.change(EnforceOp::Add, block(1));
  enforcement_.flush();
  intended_.elements = {block(1)};
  start();
  EXPECT_EQ(orders().size(), 4U);
}

TEST_F(Enforcements, AHelperThatTalksNonsenseIsReported) {
  start();
  helper_->send("nonsense");
  loop_->post([this] { loop_->post([this] { loop_->stop(); }); });
  loop_->run();
  EXPECT_EQ(bad_.size(), 1U);
  EXPECT_FALSE(enforcement_.state().connected);
}

}  // namespace
}  // namespace stormdoor::edge
