#include "edge/registrations_file.hpp"

#include <gtest/gtest.h>

#include "edge/kept_file.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

const WallTime kNow{milliseconds{1'000'000}};

std::vector<acl::Registration> two() {
  return {{{*IpAddress::parse("198.51.100.7"), 5060, false}, "20 41\n", {}, kNow + seconds{60}},
          {{*IpAddress::parse("fd00::7"), 61000, true},
           "",
           *MacAddress::parse("00:0F:D3:05:48:48"),
           kNow + milliseconds{1}}};
}

TEST(RegistrationsFile, WhatIsWrittenIsReadBack) {
  const test::TempDir directory;
  const std::string path = directory.file("registrations");
  EXPECT_EQ(read_kept_file(path), "");
  ASSERT_TRUE(write_kept_file(path, format_registrations(two())));
  EXPECT_EQ(parse_registrations(read_kept_file(path), kNow, 10), two());
}

TEST(RegistrationsFile, WhatIsOverIsLeftOut) {
  const std::string text = format_registrations(two());
  EXPECT_EQ(parse_registrations(text, kNow + milliseconds{1}, 10).size(), 1U);
  EXPECT_EQ(parse_registrations(text, kNow + seconds{60}, 10).size(), 0U);
}

TEST(RegistrationsFile, NoMoreThanThereIsRoomFor) {
  EXPECT_EQ(parse_registrations(format_registrations(two()), kNow, 1).size(), 1U);
}

TEST(RegistrationsFile, LinesThatAreNotExactlySoAreLeftOut) {
  for (const char* line :
       {"", "198.51.100.7", "198.51.100.7 5060 udp - 9999999", "x 1 udp - 9999999 ",
        "198.51.100.7 65536 udp - 9999999 ", "198.51.100.7 1 sctp - 9999999 ",
        "198.51.100.7 1 udp - soon ", "198.51.100.7 1 udp - 9999999 4",
        "198.51.100.7 1 udp - 9999999 zz", "198.51.100.7 1 udp 00 9999999 "})
    EXPECT_TRUE(parse_registrations(line, kNow, 10).empty()) << line;
  EXPECT_EQ(parse_registrations("198.51.100.7 1 udp - 9999999 ", kNow, 10).size(), 1U);
}

}  // namespace
}  // namespace stormdoor::edge
