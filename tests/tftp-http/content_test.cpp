#include "tftp-http/content.hpp"

#include <gtest/gtest.h>

#include <array>

namespace stormdoor::http {
namespace {

using namespace std::chrono_literals;

TEST(Content, ReadsPiecesAndEndsAtTheEnd) {
  const auto content = make_content("abcdefgh", WallTime(5s));
  EXPECT_EQ(content->size(), 8u);
  EXPECT_EQ(content->descriptor(), -1);
  EXPECT_EQ(content->modified(), WallTime(5s));
  EXPECT_EQ(content->in_memory().size(), 8u);
  std::array<std::byte, 5> into{};
  EXPECT_EQ(*content->read(0, into), 5u);
  EXPECT_EQ(static_cast<char>(into[4]), 'e');
  EXPECT_EQ(*content->read(5, into), 3u);
  EXPECT_EQ(static_cast<char>(into[0]), 'f');
  EXPECT_EQ(*content->read(8, into), 0u);
  EXPECT_EQ(*content->read(uint64_t{1} << 63, into), 0u);
}

TEST(Content, TheSameBytesHaveTheSameTagAndOthersAnother) {
  const std::string tag = make_content("abc", WallTime(1s))->etag();
  EXPECT_EQ(tag, make_content("abc", WallTime(2s))->etag());
  EXPECT_NE(tag, make_content("abd", WallTime(1s))->etag());
  EXPECT_EQ(tag.front(), '"');
  EXPECT_EQ(tag.back(), '"');
  EXPECT_EQ(tag.size(), 34u);
}

TEST(Content, MayBeEmpty) {
  const auto content = make_content("", WallTime(0s));
  EXPECT_EQ(content->size(), 0u);
  std::array<std::byte, 1> into{};
  EXPECT_EQ(*content->read(0, into), 0u);
}

}  // namespace
}  // namespace stormdoor::http
