#include "edge/source_memory.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

const IpAddress kPhone = IpAddress::v4(0xc633'6407);
const IpAddress kFlooder = IpAddress::v4(0xcb00'7101);

std::string key(size_t number) {
  return "key-" + std::to_string(number);
}

TEST(SourceMemory, KnowsATextBySourceAndKey) {
  SourceMemory memory;
  memory.remember(kPhone, "a", "2041");
  ASSERT_NE(memory.find(kPhone, "a"), nullptr);
  EXPECT_EQ(*memory.find(kPhone, "a"), "2041");
  EXPECT_EQ(memory.find(kPhone, "b"), nullptr);
  EXPECT_EQ(memory.find(kFlooder, "a"), nullptr);
  memory.remember(kPhone, "a", "2042");
  EXPECT_EQ(*memory.find(kPhone, "a"), "2042");
}

TEST(SourceMemory, CutsLongTexts) {
  SourceMemory memory;
  memory.remember(kPhone, "a", std::string(1000, 'x'));
  EXPECT_EQ(memory.find(kPhone, "a")->size(), SourceMemory::kMostText);
}

TEST(Promise12, ASourcesFloodOfSessionsEvictsItsOwn) {
  SourceMemory memory;
  memory.remember(kPhone, "a", "2041");
  for (size_t i = 0; i < 100'000; ++i) memory.remember(kFlooder, key(i), "x");
  EXPECT_NE(memory.find(kPhone, "a"), nullptr);
  EXPECT_NE(memory.find(kFlooder, key(99'999)), nullptr);
  EXPECT_NE(memory.find(kFlooder, key(100'000 - SourceMemory::kPerSource)), nullptr);
  EXPECT_EQ(memory.find(kFlooder, key(100'000 - SourceMemory::kPerSource - 1)), nullptr);
}

TEST(Promise12, AWholeSlash64IsOneSource) {
  SourceMemory memory;
  memory.remember(kPhone, "a", "2041");
  std::array<uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
  for (size_t i = 0; i < 10'000; ++i) {
    bytes[15] = uint8_t(i);
    bytes[14] = uint8_t(i >> 8);
    memory.remember(IpAddress::v6(bytes), "a", "x");
  }
  EXPECT_NE(memory.find(kPhone, "a"), nullptr);
}

TEST(Promise12, SessionsFromEverywhereForgetTheOldest) {
  SourceMemory memory;
  memory.remember(kPhone, "a", "2041");
  for (uint32_t i = 0; i < 100'000; ++i) memory.remember(IpAddress::v4(i), "a", "x");
  EXPECT_EQ(memory.find(kPhone, "a"), nullptr);
}

}  // namespace
}  // namespace stormdoor::edge
