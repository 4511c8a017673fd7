#include "acl/story_of.hpp"

#include <gtest/gtest.h>

#include "tests/acl/journal_samples.hpp"

namespace stormdoor::acl {
namespace {

using test::kJournalStart;
using test::sip_failure;

TEST(Promise13_TheJournalTellsTheStory, TellsTheNewestFirstAndTheSameOnce) {
  std::vector<JournalEvent> events{sip_failure(1), sip_failure(2), sip_failure(3), sip_failure(4)};
  for (size_t i : {2, 3}) {
    events[i].fingerprint = 7;
    events[i].said.counted = false;
    events[i].said.repeated = true;
  }
  const auto lines = tell_story(events, kJournalStart + seconds(10));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0],
            "2026-03-01T00:00:03Z refused SIP login with sip from 198.51.100.7, phone "
            "00:0F:D3:05:48:48, account \"2041\" (the same mistake as before, not counted again); "
            "the same again 1 time, last at 2026-03-01T00:00:04Z");
  EXPECT_NE(lines[1].find("(2 of 10)"), std::string::npos) << lines[1];
  EXPECT_NE(lines[2].find("(1 of 10)"), std::string::npos) << lines[2];
}

TEST(Promise13_TheJournalTellsTheStory, EveryKindHasASentenceFitForATerminal) {
  for (JournalEvent event : test::one_of_each_kind()) {
    event.account = "\x1b[31mred";
    event.text = "\n\xff";
    const auto lines = tell_story({&event, 1}, kJournalStart);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_GT(lines[0].size(), 30U);
    EXPECT_EQ(lines[0].find('\x1b'), std::string::npos);
    EXPECT_EQ(lines[0].find('\n'), std::string::npos);
  }
}

TEST(Promise13_TheJournalTellsTheStory, SaysWhenThereIsMoreThanItTells) {
  std::vector<JournalEvent> events;
  for (uint64_t i = 0; i < kMostStoryLines; ++i) events.push_back(sip_failure(i + 1));
  EXPECT_EQ(tell_story(events, kJournalStart).size(), kMostStoryLines);
  events.push_back(sip_failure(1000));
  const auto lines = tell_story(events, kJournalStart);
  ASSERT_EQ(lines.size(), kMostStoryLines + 1);
  EXPECT_EQ(lines.back(), "and 1 event before");
}

TEST(Promise13_TheJournalTellsTheStory, IsAboutPhonesPeopleAddressesAndTheBlocksAroundThem) {
  const JournalEvent failure = sip_failure(1);
  EXPECT_TRUE(is_about(failure, {.address = failure.source, .mac = {}, .account = {}}));
  EXPECT_FALSE(
      is_about(failure, {.address = *IpAddress::parse("198.51.100.8"), .mac = {}, .account = {}}));
  EXPECT_TRUE(is_about(failure, {.address = {}, .mac = failure.device, .account = {}}));
  EXPECT_FALSE(
      is_about(failure, {.address = {}, .mac = MacAddress({1, 2, 3, 4, 5, 6}), .account = {}}));
  EXPECT_TRUE(is_about(failure, {.address = {}, .mac = {}, .account = "2041"}));
  EXPECT_FALSE(is_about(failure, {.address = {}, .mac = {}, .account = "2042"}));
  EXPECT_FALSE(is_about(test::one_of_each_kind()[3], {.address = {}, .mac = {}, .account = ""}));
  JournalEvent block;
  block.kind = JournalKind::Block;
  block.prefix = *IpPrefix::parse("198.51.100.0/24");
  EXPECT_TRUE(is_about(block, {.address = failure.source, .mac = {}, .account = {}}));
  EXPECT_TRUE(is_about(journal_note(JournalKind::Started, "", kJournalStart), {}));
}

}  // namespace
}  // namespace stormdoor::acl
