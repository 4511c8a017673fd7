#include "acl/prefix_table.hpp"

#include <gtest/gtest.h>

#include <random>

namespace stormdoor::acl {
namespace {

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}
std::vector<IpPrefix> prefixes(std::initializer_list<const char*> texts) {
  std::vector<IpPrefix> all;
  for (const char* text : texts) all.push_back(*IpPrefix::parse(text));
  return all;
}

TEST(PrefixTable, AnswersTheMostSpecificPrefix) {
  const PrefixTable table(
      prefixes({"10.0.0.0/8", "10.20.0.0/16", "10.20.30.40/32", "0.0.0.0/0", "fd00::/8"}));
  EXPECT_EQ(table.find(ip("10.1.1.1")), 0U);
  EXPECT_EQ(table.find(ip("10.20.1.1")), 1U);
  EXPECT_EQ(table.find(ip("10.20.30.40")), 2U);
  EXPECT_EQ(table.find(ip("10.20.30.41")), 1U);
  EXPECT_EQ(table.find(ip("10.255.255.255")), 0U);
  EXPECT_EQ(table.find(ip("11.0.0.0")), 3U);
  EXPECT_EQ(table.find(ip("255.255.255.255")), 3U);
  EXPECT_EQ(table.find(ip("fd00::1")), 4U);
  EXPECT_EQ(table.find(ip("fe00::1")), PrefixTable::kNone);
}

TEST(PrefixTable, AMappedAddressIsTheIpv4Address) {
  const PrefixTable table(prefixes({"10.0.0.0/8", "::/0"}));
  EXPECT_EQ(table.find(ip("::ffff:10.1.2.3")), 0U);
  EXPECT_EQ(table.find(ip("11.1.2.3")), PrefixTable::kNone) << "::/0 is IPv6's";
  EXPECT_EQ(table.find(ip("::1")), 1U);
}

TEST(PrefixTable, AnEmptyTableKnowsNobody) {
  EXPECT_EQ(PrefixTable().find(ip("10.0.0.1")), PrefixTable::kNone);
  EXPECT_EQ(PrefixTable(std::vector<IpPrefix>{}).find(ip("::1")), PrefixTable::kNone);
}

TEST(PrefixTable, HoldsAtTheEdgesOfTheAddressSpace) {
  const PrefixTable table(prefixes({"0.0.0.0/32", "255.255.255.255/32", "::/128",
                                    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "ff00::/8",
                                    "2001:db8:0:1::/64", "2001:db8:0:1:8000::/65"}));
  EXPECT_EQ(table.find(ip("0.0.0.0")), 0U);
  EXPECT_EQ(table.find(ip("0.0.0.1")), PrefixTable::kNone);
  EXPECT_EQ(table.find(ip("255.255.255.255")), 1U);
  EXPECT_EQ(table.find(ip("255.255.255.254")), PrefixTable::kNone);
  EXPECT_EQ(table.find(ip("::")), 2U);
  EXPECT_EQ(table.find(ip("::1")), PrefixTable::kNone);
  EXPECT_EQ(table.find(ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")), 3U);
  EXPECT_EQ(table.find(ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")), 4U);
  EXPECT_EQ(table.find(ip("2001:db8:0:1:7fff:ffff:ffff:ffff")), 5U);
  EXPECT_EQ(table.find(ip("2001:db8:0:1:8000::")), 6U);
  EXPECT_EQ(table.find(ip("2001:db8:0:1:ffff:ffff:ffff:ffff")), 6U);
  EXPECT_EQ(table.find(ip("2001:db8:0:2::")), PrefixTable::kNone);
}

TEST(PrefixTable, OfEqualPrefixesTheLastCounts) {
  const PrefixTable table(prefixes({"10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/9"}));
  EXPECT_EQ(table.find(ip("10.200.0.1")), 1U);
  EXPECT_EQ(table.find(ip("10.1.0.1")), 2U);
}

// Looks at every prefix: slow, and right.
uint32_t slowly(const std::vector<IpPrefix>& all, const IpAddress& address) {
  uint32_t best = PrefixTable::kNone;
  for (uint32_t i = 0; i < all.size(); ++i)
    if (all[i].contains(address) &&
        (best == PrefixTable::kNone || all[i].length() >= all[best].length()))
      best = i;
  return best;
}

// Dense enough that prefixes nest, touch and repeat.
IpAddress random_address(std::mt19937& random, bool v4) {
  if (v4) return IpAddress::v4(uint32_t(random() % 16 << 28 | random() % 4 << 22 | random() % 64));
  std::array<uint8_t, 16> bytes{};
  bytes[0] = uint8_t(0x20 + random() % 2);
  for (const size_t i : {2U, 7U, 8U, 15U}) bytes[i] = uint8_t(random() % 4 * 85);
  return IpAddress::v6(bytes);
}

TEST(PrefixTable, AgreesWithLookingAtEveryPrefix) {
  std::mt19937 random(3);
  for (int round = 0; round < 30; ++round) {
    std::vector<IpPrefix> all;
    for (int i = 0; i < 120; ++i) {
      const bool v4 = random() % 2 == 0;
      all.emplace_back(random_address(random, v4), int(random() % (v4 ? 33 : 129)));
    }
    const PrefixTable table(all);
    for (int i = 0; i < 1000; ++i) {
      const IpAddress address = random_address(random, i % 2 == 0);
      const uint32_t found = table.find(address);
      ASSERT_EQ(found, slowly(all, address)) << address.to_string();
    }
    for (const IpPrefix& prefix : all)
      ASSERT_EQ(table.find(prefix.address()), slowly(all, prefix.address())) << prefix.to_string();
  }
}

}  // namespace
}  // namespace stormdoor::acl
