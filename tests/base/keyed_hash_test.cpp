#include "base/keyed_hash.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <set>
#include <string>

#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

namespace stormdoor {
namespace {

std::string counting_up(int length) {
  std::string bytes;
  for (int i = 0; i < length; ++i) bytes += static_cast<char>(i);
  return bytes;
}

// From another implementation of SipHash-1-3: what CPython 3.11's hash() gives for these bytes
// under PYTHONHASHSEED 0 (a key of zeros) and 7 (the key below).
TEST(KeyedHash, AgreesWithAnotherImplementationOfSipHash13) {
  const HashKey zero{};
  EXPECT_EQ(keyed_hash(zero, "a"), 0x407448d2b89b1813U);
  EXPECT_EQ(keyed_hash(zero, "1234567"), 0xa33d651594fdae81U);
  EXPECT_EQ(keyed_hash(zero, "12345678"), 0x3489982430560a87U);
  EXPECT_EQ(keyed_hash(zero, "123456789"), 0x0fbc0f0007965fcfU);
  EXPECT_EQ(keyed_hash(zero, counting_up(63)), 0x385d3e39e5f37359U);
  const HashKey seven{0x12c874a1806f0e3dU, 0x470a89d2f9d2784fU};
  EXPECT_EQ(keyed_hash(seven, "a"), 0x58fddb5aae8c3c14U);
  EXPECT_EQ(keyed_hash(seven, "1234567"), 0x26a46bdff509fddaU);
  EXPECT_EQ(keyed_hash(seven, "12345678"), 0x2252aef54e709d3dU);
  EXPECT_EQ(keyed_hash(seven, "123456789"), 0xc80f8fbb9083d789U);
  EXPECT_EQ(keyed_hash(seven, counting_up(63)), 0xb1eaa0579bb21aa3U);
}

TEST(KeyedHash, TellsApartWhatDiffersOnlyInZeros) {
  const HashKey key{1, 2};
  std::set<uint64_t> seen;
  for (size_t length = 0; length < 40; ++length)
    EXPECT_TRUE(seen.insert(keyed_hash(key, std::string(length, '\0'))).second) << length;
}

TEST(KeyedHash, AnotherKeyGivesAnotherHash) {
  EXPECT_NE(keyed_hash(HashKey{0, 0}, "10.0.0.1"), keyed_hash(HashKey{0, 1}, "10.0.0.1"));
  EXPECT_NE(keyed_hash(HashKey{0, 0}, "10.0.0.1"), keyed_hash(HashKey{1, 0}, "10.0.0.1"));
  const HashKey one = HashKey::random();
  const HashKey other = HashKey::random();
  EXPECT_FALSE(one.k0 == other.k0 && one.k1 == other.k1);
  EXPECT_EQ(HashKey::of_this_process().k0, HashKey::of_this_process().k0);
}

TEST(KeyedHash, OfAddressesDependsOnEveryPart) {
  const std::hash<Endpoint> hash;
  const Endpoint endpoint{IpAddress::v4(0x0a000001), 69, 0};
  Endpoint other = endpoint;
  other.port = 70;
  EXPECT_NE(hash(endpoint), hash(other));
  other = endpoint;
  other.scope_id = 1;
  EXPECT_NE(hash(endpoint), hash(other));
  other = endpoint;
  other.address = IpAddress::v4(0x0a000002);
  EXPECT_NE(hash(endpoint), hash(other));
  EXPECT_NE(std::hash<IpAddress>()(endpoint.address), std::hash<IpAddress>()(other.address));
  EXPECT_NE(std::hash<MacAddress>()(MacAddress({1, 2, 3, 4, 5, 6})),
            std::hash<MacAddress>()(MacAddress({1, 2, 3, 4, 5, 7})));
}

}  // namespace
}  // namespace stormdoor
