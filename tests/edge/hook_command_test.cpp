#include "edge/hook_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(HookCommand, FillsInWordByWord) {
  const std::map<std::string, std::string> values = {{"mac", "00:0F"}, {"account", "{mac} x"}};
  EXPECT_THAT(filled_in({"/bin/tell", "{mac}", "-a{account}{mac}", "{other} {mac", ""}, values),
              ElementsAre("/bin/tell", "00:0F", "-a{mac} x00:0F", "{other} {mac", ""));
}

TEST(HookCommand, RunsAProgramWithoutAShell) {
  const test::TempDir directory;
  const std::string file = directory.file("out");
  const auto done = run_command({"/bin/sh", "-c", "echo \"$1\" > \"$0\"", file, "a; b $HOME"}, 20s);
  ASSERT_TRUE(done) << done.error().message();
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), "a; b $HOME\n");
}

TEST(HookCommand, SaysHowItEnded) {
  EXPECT_EQ(run_command({"/bin/false"}, 20s).error().message(), "/bin/false ended with status 1");
  EXPECT_THAT(run_command({"/bin/sh", "-c", "kill -9 $$"}, 20s).error().message(),
              HasSubstr("signal 9"));
  EXPECT_THAT(run_command({"/no/such/program"}, 20s).error().message(),
              HasSubstr("run /no/such/program"));
}

TEST(HookCommand, WhatHangsIsEndedWithAllThatItStarted) {
  const auto done = run_command({"/bin/sh", "-c", "sleep 600 & wait"}, 50ms);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::Timeout);
}

}  // namespace
}  // namespace stormdoor::edge
