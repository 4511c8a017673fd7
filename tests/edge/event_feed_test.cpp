#include "edge/event_feed.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

Event event(const char* kind) {
  return {.time = {}, .kind = kind, .text = "", .source = {}, .phone = {}, .extension = ""};
}

std::vector<uint64_t> numbers(const std::vector<std::pair<uint64_t, Event>>& events) {
  std::vector<uint64_t> all;
  for (const auto& [number, ignored] : events) all.push_back(number);
  return all;
}

TEST(EventFeed, ForgetsTheOldestAndKeepsTheNumbers) {
  EventFeed feed(3);
  for (int i = 0; i < 5; ++i) feed.add(event(i % 2 == 0 ? "even" : "odd"));
  EXPECT_EQ(numbers(feed.latest(10)), (std::vector<uint64_t>{3, 4, 5}));
  EXPECT_EQ(numbers(feed.latest(2)), (std::vector<uint64_t>{4, 5}));
  EXPECT_EQ(numbers(feed.about([](const Event& e) { return e.kind == "even"; }, 10)),
            (std::vector<uint64_t>{3, 5}));
}

TEST(EventFeed, TellsFollowersUntilTheyLeaveEvenFromWithin) {
  EventFeed feed(3);
  int told = 0;
  std::optional<uint64_t> id;
  id = feed.follow([&](uint64_t, const Event&) {
    if (++told == 2) feed.unfollow(*id);
  });
  for (int i = 0; i < 5; ++i) feed.add(event("x"));
  EXPECT_EQ(told, 2);
}

TEST(EventFeed, HasRoomForSoManyFollowersAndNoMore) {
  EventFeed feed(3);
  for (size_t i = 0; i < EventFeed::kMostFollowers; ++i)
    EXPECT_TRUE(feed.follow([](uint64_t, const Event&) {}));
  EXPECT_FALSE(feed.follow([](uint64_t, const Event&) {}));
}

}  // namespace
}  // namespace stormdoor::edge
