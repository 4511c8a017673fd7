#include "hotdesk/login_throttle.hpp"

#include <gtest/gtest.h>

#include "tests/hotdesk/office.hpp"

namespace stormdoor::hotdesk {
namespace {

using namespace std::chrono_literals;

class LoginThrottleTest : public testing::Test {
 protected:
  // Tries one PIN; how long it had to wait before, in seconds.
  int64_t guess(uint32_t phone, std::string_view extension, uint64_t pin) {
    const auto wait = throttle_.wait(numbered_mac(phone), extension, now_);
    if (wait) now_ += *wait;
    throttle_.failed(numbered_mac(phone), extension, pin, now_);
    return wait ? std::chrono::duration_cast<seconds>(*wait).count() : 0;
  }
  [[nodiscard]] bool waits(uint32_t phone, std::string_view extension) {
    return throttle_.wait(numbered_mac(phone), extension, now_).has_value();
  }

  LoginThrottle throttle_{100};
  SteadyTime now_{1'000h};
};

TEST_F(LoginThrottleTest, WaitsGrowUpToABound) {
  std::vector<int64_t> waits;
  for (uint64_t pin = 0; pin < 12; ++pin) waits.push_back(guess(1, "2041", pin));
  EXPECT_EQ(waits, (std::vector<int64_t>{0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 300, 300}));
}

TEST_F(LoginThrottleTest, TheSameWrongPinAgainIsTheSameMistake) {
  for (int i = 0; i < 50; ++i) EXPECT_EQ(guess(1, "2041", 7), 0);
  EXPECT_FALSE(throttle_.failed(numbered_mac(1), "2041", 7, now_));
}

TEST_F(LoginThrottleTest, AnExtensionIsGuardedAtAllPhonesTogetherButShorter) {
  int64_t longest = 0;
  for (uint32_t phone = 0; phone < 40; ++phone) longest = guess(phone, "2041", phone);
  EXPECT_EQ(longest, 60);
  EXPECT_TRUE(waits(99, "2041"));
  EXPECT_FALSE(waits(99, "2042"));
}

TEST_F(LoginThrottleTest, APhoneIsGuardedForAllExtensionsTogether) {
  for (int i = 0; i < 6; ++i) guess(1, fmt::format("{}", 2000 + i), uint64_t(i));
  EXPECT_TRUE(waits(1, "3000"));
  EXPECT_FALSE(waits(2, "3000"));
}

TEST_F(LoginThrottleTest, TheRightPinEndsIt) {
  for (uint64_t pin = 0; pin < 8; ++pin) guess(1, "2041", pin);
  throttle_.succeeded(numbered_mac(1), "2041");
  EXPECT_FALSE(waits(1, "2041"));
}

TEST_F(LoginThrottleTest, AnHourOfPeaceIsForgiveness) {
  for (uint64_t pin = 0; pin < 8; ++pin) guess(1, "2041", pin);
  now_ += 1h;
  EXPECT_FALSE(waits(1, "2041"));
  EXPECT_EQ(guess(1, "2041", 99), 0);
  EXPECT_EQ(guess(1, "2041", 100), 0);
}

TEST_F(LoginThrottleTest, Promise12InventedExtensionsFromOnePhonePushOutNobodyButThemselves) {
  for (uint64_t pin = 0; pin < 8; ++pin) guess(1, "2041", pin);
  size_t judged = 0;
  for (int i = 0; i < 10'000; ++i) {  // without waiting
    const std::string extension = fmt::format("{}", 100'000 + i);
    if (waits(2, extension)) continue;
    ++judged;
    throttle_.failed(numbered_mac(2), extension, uint64_t(i), now_);
  }
  EXPECT_LE(judged, 5U);
  EXPECT_TRUE(waits(1, "2041"));
}

}  // namespace
}  // namespace stormdoor::hotdesk
