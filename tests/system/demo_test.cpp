// The demo that ./run.sh ends in, as a user sees it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/process.hpp"

namespace stormdoor {
namespace {

using testing::HasSubstr;

TEST(Demo, ShowsTheWholeStoryAndEndsWell) {
  const auto ran = test::run_program({STORMDOOR_BIN_DIR "/stormdoor", "demo", "--once"});
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("24 of 24 phones served"));
  EXPECT_THAT(ran.out, HasSubstr("85 refused logins, 85 forgiven, 0 phones blocked"));
  EXPECT_THAT(ran.out, HasSubstr("24 of 24 phones have booted again"));
  EXPECT_THAT(ran.out, HasSubstr("and is logged out at"));
}

}  // namespace
}  // namespace stormdoor
