#include "base/mac_address.hpp"

#include <gtest/gtest.h>

namespace stormdoor {
namespace {

TEST(MacAddress, AcceptsEveryCommonSpelling) {
  for (const char* text : {"000fd3054848", "000FD3054848", "00:0f:d3:05:48:48", "00-0F-D3-05-48-48",
                           "000f.d305.4848", "000fd3-054848", "00 0f d3 05 48 48"}) {
    const auto mac = MacAddress::parse(text);
    ASSERT_TRUE(mac) << text;
    EXPECT_EQ(mac->to_string(), "00:0F:D3:05:48:48") << text;
  }
}

TEST(MacAddress, RefusesWhatIsNotOne) {
  for (const char* text : {"", "000fd305484", "000fd30548488", "00:0f:d3:05:48",
                           "00:0f-d3:05:48:48", "0:00fd:3054848x", "00:0f:d3:05:48:4g",
                           ":000fd3054848", "00::0f:d3:05:48:48", "000fd3054848 ", "0x0fd3054848"})
    EXPECT_FALSE(MacAddress::parse(text)) << text;
}

TEST(MacAddress, AsAPhonesOwnRefusesZeroMulticastAndBroadcast) {
  EXPECT_TRUE(MacAddress::parse_unicast("00:0f:d3:05:48:48"));
  EXPECT_EQ(MacAddress::parse_unicast("00:00:00:00:00:00").error().message(),
            "the all-zero MAC address belongs to no phone");
  EXPECT_FALSE(MacAddress::parse_unicast("01:00:5e:00:00:01"));
  EXPECT_FALSE(MacAddress::parse_unicast("ff:ff:ff:ff:ff:ff"));
}

TEST(MacAddress, RefusesForeignTextWithoutRepeatingItsBytes) {
  EXPECT_EQ(MacAddress::parse("\xff\x1b[2J").error().message(),
            "\"\\xff\\x1b[2J\" is not a MAC address; expected twelve hexadecimal digits like "
            "00:0F:D3:05:48:48");
}

TEST(MacAddress, SpellsItselfForFileNames) {
  const auto mac = *MacAddress::parse("00:0F:D3:05:48:4a");
  EXPECT_EQ(mac.lower_hex(), "000fd305484a");
  EXPECT_EQ(mac.upper_hex(), "000FD305484A");
  EXPECT_EQ(mac.value(), 0x000fd305484aULL);
}

}  // namespace
}  // namespace stormdoor
