#include "edge/misplaced.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

using namespace std::chrono_literals;

MacAddress phone(uint8_t number) {
  return MacAddress({0x00, 0x0f, 0xd3, 0x05, 0x48, number});
}
IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

class MisplacedTest : public testing::Test {
 protected:
  MisplacedTest() {
    lobby_.name = "lobby";
    lobby_.networks = {*IpPrefix::parse("10.20.0.0/16"), *IpPrefix::parse("fd00:20::/48")};
  }
  bool is_news(uint8_t number, std::string_view address) {
    now_ += 1s;
    return misplaced_.note(phone(number), ip(address), lobby_, now_).has_value();
  }

  Misplaced misplaced_{3};
  store::LocationRecord lobby_;
  WallTime now_{1h};
};

TEST_F(MisplacedTest, Promise9APhoneElsewhereIsListedUntilItIsHomeOrSomebodyTookNote) {
  EXPECT_FALSE(is_news(1, "10.20.0.7"));
  EXPECT_FALSE(is_news(1, "fd00:20::7"));
  EXPECT_TRUE(is_news(1, "192.0.2.7"));
  EXPECT_FALSE(is_news(1, "192.0.2.7")) << "told once";
  ASSERT_EQ(misplaced_.list().size(), 1U);
  EXPECT_EQ(misplaced_.list()[0].location, "lobby");
  EXPECT_TRUE(misplaced_.acknowledge(phone(1)));
  EXPECT_TRUE(misplaced_.list().empty());
  EXPECT_TRUE(misplaced_.find(phone(1))) << "still not where its number says";
  EXPECT_TRUE(is_news(1, "192.0.2.8")) << "yet elsewhere";
  EXPECT_FALSE(is_news(1, "10.20.0.7"));
  EXPECT_FALSE(misplaced_.find(phone(1)));
  EXPECT_FALSE(misplaced_.acknowledge(phone(1)));
}

TEST_F(MisplacedTest, WithoutNetworksAPhoneIsExpectedAnywhere) {
  lobby_.networks.clear();
  EXPECT_FALSE(is_news(1, "192.0.2.7"));
}

TEST_F(MisplacedTest, APhoneThatMovedToAnotherLocationIsJudgedByThat) {
  EXPECT_TRUE(is_news(1, "192.0.2.7"));
  lobby_.name = "annex";
  EXPECT_TRUE(is_news(1, "192.0.2.7"));
}

TEST_F(MisplacedTest, Promise12TheOldestGoesWhenItIsFull) {
  for (uint8_t number = 1; number <= 4; ++number) EXPECT_TRUE(is_news(number, "192.0.2.7"));
  EXPECT_EQ(misplaced_.list().size(), 3U);
  EXPECT_FALSE(misplaced_.find(phone(1)));
}

}  // namespace
}  // namespace stormdoor::edge
