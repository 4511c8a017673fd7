#include "edge/history.hpp"

#include <gtest/gtest.h>

namespace stormdoor::edge {
namespace {

const IpAddress kAddress = *IpAddress::parse("198.51.100.7");
const MacAddress kPhone = *MacAddress::parse("00:0F:D3:05:48:48");

TEST(History, IsAboutAnAddressAPhoneOrAnExtension) {
  EXPECT_EQ(subject_named("198.51.100.7").address, kAddress);
  EXPECT_EQ(subject_named("000fd3054848").mac, kPhone);
  EXPECT_EQ(subject_named("2041").account, "2041");
}

TEST(History, ALiveEventIsAboutWhomItNames) {
  const Event event{.time = {},
                    .kind = "failure",
                    .text = "",
                    .source = kAddress,
                    .phone = kPhone,
                    .extension = "2041"};
  for (const char* about : {"198.51.100.7", "00:0f:d3:05:48:48", "2041"})
    EXPECT_TRUE(is_about(event, subject_named(about))) << about;
  for (const char* other : {"198.51.100.8", "00:0f:d3:05:48:49", "2042"})
    EXPECT_FALSE(is_about(event, subject_named(other))) << other;
  EXPECT_TRUE(is_about(event, acl::Subject()));
}

TEST(History, TheJournalAndTheLiveEventsAreOneStory) {
  const auto at = [](int seconds) { return WallTime{std::chrono::seconds(seconds)}; };
  acl::JournalEvent block;
  block.kind = acl::JournalKind::Block;
  block.time = at(2);
  acl::JournalEvent lease = block;
  lease.kind = acl::JournalKind::LeaseOpened;
  lease.time = at(4);
  const auto live = [&](int seconds, std::string kind) {
    return std::pair(uint64_t(seconds), Event{at(seconds), std::move(kind), "", {}, {}, ""});
  };
  const std::vector events = {live(1, "change"), live(2, "block"), live(3, "desk-login"),
                              live(4, "lease-opened")};
  const auto kinds = [&](size_t most) {
    std::string all;
    for (const auto& row : merged_rows({block, lease}, events, most))
      all += row["kind"].get<std::string>() + " ";
    return all;
  };
  EXPECT_EQ(kinds(10), "change block desk-login lease-opened ");
  EXPECT_EQ(kinds(2), "desk-login lease-opened ");
  EXPECT_EQ(kinds(0), "");
}

TEST(History, AJournalsEventIsFitForATerminal) {
  acl::JournalEvent event;
  event.source = kAddress;
  event.device = kPhone;
  event.account = "20\x1b[2J41";
  const auto row = event_row(event);
  EXPECT_EQ(row["source"], "198.51.100.7");
  EXPECT_EQ(row["phone"], "00:0F:D3:05:48:48");
  EXPECT_EQ(row.dump().find("\\u001b"), std::string::npos) << row.dump();
  EXPECT_FALSE(row.contains("number"));
}

}  // namespace
}  // namespace stormdoor::edge
