#include "edge/run_command.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace stormdoor::edge {
namespace {

const std::atomic<bool> kGoOn = false;

std::string said(const std::vector<std::string>& words, std::string_view input = {},
                 milliseconds patience = seconds(20)) {
  const auto ran = run_command(words, input, patience, kGoOn);
  return ran ? *ran : "refused: " + ran.error().message();
}

TEST(RunCommand, HandsOverItsInputAndGivesItsOutput) {
  EXPECT_EQ(said({"cat"}, "a line\n"), "a line\n");
  EXPECT_EQ(said({"printf", "%s", "no $(shell) here"}), "no $(shell) here");
}

TEST(RunCommand, TakesAnInputThatIsLargerThanAnyPipe) {
  const std::string large(size_t{4} << 20, 'x');
  EXPECT_EQ(said({"sh", "-c", "wc -c"}, large), "4194304\n");
  EXPECT_EQ(said({"true"}, large), "");  // one that reads nothing harms nobody
}

TEST(RunCommand, SaysHowItEndedAndItsLastWord) {
  EXPECT_EQ(said({"sh", "-c", "echo first >&2; printf 'no\\033 socket\\n' >&2; exit 3"}),
            "refused: sh ended with status 3: no\\x1b socket");
  EXPECT_EQ(said({"sh", "-c", "kill -9 $$"}), "refused: sh ended with signal 9");
  EXPECT_EQ(said({"/nowhere/at-all"}), "refused: run /nowhere/at-all: No such file or directory");
}

TEST(RunCommand, KeepsALimitedOutput) {
  EXPECT_EQ(said({"sh", "-c", "head -c 1000000 /dev/zero"}).size(), kMostOutput);
}

TEST(RunCommand, EndsWhatTakesTooLongWithItsChildren) {
  EXPECT_EQ(said({"sh", "-c", "sleep 600 & sleep 600"}, {}, milliseconds(50)),
            "refused: sh did not end within 50 ms and was killed");
}

TEST(RunCommand, WaitsForNoOneWhomTheCommandLeftBehind) {
  EXPECT_EQ(said({"sh", "-c", "sleep 5 & echo done"}), "done\n");
}

TEST(RunCommand, IsStoppedFromAnotherThread) {
  std::atomic<bool> stop = false;
  std::jthread later([&] { stop = true; });
  const auto ran = run_command({"sleep", "600"}, {}, seconds(60), stop);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().message(), "sleep was stopped, because we stop");
}

TEST(RunCommand, PassesOnLittleOfOurEnvironment) {
  setenv("NOTIFY_SOCKET", "/run/notify", 1);  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(said({"sh", "-c", "echo \"[$NOTIFY_SOCKET]\""}), "[]\n");
  unsetenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace
}  // namespace stormdoor::edge
