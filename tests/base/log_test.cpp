#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"

namespace stormdoor {
namespace {

using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LogTest : public ::testing::Test {
 protected:
  void TearDown() override { Log::configure(LogLevel::Info, LogFormat::KeyValue); }

  // What `write` puts on stderr.
  template <typename Write>
  std::string written(Write&& write) {
    ::testing::internal::CaptureStderr();
    write();
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogTest, WritesOneLineWithTimeLevelEventAndFields) {
  const std::string line = written([] {
    log_info("block", {{"address", "198.51.100.7"},
                       {"failures", 10},
                       {"why", "10 failures in 10m"},
                       {"empty", ""},
                       {"negative", int64_t{-3}},
                       {"error", Error(ErrorCode::Timeout, "too late")}});
  });
  EXPECT_THAT(line, ContainsRegex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z info block "));
  EXPECT_THAT(line, EndsWith(" info block address=198.51.100.7 failures=10 "
                             "why=\"10 failures in 10m\" empty=\"\" negative=-3 "
                             "error=\"too late\"\n"));
}

TEST_F(LogTest, ForeignTextCannotForgeALineOrAField) {
  const std::string foreign = "x\n2026-03-01T08:15:30Z info login user=\"root\" \x1b[2J\xff";
  const std::string line = written([&] { log_warning("request", {{"path", foreign}}); });
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(std::count(line.begin(), line.end(), '"'), 2);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_TRUE(is_valid_utf8(line));
  EXPECT_THAT(line, HasSubstr("path=\"x\\x0a2026"));
}

TEST_F(LogTest, CutsLongValues) {
  const auto length = [&](size_t bytes) {
    return written([&] { log_info("x", {{"v", std::string(bytes, 'a')}}); }).size();
  };
  EXPECT_EQ(length(500), length(499) + 1);
  EXPECT_EQ(length(501), length(500) + 3);  // "..."
  EXPECT_EQ(length(100'000), length(501));
}

TEST_F(LogTest, AsJsonIsOneObjectPerLine) {
  Log::configure(LogLevel::Info, LogFormat::Json);
  const std::string line =
      written([] { log_error("block", {{"reason", "a \"b\"\\\n\xc3\xbc"}, {"n", 7}}); });
  EXPECT_THAT(line, StartsWith("{\"time\":\"2"));
  EXPECT_THAT(line, EndsWith("Z\",\"level\":\"error\",\"event\":\"block\",\"reason\":"
                             "\"a \\\\x22b\\\\x22\\\\x5c\\\\x0a\xc3\xbc\",\"n\":\"7\"}\n"));
}

TEST_F(LogTest, WritesNothingBelowItsLevel) {
  EXPECT_EQ(written([] { log_debug("detail"); }), "");
  EXPECT_FALSE(Log::enabled(LogLevel::Debug));
  Log::configure(LogLevel::Debug, LogFormat::KeyValue);
  EXPECT_THAT(written([] { log_debug("detail"); }), EndsWith(" debug detail\n"));
  Log::configure(LogLevel::Error, LogFormat::KeyValue);
  EXPECT_EQ(written([] { log_warning("detail"); }), "");
  EXPECT_THAT(written([] { log_error("detail"); }), EndsWith(" error detail\n"));
}

}  // namespace
}  // namespace stormdoor
