#include "base/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace stormdoor {
namespace {

Result<std::unique_ptr<int>> number(bool good) {
  if (!good) return Error(ErrorCode::NotFound, "no number");
  return std::make_unique<int>(7);
}
Result<int> doubled(bool good) {
  const std::unique_ptr<int> value = TRY(number(good));
  return *value * 2;
}
Result<void> looked(bool good) {
  (void)TRY_WHILE("look for it", doubled(good));
  return {};
}
Result<std::string> chained(bool good) {
  TRY(looked(good));
  return "done";
}

TEST(Result, TryUnwrapsOrReturnsTheError) {
  EXPECT_EQ(*doubled(true), 14);
  EXPECT_EQ(*chained(true), "done");
  const auto failed = chained(false);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), Error(ErrorCode::NotFound, "look for it: no number"));
}

TEST(Result, OfALvalueIsTakenOutByTry) {
  const auto take = [](Result<std::string> stored) -> Result<std::string> { return TRY(stored); };
  EXPECT_EQ(*take(std::string("x")), "x");
  EXPECT_FALSE(take(Error(ErrorCode::Timeout, "late")));
}

TEST(SystemError, NamesTheCallAndTheReason) {
  const Error denied = system_error("bind 0.0.0.0:69", EACCES);
  EXPECT_EQ(denied.code(), ErrorCode::PermissionDenied);
  EXPECT_EQ(denied.message(), "bind 0.0.0.0:69: Permission denied");
  EXPECT_EQ(system_error("open", ENOENT).code(), ErrorCode::NotFound);
  EXPECT_EQ(system_error("bind", EADDRINUSE).code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(system_error("write", EIO).code(), ErrorCode::Unavailable);
}

TEST(ErrorCode, EachHasAWordOfItsOwn) {
  EXPECT_EQ(to_string(ErrorCode::InvalidArgument), "invalid-argument");
  EXPECT_EQ(to_string(ErrorCode::Timeout), "timeout");
}

TEST(CheckDeathTest, SaysWhereAndWhy) {
  EXPECT_DEATH(STORMDOOR_CHECK(1 == 2, "one is not two"),
               "error_test.cpp:[0-9]+: 1 == 2 does not hold: one is not two");
}

}  // namespace
}  // namespace stormdoor
