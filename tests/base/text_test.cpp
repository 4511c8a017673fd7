#include "base/text.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace stormdoor {
namespace {

using namespace std::chrono_literals;

TEST(Printable, EscapesWhatMovesATerminalOrForgesALogLine) {
  EXPECT_EQ(printable("plain text"), "plain text");
  EXPECT_EQ(printable("a\nb\x1b[2J"), "a\\x0ab\\x1b[2J");
  EXPECT_EQ(printable("\"\\"), "\\x22\\x5c");
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(printable("\xc3("), "\\xc3(");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
}

TEST(Printable, CutsLongTextWithoutSplittingACharacter) {
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  EXPECT_EQ(printable("ab\xc3\xbc"
                      "d",
                      3),
            "ab\xc3\xbc...");
}

TEST(Utf8, RefusesOverlongSurrogatesAndStrayBytes) {
  EXPECT_TRUE(is_valid_utf8("\xf0\x9f\x93\x9e"));
  for (const char* text :
       {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x80", "\xe2\x82"})
    EXPECT_FALSE(is_valid_utf8(text));
}

TEST(Duration, IsReadInEveryUnitAndInSums) {
  EXPECT_EQ(*parse_duration("250ms"), 250ms);
  EXPECT_EQ(*parse_duration("10m"), 10min);
  EXPECT_EQ(*parse_duration("1h 30m"), 90min);
  EXPECT_EQ(*parse_duration("7d"), 168h);
  EXPECT_EQ(*parse_duration(" 1d2h3m4s5ms "), 26h + 3min + 4s + 5ms);
  EXPECT_EQ(*parse_duration("36500d"), 36500 * 24h);
  for (const char* text : {"", "10", "m", "-1s", "1.5h", "10 minutes", "99999999999d", "30m 1h",
                           "1h 1h", "1h 30", "36501d", "36500d 1ms"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Duration, IsShownInAtMostTwoUnits) {
  EXPECT_EQ(format_duration(90s), "1m 30s");
  EXPECT_EQ(format_duration(3605s), "1h");
  EXPECT_EQ(format_duration(24h * 7), "7d");
  EXPECT_EQ(format_duration(0ms), "0ms");
}

TEST(Size, IsReadAndShown) {
  EXPECT_EQ(*parse_size("64 KiB"), 65536U);
  EXPECT_EQ(*parse_size("512B"), 512U);
  for (const char* text : {"", "64", "64 KB", "KiB", "64 KiB 1 B", "99999999999999999999 B"})
    EXPECT_FALSE(parse_size(text)) << text;
  EXPECT_EQ(format_size(1536), "1.5 KiB");
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(1023), "1023 B");
  for (const uint64_t size : {1024ULL, 65536ULL, 40ULL << 20, 3ULL << 30, 5000ULL << 30})
    EXPECT_EQ(*parse_size(format_size(size)), size);
}

TEST(ClosestMatch, FindsTyposAndNothingElse) {
  const std::vector<std::string> keys = {"never_block", "prefixes", "services"};
  EXPECT_EQ(closest_match("prefixs", keys), "prefixes");
  EXPECT_EQ(closest_match("never_blok", keys), "never_block");
  EXPECT_EQ(closest_match("colour", keys), "");
}

TEST(CaseOfAscii, IsTheOnlyOneThatIsIgnored) {
  EXPECT_TRUE(equals_ignoring_case("User-Agent", "uSER-aGENT"));
  EXPECT_FALSE(equals_ignoring_case("User-Agent", "User-Agen"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("\xc3\x84", "\xc3\xa4"));
  EXPECT_EQ(ascii_lower("ABCXYZ[\xc3\x84"), "abcxyz[\xc3\x84");
}

TEST(Split, GivesOnePartMoreThanThereAreSeparators) {
  EXPECT_EQ(split("", ',').size(), 1U);
  EXPECT_EQ(split(",a,", ','), (std::vector<std::string_view>{"", "a", ""}));
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(Time, BeyondTheYearsOfRfc3339IsShownAsTheLastOfThem) {
  EXPECT_EQ(format_time(WallTime::max()), "9999-12-31T23:59:59Z");
  EXPECT_EQ(format_time(WallTime::min()), "0000-01-01T00:00:00Z");
  EXPECT_EQ(format_time(WallTime(-1ms)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(format_duration(milliseconds::min()), "-106751991167d 7h");
  EXPECT_EQ(format_duration(-90s), "-1m 30s");
}

TEST(Time, IsShownInUtc) {
  EXPECT_EQ(format_time(WallTime(std::chrono::seconds(1772352930))), "2026-03-01T08:15:30Z");
}

}  // namespace
}  // namespace stormdoor
