#include "edge/helper_group.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "edge/messages_packet.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

constexpr const char* kEcho =
    "import socket, sys\n"
    "channel = socket.socket(fileno=3)\n"
    "channel.setblocking(True)\n"
    "while data := channel.recv(4096): channel.send(data)\n";

ChildProgram python(const std::string& name, const std::string& code,
                    const std::string& argument = {}) {
  UniqueFd interpreter(open("/usr/bin/python3", O_RDONLY | O_CLOEXEC));
  return {name, std::move(interpreter), {"/usr/bin/python3", "-c", code, argument}, {}};
}

std::string contents_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A helper that echoes what comes over its channel, and ends when that is closed.
ChildProgram echo(const std::string& name) {
  return python(name, kEcho);
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

// One that has something to do when its channel closes: it writes `farewell`.
class HelpersThatTakeLeave : public HelperGroups {
 protected:
  HelpersThatTakeLeave() {
    std::vector<ChildProgram> programs;
    programs.push_back(echo("watch"));
    programs.push_back(python(
        "enforce", std::string(kEcho) + "open(sys.argv[1], 'w').write('done')\n", farewell_));
    group_ = std::make_unique<HelperGroup>(std::move(programs));
    start();
    EXPECT_EQ(ask(channels_[1], "ready?"), "ready?");
  }
  const test::TempDir directory_;
  const std::string farewell_ = directory_.file("farewell");
};

TEST_F(HelpersThatTakeLeave, MayFinishWhenTheServerHasEnded) {
  channels_.clear();
  group_->end_all(now_);
  EXPECT_EQ(contents_of(farewell_), "done");
}

TEST_F(HelpersThatTakeLeave, MayFinishWhenTheOtherOneHasEnded) {
  end_first();
  EXPECT_EQ(contents_of(farewell_), "done");
}

TEST_F(HelperGroups, ASignalToAllOfThemEndsNone) {
  std::vector<ChildProgram> programs;
  programs.push_back(python("watch",
                            "import os, signal\n"
                            "for number in signal.SIGINT, signal.SIGTERM:\n"
                            "  os.kill(os.getpid(), number)\n" +
                                std::string(kEcho)));
  group_ = std::make_unique<HelperGroup>(std::move(programs));
  start();
  EXPECT_EQ(ask(channels_[0], "still there?"), "still there?");
}

TEST(HelperGroup, OneThatDoesNotEndIsKilled) {
  std::vector<ChildProgram> programs;
  programs.push_back(python("deaf", "import signal\nsignal.pause()"));
  HelperGroup group(std::move(programs), milliseconds{20});
  group.start_if_due({}, [](const Message&) {});
  group.end_all({});
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "nobody is left";
}

TEST(HelperGroup, WithoutHelpersThereIsNothingToDo) {
  HelperGroup group({});
  EXPECT_FALSE(group.due());
  group.start_if_due({}, [](const Message&) { FAIL(); });
  group.reap({});
}

}  // namespace
}  // namespace stormdoor::edge
