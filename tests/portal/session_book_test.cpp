#include "portal/session_book.hpp"

#include <gtest/gtest.h>

namespace stormdoor::portal {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Now kStart{SteadyTime(hours(1)), WallTime(hours(480'000))};

TEST(SessionBook, KnowsASessionByItsIdentifierOnly) {
  SessionBook book;
  const Secret first = book.open("ada", "hash", kStart);
  const Secret second = book.open("ada", "hash", kStart);
  EXPECT_NE(first.reveal(), second.reveal());
  EXPECT_GE(first.reveal().size(), 43U);  // 256 bits
  ASSERT_NE(book.use(first.reveal(), kStart), nullptr);
  EXPECT_EQ(book.use(first.reveal(), kStart)->name, "ada");
  EXPECT_NE(book.use(first.reveal(), kStart)->csrf, book.use(second.reveal(), kStart)->csrf);
  EXPECT_EQ(book.use("", kStart), nullptr);
  EXPECT_EQ(book.use("something else", kStart), nullptr);
}

TEST(SessionBook, IdleSessionsEnd) {
  SessionBook book;
  book.replace_times({.idle = minutes(30), .absolute = hours(12)});
  const Secret session = book.open("ada", "hash", kStart);
  const milliseconds almost = minutes(30) - milliseconds(1);
  EXPECT_NE(book.use(session.reveal(), kStart + almost), nullptr);
  EXPECT_NE(book.use(session.reveal(), kStart + almost + almost), nullptr);
  EXPECT_EQ(book.use(session.reveal(), kStart + almost + almost + minutes(30)), nullptr);
  EXPECT_EQ(book.size(), 0U);
}

TEST(SessionBook, LookingAtASessionDoesNotKeepItAlive) {
  SessionBook book;
  book.replace_times({.idle = minutes(30), .absolute = hours(12)});
  const Secret session = book.open("ada", "hash", kStart);
  EXPECT_NE(book.find(session.reveal(), kStart + minutes(29)), nullptr);
  EXPECT_EQ(book.find(session.reveal(), kStart + minutes(30)), nullptr);
}

TEST(SessionBook, SessionsEndHoweverMuchTheyAreUsed) {
  SessionBook book;
  book.replace_times({.idle = minutes(30), .absolute = hours(1)});
  const Secret session = book.open("ada", "hash", kStart);
  for (int minute = 10; minute < 60; minute += 10)
    EXPECT_NE(book.use(session.reveal(), kStart + minutes(minute)), nullptr);
  EXPECT_EQ(book.use(session.reveal(), kStart + hours(1)), nullptr);
}

TEST(SessionBook, ClosedSessionsAreOver) {
  SessionBook book;
  const Secret mine = book.open("ada", "hash", kStart);
  const Secret other = book.open("ada", "hash", kStart);
  const Secret alans = book.open("alan", "hash", kStart);
  book.close_all_of("ada", mine.reveal());
  EXPECT_NE(book.find(mine.reveal(), kStart), nullptr);
  EXPECT_EQ(book.find(other.reveal(), kStart), nullptr);
  EXPECT_NE(book.find(alans.reveal(), kStart), nullptr);
  book.close(mine.reveal());
  EXPECT_EQ(book.find(mine.reveal(), kStart), nullptr);
}

TEST(SessionBook, OneNamesOldestSessionMakesRoomForItsNext) {
  SessionBook book;
  const Secret other = book.open("alan", "hash", kStart);
  const Secret first = book.open("ada", "hash", kStart + milliseconds(1));
  for (size_t i = 1; i < SessionBook::kMostOfOneName; ++i)
    (void)book.open("ada", "hash", kStart + milliseconds(2));
  EXPECT_NE(book.find(first.reveal(), kStart), nullptr);
  (void)book.open("ada", "hash", kStart + milliseconds(3));
  EXPECT_EQ(book.find(first.reveal(), kStart), nullptr);
  EXPECT_NE(book.find(other.reveal(), kStart), nullptr);
  EXPECT_EQ(book.size(), SessionBook::kMostOfOneName + 1);
}

TEST(SessionBook, HoldsNoMoreThanItsBound) {
  SessionBook book;
  const Secret first = book.open("0", "hash", kStart);
  for (size_t i = 1; i < SessionBook::kMostSessions; ++i)
    (void)book.open(std::to_string(i), "hash", kStart + milliseconds(1));
  EXPECT_NE(book.find(first.reveal(), kStart), nullptr);
  (void)book.open("one more", "hash", kStart + milliseconds(1));
  EXPECT_EQ(book.size(), SessionBook::kMostSessions);
  EXPECT_EQ(book.find(first.reveal(), kStart), nullptr);
}

}  // namespace
}  // namespace stormdoor::portal
