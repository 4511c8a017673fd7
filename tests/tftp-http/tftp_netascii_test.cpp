#include "tftp-http/tftp_netascii.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tftp-http/tftp_fakes.hpp"

namespace stormdoor::tftp {
namespace {

using namespace std::string_literals;

std::string converted(const std::string& text, size_t piece, bool as_file) {
  const auto content = content_of(text, as_file);
  NetasciiCursor cursor;
  std::string all;
  std::vector<std::byte> room(piece);
  while (true) {
    const auto got = read_netascii(*content, cursor, room);
    EXPECT_TRUE(got.has_value());
    all += as_string(std::span(room).first(*got));
    if (*got < piece) return all;
  }
}

TEST(TftpNetascii, TurnsLineEndsIntoPairsWhereverABlockEnds) {
  const std::string text = "one\ntwo\r\nthree\rfour\n\n\r\r\nend"s;
  const std::string wanted = "one\r\ntwo\r\0\r\nthree\r\0four\r\n\r\n\r\0\r\0\r\nend"s;
  for (size_t piece = 1; piece < 45; ++piece) {
    EXPECT_EQ(converted(text, piece, false), wanted) << piece;
    EXPECT_EQ(converted(text, piece, true), wanted) << piece;
  }
}

TEST(TftpNetascii, LeavesAnEmptyFileEmpty) {
  EXPECT_EQ(converted("", 8, false), "");
}

TEST(TftpNetascii, PassesOnThatTheFileCannotBeRead) {
  const auto content = content_of("abcdef", true);
  content->fails_at = 2;
  NetasciiCursor cursor;
  std::vector<std::byte> room(2);
  EXPECT_TRUE(read_netascii(*content, cursor, room).has_value());
  EXPECT_FALSE(read_netascii(*content, cursor, room).has_value());
}

}  // namespace
}  // namespace stormdoor::tftp
