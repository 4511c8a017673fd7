#include "edge/followed_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace stormdoor::edge {
namespace {

using Lines = std::vector<std::string>;

const std::string kLong = " and more text than the sixty-four bytes by which a file is known again";

// A log in a directory of its own, and what a follower of it has been told.
struct FollowedLog {
  test::TempDir directory;
  std::string path = directory.file("security.log");
  std::string place = directory.file("place");

  FollowedLog() { append("old\n"); }
  void append(const std::string& text) const { append_to(path, text); }
  static void append_to(const std::string& file, const std::string& text) {
    std::ofstream(file, std::ios::app | std::ios::binary) << text;
  }
  void rotate() const { std::filesystem::rename(path, path + ".1"); }
  [[nodiscard]] FollowedFile follower() const { return FollowedFile(path, place); }
};

Lines read_all(FollowedFile& file) {
  Lines lines;
  for (;;) {
    const auto more = file.read([&](std::string_view line) { lines.emplace_back(line); });
    EXPECT_TRUE(more) << more.error().message();
    if (!more || !*more) return lines;
  }
}

TEST(FollowedFile, BeginsAtTheEnd) {
  const FollowedLog log;
  auto file = log.follower();
  EXPECT_EQ(read_all(file), Lines{});
  log.append("one\ntwo\r\n\n");
  EXPECT_EQ(read_all(file), (Lines{"one", "two", ""}));
}

TEST(FollowedFile, WaitsForTheRestOfALine) {
  const FollowedLog log;
  auto file = log.follower();
  (void)read_all(file);
  log.append("on");
  EXPECT_EQ(read_all(file), Lines{});
  log.append("e\nt");
  EXPECT_EQ(read_all(file), Lines{"one"});
  log.append("wo\n");
  EXPECT_EQ(read_all(file), Lines{"two"});
}

TEST(FollowedFile, ALineThatBeganBeforeUsIsNotOurs) {
  const FollowedLog log;
  log.append("half a li");
  auto file = log.follower();
  (void)read_all(file);
  log.append("ne\nwhole\n");
  EXPECT_EQ(read_all(file), Lines{"whole"});
}

TEST(FollowedFile, TakesALineOfTheLargestLengthAndSkipsALongerOne) {
  const FollowedLog log;
  auto file = log.follower();
  (void)read_all(file);
  const std::string longest(FollowedFile::kLongestLine, 'x');
  log.append(longest + "\n" + longest + "y\nnext\n");
  EXPECT_EQ(read_all(file), (Lines{longest, "next"}));
  EXPECT_EQ(file.counters().long_lines, 1U);
}

TEST(Promise12, ALineWithoutEndIsNotKept) {
  const FollowedLog log;
  auto file = log.follower();
  (void)read_all(file);
  for (int i = 0; i < 20; ++i) {
    log.append(std::string(FollowedFile::kMostPerRead, 'x'));
    EXPECT_EQ(read_all(file), Lines{});
  }
  log.append("\nnext\n");
  EXPECT_EQ(read_all(file), Lines{"next"});
  EXPECT_EQ(file.counters().long_lines, 1U);
}

TEST(FollowedFile, FollowsARenamedFileUntilTheNewOneIsWritten) {
  const FollowedLog log;
  auto file = log.follower();
  (void)read_all(file);
  log.rotate();
  FollowedLog::append_to(log.path + ".1", "still the old\n");
  log.append("");  // logrotate's "create"
  EXPECT_EQ(read_all(file), Lines{"still the old"});
  FollowedLog::append_to(log.path + ".1", "the last\n");
  log.append("the new\n");
  EXPECT_EQ(read_all(file), (Lines{"the last", "the new"}));
  EXPECT_EQ(file.counters().rotations, 1U);
}

TEST(FollowedFile, ReadsATruncatedFileFromItsBeginning) {
  const FollowedLog log;
  auto file = log.follower();
  (void)read_all(file);
  log.append("one\n");
  EXPECT_EQ(read_all(file), Lines{"one"});
  std::filesystem::copy(log.path, log.path + ".1");
  std::filesystem::resize_file(log.path, 0);
  log.append("two\n");
  EXPECT_EQ(read_all(file), Lines{"two"});
}

TEST(FollowedFile, NoticesAFileThatWasWrittenAnewBeyondWhereItWas) {
  const FollowedLog log;
  auto file = log.follower();
  log.append("first" + kLong + "\n");
  (void)read_all(file);
  log.append("second" + kLong + "\n");
  (void)read_all(file);
  std::filesystem::resize_file(log.path, 0);
  log.append("another" + kLong + "\nb" + kLong + "\nc" + kLong + "\n");
  EXPECT_EQ(read_all(file), (Lines{"another" + kLong, "b" + kLong, "c" + kLong}));
}

TEST(FollowedFile, ARestartLosesNothingAndRepeatsNothing) {
  const FollowedLog log;
  {
    auto file = log.follower();
    (void)read_all(file);
    log.append("one\ntw");
    EXPECT_EQ(read_all(file), Lines{"one"});
  }
  log.append("o\nthree\n");
  auto file = log.follower();
  EXPECT_EQ(read_all(file), (Lines{"two", "three"}));
  auto again = log.follower();
  EXPECT_EQ(read_all(again), Lines{});
}

TEST(FollowedFile, ARestartFindsTheRenamedFile) {
  const FollowedLog log;
  log.append("first" + kLong + "\n");
  {
    auto file = log.follower();
    (void)read_all(file);
    log.append("seen\n");
    (void)read_all(file);
  }
  log.append("missed\n");
  log.rotate();
  log.append("new\n");
  auto file = log.follower();
  EXPECT_EQ(read_all(file), (Lines{"missed", "new"}));
}

TEST(FollowedFile, ARestartReadsAllOfAFileThatIsAnotherByNow) {
  const FollowedLog log;
  log.append("first" + kLong + "\n");
  {
    auto file = log.follower();
    (void)read_all(file);
  }
  std::filesystem::remove(log.path);  // its inode may be used again
  log.append("another" + kLong + "\nnext" + kLong + "\n");
  auto file = log.follower();
  EXPECT_EQ(read_all(file), (Lines{"another" + kLong, "next" + kLong}));
}

TEST(FollowedFile, ASpoiledPlaceIsNone) {
  const FollowedLog log;
  {
    auto file = log.follower();
    (void)read_all(file);
  }
  std::fstream place(log.place, std::ios::in | std::ios::out | std::ios::binary);
  place.seekp(40).put('f');
  place.close();
  log.append("one\n");
  auto file = log.follower();
  EXPECT_EQ(read_all(file), Lines{});
}

TEST(FollowedFile, SaysWhyItCannotReadAndTriesAgain) {
  const FollowedLog log;
  std::filesystem::remove(log.path);
  auto file = log.follower();
  const auto nothing = file.read([](std::string_view) {});
  ASSERT_FALSE(nothing);
  EXPECT_NE(nothing.error().message().find(log.path), std::string::npos);
  log.append("before\n");
  EXPECT_EQ(read_all(file), Lines{});
  log.append("after\n");
  EXPECT_EQ(read_all(file), Lines{"after"});
}

TEST(FollowedFile, ReadsOnlyRegularFiles) {
  const FollowedLog log;
  FollowedFile directory(log.directory.path(), log.place);
  EXPECT_FALSE(directory.read([](std::string_view) {}));
}

}  // namespace
}  // namespace stormdoor::edge
