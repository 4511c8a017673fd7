#include "tftp-http/tftp_book.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "tftp-http/tftp_unproven_budget.hpp"

namespace stormdoor::tftp {
namespace {

using Kind = TransferBook::Room::Kind;

TransferKey key(const char* address, uint16_t port) {
  return {{*IpAddress::parse(address), port, 0}, *IpAddress::parse("192.0.2.1")};
}

struct Book : TransferBook {
  using TransferBook::TransferBook;
  // Opens one, making room as a server would; the number that had to go.
  std::optional<uint32_t> add(const char* address, uint16_t port) {
    std::optional<uint32_t> gone;
    auto room = room_for(*IpAddress::parse(address));
    while (room.kind == Kind::EvictFirst) {
      gone = room.evict;
      close(room.evict);
      room = room_for(*IpAddress::parse(address));
    }
    EXPECT_EQ(room.kind, Kind::Free);
    last = open(key(address, port));
    return gone;
  }
  uint32_t last = 0;
};

constexpr TransferBook::Limits kSmall{.transfers = 100,
                                      .per_source = 6,
                                      .unproven = 10,
                                      .unproven_per_source = 3,
                                      .unproven_per_group = 5};

TEST(TransferBook, FindsATransferByBothItsEndpoints) {
  Book book(kSmall);
  book.add("10.0.0.1", 1000);
  EXPECT_EQ(book.find(key("10.0.0.1", 1000)), book.last);
  EXPECT_FALSE(book.find(key("10.0.0.1", 1001)));
  TransferKey other = key("10.0.0.1", 1000);
  other.asked = *IpAddress::parse("192.0.2.2");
  EXPECT_FALSE(book.find(other));
  book.close(book.last);
  EXPECT_FALSE(book.find(key("10.0.0.1", 1000)));
}

TEST(TransferBook, EvictsASourcesOwnOldestUnprovenOverItsLimit) {
  Book book(kSmall);
  book.add("10.0.1.1", 1);
  book.add("10.0.0.1", 1);
  const uint32_t oldest = book.last;
  book.add("10.0.0.1", 2);
  EXPECT_FALSE(book.add("10.0.0.1", 3));       // just below
  EXPECT_EQ(book.add("10.0.0.1", 4), oldest);  // just above
}

TEST(TransferBook, EvictsAGroupsOldestUnprovenOverItsLimit) {
  Book book(kSmall);
  book.add("10.0.1.1", 1);
  book.add("10.0.0.1", 1);
  const uint32_t oldest = book.last;
  for (const char* address : {"10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"})
    EXPECT_FALSE(book.add(address, 1));
  EXPECT_EQ(book.add("10.0.0.6", 1), oldest);
}

TEST(TransferBook, EvictsTheOldestOfAllOnlyFromStrangersToEachOther) {
  Book book(kSmall);
  book.add("10.1.0.1", 1);
  const uint32_t oldest = book.last;
  for (const char* address : {"10.2.0.1", "10.3.0.1", "10.4.0.1", "10.5.0.1", "10.6.0.1",
                              "10.7.0.1", "10.8.0.1", "10.9.0.1", "10.10.0.1"})
    EXPECT_FALSE(book.add(address, 1));
  const uint32_t own = book.last;
  EXPECT_EQ(book.add("10.10.0.1", 2), own);  // its own first
  EXPECT_EQ(book.add("10.11.0.1", 1), oldest);
}

TEST(TransferBook, NeverEvictsAProvenTransfer) {
  Book book(kSmall);
  for (uint16_t port = 1; port <= 6; ++port) {
    book.add("10.0.0.1", port);
    book.prove(book.last);
    EXPECT_TRUE(book.proven(book.last));
  }
  EXPECT_EQ(book.unproven(), 0U);
  EXPECT_EQ(book.room_for(*IpAddress::parse("10.0.0.1")).kind, Kind::Full);
  EXPECT_EQ(book.room_for(*IpAddress::parse("10.0.0.2")).kind, Kind::Free);
}

TEST(TransferBook, LeavesAGroupHalfOfAllTransfers) {
  Book book({.transfers = 4,
             .per_source = 4,
             .unproven = 4,
             .unproven_per_source = 4,
             .unproven_per_group = 4});
  for (uint16_t port = 1; port <= 2; ++port) {
    EXPECT_EQ(book.room_for(*IpAddress::parse("10.0.0.1")).kind, Kind::Free);
    book.add("10.0.0.1", port);
    book.prove(book.last);
  }
  EXPECT_EQ(book.room_for(*IpAddress::parse("10.0.0.9")).kind, Kind::Full);
  EXPECT_EQ(book.room_for(*IpAddress::parse("10.0.1.1")).kind, Kind::Free);
  book.add("10.0.1.1", 1);
  book.prove(book.last);
  book.add("10.0.2.1", 1);
  const uint32_t unproven = book.last;
  EXPECT_EQ(book.add("10.0.3.1", 1), unproven);
  book.prove(book.last);
  EXPECT_EQ(book.room_for(*IpAddress::parse("10.0.4.1")).kind, Kind::Full);
}

TEST(TransferBook, KeepsNothingOfWhatIsClosed) {
  Book book(kSmall);
  for (int round = 0; round < 1000; ++round) {
    book.add("10.0.0.1", 1);
    const uint32_t first = book.last;
    book.add("2001:db8::1", 2);
    book.prove(first);
    book.close(book.last);
    book.close(first);
  }
  EXPECT_EQ(book.size(), 0U);
  EXPECT_LT(book.last, 2U);  // numbers are used again
  EXPECT_TRUE(book.all().empty());
}

TEST(UnprovenBudget, GivesAGroupItsBurstAndThenItsRate) {
  UnprovenBudget budget({.burst_bytes = 1000, .bytes_per_second = 100, .capacity = 8});
  const IpAddress one = *IpAddress::parse("10.0.0.1");
  const IpAddress neighbour = *IpAddress::parse("10.0.0.200");
  const IpAddress other = *IpAddress::parse("10.0.1.1");
  const SteadyTime t{};
  EXPECT_TRUE(budget.take(one, 999, t));
  EXPECT_FALSE(budget.take(neighbour, 2, t));
  EXPECT_TRUE(budget.take(neighbour, 1, t));
  EXPECT_TRUE(budget.take(other, 1000, t));
  EXPECT_FALSE(budget.take(one, 100, t + milliseconds(990)));
  EXPECT_TRUE(budget.take(one, 100, t + milliseconds(1000)));
  EXPECT_FALSE(budget.take(one, 1, t + milliseconds(1000)));
  EXPECT_TRUE(budget.take(one, 1000, t + seconds(3600)));
  EXPECT_FALSE(budget.take(one, 1001, t + seconds(7200)));
}

TEST(UnprovenBudget, TakesBackWhatWasProven) {
  UnprovenBudget budget({.burst_bytes = 1000, .bytes_per_second = 1, .capacity = 8});
  const IpAddress one = *IpAddress::parse("2001:db8::1");
  const IpAddress neighbour = *IpAddress::parse("2001:db8::2");
  EXPECT_TRUE(budget.take(one, 1000, {}));
  budget.give_back(one, 600);
  EXPECT_TRUE(budget.take(neighbour, 600, {}));
  EXPECT_FALSE(budget.take(neighbour, 1, {}));
}

TEST(UnprovenBudget, RemembersWhoAnsweredForAMinute) {
  UnprovenBudget budget({.burst_bytes = 1000, .bytes_per_second = 1, .capacity = 8});
  const IpAddress one = *IpAddress::parse("10.0.0.1");
  const SteadyTime t = SteadyTime() + seconds(1000);
  EXPECT_FALSE(budget.recently_proven(one, t));
  budget.note_proven(one, t);
  EXPECT_TRUE(budget.recently_proven(one, t + seconds(59)));
  EXPECT_FALSE(budget.recently_proven(one, t + seconds(60)));
  budget.note_wrong_port(one, t);
  EXPECT_TRUE(budget.suspect(one, t + seconds(59)));
  EXPECT_FALSE(budget.recently_proven(one, t));
  EXPECT_FALSE(budget.suspect(one, t + seconds(60)));
}

}  // namespace
}  // namespace stormdoor::tftp
