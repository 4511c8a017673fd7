#include "edge/helper_link.hpp"

#include <gtest/gtest.h>

#include "edge/messages_codec.hpp"

namespace stormdoor::edge {
namespace {

class HelperLinks : public testing::Test {
 protected:
  HelperLinks()
      : link_(
            *loop_,
            [this](std::string_view packet) -> Result<void> {
              if (packet == "nonsense") return Error(ErrorCode::Corrupt, "that is no message");
              heard_.emplace_back(packet);
              if (packet == "last") loop_->stop();
              return {};
            },
            [this](const Error& error) {
              complaints_.push_back(error.message());
              loop_->stop();
            }) {
    auto ends = *PacketChannel::create_pair(64 << 10);
    helper_.emplace(std::move(ends.second));
    link_.connect(std::move(ends.first));
  }

  std::unique_ptr<loop::EventLoop> loop_ = *loop::EventLoop::create();
  std::vector<std::string> heard_, complaints_;
  std::optional<PacketChannel> helper_;
  HelperLink link_;
};

TEST_F(HelperLinks, WhatTheHelperSaysArrivesInOrder) {
  for (const char* word : {"one", "two", "last"}) helper_->send(word);
  loop_->run();
  EXPECT_EQ(heard_, (std::vector<std::string>{"one", "two", "last"}));
}

TEST_F(HelperLinks, NonsenseIsFatalToTheHelperAndReportedOnce) {
  helper_->send("nonsense");
  helper_->send("more");
  loop_->run();
  EXPECT_EQ(complaints_, (std::vector<std::string>{"that is no message"}));
  EXPECT_FALSE(link_.connected());
  EXPECT_TRUE(heard_.empty());
  EXPECT_FALSE(link_.send("to nobody"));
}

TEST_F(HelperLinks, OneThatSaysNothingIsReportedWhenPatienceEndsAndNotBefore) {
  const auto now = loop_->now().steady;
  link_.check(now + HelperLink::kPatience - seconds{1});
  EXPECT_TRUE(link_.connected());
  link_.check(now + HelperLink::kPatience + seconds{1});
  EXPECT_FALSE(link_.connected());
  EXPECT_EQ(complaints_.size(), 1U);
}

TEST_F(HelperLinks, WhatDoesNotFitWaitsAndComesInOrderUpToABound) {
  const std::string filler(8'000, 'x');
  size_t accepted = 0;
  while (link_.send(std::to_string(accepted) + " " + filler)) ++accepted;
  EXPECT_GT(accepted, HelperLink::kMostBacklog);
  EXPECT_EQ(link_.backlog(), HelperLink::kMostBacklog);
  EXPECT_TRUE(link_.take_lost());
  EXPECT_FALSE(link_.take_lost());
  for (size_t received = 0; received < accepted;) {
    const auto packet = helper_->receive();
    ASSERT_TRUE(packet);
    if (!*packet) {  // the link writes on when its loop turns
      loop_->post([this] { loop_->stop(); });
      loop_->run();
      continue;
    }
    EXPECT_TRUE((*packet)->starts_with(std::to_string(received) + " "));
    ++received;
  }
  EXPECT_EQ(link_.backlog(), 0U);
}

TEST_F(HelperLinks, AnEndedHelperIsForgottenQuietly) {
  helper_.reset();
  loop_->post([this] { loop_->post([this] { loop_->stop(); }); });
  loop_->run();
  EXPECT_FALSE(link_.connected());
  EXPECT_TRUE(complaints_.empty());
}

}  // namespace
}  // namespace stormdoor::edge
