#include "edge/watch/fair_map.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge::watch {
namespace {

constexpr uint32_t kHome = 0x0a000001;

IpAddress v4(uint32_t address) {
  return IpAddress::v4(address);
}

TEST(Promise12_Bounded, AFloodFromOneNetworkEvictsItsOwn) {
  FairMap<uint32_t, int> map(100, 50);
  for (uint32_t i = 0; i < 10; ++i) map.insert(i, v4(kHome + (i << 8)));
  for (uint32_t i = 0; i < 10'000; ++i) map.insert(1000 + i, v4(0xc6336400 + i % 256));
  EXPECT_EQ(map.size(), 100U);
  EXPECT_EQ(map.evictions(), 9'910U);
  for (uint32_t i = 0; i < 10; ++i) EXPECT_NE(map.find(i), nullptr);
}

TEST(Promise12_Bounded, ASourceForgetsItsOwnOldestAtItsLimit) {
  FairMap<uint32_t, int> map(100, 3);
  map.insert(1, v4(kHome)) = 7;
  for (uint32_t i = 10; i < 13; ++i) map.insert(i, v4(kHome + 1));
  EXPECT_EQ(map.evictions(), 0U);
  EXPECT_NE(map.find(10), nullptr);  // and touches it
  map.insert(13, v4(kHome + 1));
  EXPECT_EQ(map.find(11), nullptr);
  EXPECT_NE(map.find(10), nullptr);
  EXPECT_EQ(*map.find(1), 7);
}

TEST(Promise12_Bounded, AFloodFromEverywhereEvictsWhoHasMuch) {
  FairMap<uint32_t, int> map(64, 64);
  for (uint32_t i = 0; i < 32; ++i) map.insert(i, v4(kHome));
  for (uint32_t i = 0; i < 60; ++i) map.insert(100 + i, v4(0xc0000000 + (i << 12)));
  EXPECT_EQ(map.size(), 64U);
  size_t home = 0;
  for (uint32_t i = 0; i < 32; ++i) home += map.contains(i) ? 1 : 0;
  EXPECT_GE(home, 3U);
  EXPECT_LE(home, 8U);
}

TEST(FairMap, AnIpv6SourceIsASlash64AndItsNetworkASlash48) {
  EXPECT_EQ(source_of(*IpAddress::parse("2001:db8:1:2:3::4")).to_string(), "2001:db8:1:2::/64");
  EXPECT_EQ(neighbourhood_of(*IpAddress::parse("2001:db8:1:2:3::4")).to_string(),
            "2001:db8:1::/48");
  EXPECT_EQ(neighbourhood_of(v4(kHome)).to_string(), "10.0.0.0/24");
}

TEST(FairMap, ErasesAndFindsAgain) {
  FairMap<uint32_t, int> map(4, 4);
  map.insert(1, v4(kHome)) = 5;
  EXPECT_TRUE(map.erase(1));
  EXPECT_FALSE(map.erase(1));
  EXPECT_EQ(map.find(1), nullptr);
  EXPECT_EQ(map.insert(1, v4(kHome)), 0);
  EXPECT_EQ(map.size(), 1U);
}

}  // namespace
}  // namespace stormdoor::edge::watch
