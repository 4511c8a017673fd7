#include "edge/since.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

const WallTime kNow{std::chrono::sys_days(std::chrono::year(2026) / 3 / 15)};

TEST(Since, IsBackFromNowOrADateOrATime) {
  EXPECT_EQ(*parse_since("30d", kNow), kNow - std::chrono::days(30));
  EXPECT_EQ(*parse_since("2026-03-01", kNow), kNow - std::chrono::days(14));
  EXPECT_EQ(*parse_since("2026-03-01T00:00:10Z", kNow), kNow - std::chrono::days(14) + seconds(10));
}

TEST(Since, AnythingElseIsRefusedAndSaysHowToWriteIt) {
  for (const char* wrong : {"", "yesterday", "2026-13-01", "2026-02-30", "2026-03-01T25:00:00Z",
                            "2026-03-01T00:00:00", "30", "-1d"}) {
    const auto since = parse_since(wrong, kNow);
    ASSERT_FALSE(since) << wrong;
    EXPECT_NE(since.error().message().find("2026-03-01"), std::string::npos);
  }
}

}  // namespace
}  // namespace stormdoor::edge
