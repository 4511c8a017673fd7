#include "acl/journal_record.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/acl/journal_samples.hpp"

namespace stormdoor::acl {
namespace {

const SegmentHeader kSegment{7, test::kJournalStart, 0x1234'5678};

std::span<const uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string encoded(const std::vector<JournalEvent>& events) {
  std::string bytes;
  for (const auto& event : events) encode(event, kSegment, bytes);
  return bytes;
}

std::vector<JournalEvent> walked(const std::string& bytes, size_t* damaged = nullptr) {
  RecordWalk walk(kSegment, bytes_of(bytes));
  std::vector<JournalEvent> events;
  JournalEvent event;
  while (walk.next(event)) events.push_back(event);
  if (damaged != nullptr) *damaged = walk.damaged();
  return events;
}

TEST(JournalRecord, CrcIsThatOfRfc3720) {
  const std::string digits = "123456789";
  EXPECT_EQ(crc32c(0, bytes_of(digits)), 0xE306'9283U);
  EXPECT_EQ(crc32c(0, bytes_of(std::string(32, '\0'))), 0x8A91'36AAU);  // section B.4
  EXPECT_EQ(crc32c_by_tables_for_test(0, bytes_of(digits)), 0xE306'9283U);
  for (size_t length = 0; length < 40; ++length) {
    const std::string bytes(length, 'x');
    EXPECT_EQ(crc32c(7, bytes_of(bytes)), crc32c_by_tables_for_test(7, bytes_of(bytes)));
  }
}

TEST(JournalRecord, EveryKindComesBackAsItWas) {
  const auto events = test::one_of_each_kind();
  EXPECT_EQ(walked(encoded(events)), events);
}

TEST(JournalRecord, ATypicalFailureTakesFortyToSixtyBytes) {
  const std::string bytes = encoded({test::sip_failure(1)});
  EXPECT_GE(bytes.size(), 40U);
  EXPECT_LE(bytes.size(), 60U);
}

TEST(JournalRecord, AccountsAndTextsAreCutAtTheirBounds) {
  JournalEvent event = test::sip_failure(1);
  for (const size_t more : {0, 1}) {
    event.account = std::string(JournalEvent::kMostAccountBytes + more, 'a');
    event.text = std::string(JournalEvent::kMostTextBytes + more, 't');
    const auto back = walked(encoded({event}));
    ASSERT_EQ(back.size(), 1U);
    EXPECT_EQ(back[0].account.size(), JournalEvent::kMostAccountBytes);
    EXPECT_EQ(back[0].text.size(), JournalEvent::kMostTextBytes);
  }
}

TEST(JournalRecord, TheLongestEventFits) {
  JournalEvent event = test::one_of_each_kind()[0];
  event.source = *IpAddress::parse("2001:db8::1");
  event.prefix = *IpPrefix::parse("2001:db8::1/128");
  event.account = std::string(JournalEvent::kMostAccountBytes, 'a');
  event.text = std::string(JournalEvent::kMostTextBytes, 't');
  event.device = MacAddress({1, 2, 3, 4, 5, 6});
  event.port = 65535;
  event.fingerprint = event.count = UINT64_MAX;
  event.said = {true, true, true, true, UINT32_MAX, UINT32_MAX};
  event.until = event.time;
  const std::string bytes = encoded({event});
  EXPECT_LE(bytes.size(), kMostRecordBytes);
  EXPECT_EQ(walked(bytes), std::vector{event});
}

TEST(JournalRecord, ATailTornAtAnyByteCostsOnlyItsRecord) {
  const auto events = test::one_of_each_kind();
  const std::string whole = encoded(events);
  std::vector<size_t> ends{0};
  for (size_t i = 1; i <= events.size(); ++i)
    ends.push_back(encoded({events.begin(), events.begin() + ptrdiff_t(i)}).size());
  for (size_t length = 0; length < whole.size(); ++length) {
    const std::string torn = whole.substr(0, length);
    RecordWalk walk(kSegment, bytes_of(torn));
    JournalEvent event;
    size_t count = 0;
    while (walk.next(event)) EXPECT_EQ(event, events[count++]);
    const auto complete = size_t(std::ranges::upper_bound(ends, length) - ends.begin()) - 1;
    EXPECT_EQ(count, complete) << length;
    EXPECT_EQ(walk.good_end(), ends[complete]);
    EXPECT_EQ(walk.damaged(), ends[complete] == length ? 0U : 1U);
  }
}

TEST(JournalRecord, AFlippedBitAnywhereCostsOneRecordAndLiesNever) {
  const auto events = test::one_of_each_kind();
  const std::string whole = encoded(events);
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = char(flipped[bit / 8] ^ (1 << (bit % 8)));
    size_t damaged = 0;
    const auto left = walked(flipped, &damaged);
    ASSERT_EQ(left.size(), events.size() - 1) << bit;
    EXPECT_EQ(damaged, 1U);
    size_t at = 0;
    for (const auto& event : left) {
      while (at < events.size() && events[at] != event) ++at;
      ASSERT_LT(at, events.size()) << "an event that nobody wrote, bit " << bit;
    }
  }
}

TEST(JournalRecord, AStrangersTextDoesNotPassForARecord) {
  SegmentHeader guessed = kSegment;
  guessed.seed = 1;
  std::string forged;
  encode(journal_note(JournalKind::RulesLoaded, "mine", test::kJournalStart), guessed, forged);
  JournalEvent event = test::sip_failure(1);
  event.account = forged;
  std::string bytes = encoded({event, test::sip_failure(2)});
  bytes[3] = char(bytes[3] ^ 1);
  EXPECT_EQ(walked(bytes), std::vector{test::sip_failure(2)});
}

TEST(JournalRecord, GarbageIsSkippedUpToItsBound) {
  const std::string record = encoded({test::sip_failure(1)});
  EXPECT_EQ(walked(std::string(RecordWalk::kMostSkip - 1, 'x') + record).size(), 1U);
  EXPECT_EQ(walked(std::string(RecordWalk::kMostSkip, 'x') + record).size(), 0U);
}

TEST(JournalRecord, TimesThatNobodyHasAreWrittenAsTheNearest) {
  JournalEvent event = test::sip_failure(1);
  event.time = WallTime::min();
  EXPECT_EQ(walked(encoded({event}))[0].time, WallTime());
  event.time = WallTime::max();
  EXPECT_EQ(format_time(walked(encoded({event}))[0].time), "9999-12-31T23:59:59Z");
}

TEST(SegmentHeader, ComesBackAsItWasAndFailsWithAnyBitFlipped) {
  std::string bytes;
  encode(kSegment, bytes);
  ASSERT_EQ(bytes.size(), SegmentHeader::kBytes);
  EXPECT_EQ(decode_header(bytes_of(bytes)), kSegment);
  EXPECT_FALSE(decode_header(bytes_of(bytes).first(SegmentHeader::kBytes - 1)));
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = char(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decode_header(bytes_of(flipped))) << bit;
  }
}

}  // namespace
}  // namespace stormdoor::acl
