#include "edge/helper_group.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include <csignal>

#include "edge/messages_packet.hpp"

namespace stormdoor::edge {
namespace {

// A helper that echoes what comes over its channel, and ends when that is closed.
ChildProgram echo(const std::string& name) {
  constexpr const char* kEcho =
      "import socket\n"
      "channel = socket.socket(fileno=3)\n"
      "channel.setblocking(True)\n"
      "while data := channel.recv(4096): channel.send(data)\n";
  UniqueFd python(open("/usr/bin/python3", O_RDONLY | O_CLOEXEC));
  return {name, std::move(python), {"/usr/bin/python3", "-c", kEcho}, {}};
}

class HelperGroups : public testing::Test {
 protected:
  HelperGroups() {
    std::vector<ChildProgram> programs;
    programs.push_back(echo("watch"));
    programs.push_back(echo("enforce"));
    group_ = std::make_unique<HelperGroup>(std::move(programs));
  }
  void start() {
    channels_.clear();
    group_->start_if_due(now_, [this](const Message& message) {
      EXPECT_EQ(message.type, MessageType::HelperChannel);
      names_.push_back(message.text);
      channels_.emplace_back(UniqueFd(fcntl(message.descriptor.get(), F_DUPFD_CLOEXEC, 0)));
    });
  }
  // What the helper at the other end answers; empty when it is gone.
  static std::string ask(PacketChannel& channel, const std::string& question) {
    if (channel.send(question) != PacketChannel::Sent::Yes) return {};
    pollfd readable{channel.descriptor(), POLLIN, 0};
    poll(&readable, 1, 20'000);
    const auto answer = channel.receive();
    return answer && *answer ? **answer : std::string();
  }
  // Ends one of them by closing the server's end.
  void end_first() {
    channels_.erase(channels_.begin());
    while (!group_->due()) {
      siginfo_t info{};
      waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
      group_->reap(now_);
    }
  }

  SteadyTime now_{std::chrono::hours(1)};
  std::unique_ptr<HelperGroup> group_;
  std::vector<std::string> names_;
  std::vector<PacketChannel> channels_;
};

TEST_F(HelperGroups, EachIsConnectedToTheServer) {
  ASSERT_EQ(group_->due(), SteadyTime{});
  start();
  EXPECT_EQ(names_, (std::vector<std::string>{"watch", "enforce"}));
  EXPECT_EQ(ask(channels_[0], "one"), "one");
  EXPECT_EQ(ask(channels_[1], "two"), "two");
  EXPECT_FALSE(group_->due()) << "they run";
}

TEST_F(HelperGroups, WhenOneEndsTheOthersAreEndedAndAllBeginAgain) {
  start();
  group_->on_ready("watch", now_);
  end_first();
  EXPECT_EQ(ask(channels_[0], "still there?"), "") << "the other one was ended as well";
  ASSERT_TRUE(group_->due());
  EXPECT_LE(*group_->due(), now_ + ChildPolicy::kBreath) << "it had worked: at once";
  now_ = *group_->due();
  start();
  EXPECT_EQ(ask(channels_[0], "again"), "again");
}

TEST_F(HelperGroups, OneThatNeverWorkedIsTriedLessAndLessOften) {
  start();
  end_first();
  EXPECT_EQ(*group_->due(), now_ + seconds{1});
  now_ += milliseconds{999};
  start();
  EXPECT_TRUE(group_->due()) << "not yet";
  now_ += milliseconds{1};
  start();
  EXPECT_FALSE(group_->due());
}

TEST_F(HelperGroups, ASilentOneIsKilled) {
  start();
  group_->on_ready("enforce", now_);
  group_->on_silent("enforce", now_);
  while (!group_->due()) {
    siginfo_t info{};
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    group_->reap(now_);
  }
  EXPECT_EQ(ask(channels_[0], "still there?"), "");
}

TEST(HelperGroup, WithoutHelpersThereIsNothingToDo) {
  HelperGroup group({});
  EXPECT_FALSE(group.due());
  group.start_if_due({}, [](const Message&) { FAIL(); });
  group.reap({});
}

}  // namespace
}  // namespace stormdoor::edge
