// Any bytes as a journal's segment: read, written again, replayed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "acl/journal_record.hpp"
#include "acl/replay.hpp"
#include "acl/shadow_report.hpp"
#include "base/error.hpp"

namespace {

using namespace stormdoor;
using namespace stormdoor::acl;

std::vector<JournalEvent> read(const SegmentHeader& header, std::span<const uint8_t> bytes) {
  RecordWalk walk(header, bytes);
  std::vector<JournalEvent> events;
  JournalEvent event;
  while (walk.next(event)) events.push_back(event);
  STORMDOOR_CHECK(walk.good_end() <= bytes.size(), "a record ends within the bytes");
  return events;
}

// A body as the checksum would have let it through, so that the fuzzer need not guess checksums.
std::string sealed(const SegmentHeader& header, std::span<const uint8_t> body) {
  std::string record = "\xA7";
  record.push_back(char(0x80U | (body.size() & 0x7fU)));
  record.push_back(char(body.size() >> 7U));
  const uint32_t crc = crc32c(header.seed, body);
  for (unsigned shift = 0; shift < 32; shift += 8) record.push_back(char(crc >> shift));
  record.append(reinterpret_cast<const char*>(body.data()), body.size());
  return record;
}

std::span<const uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The input as bodies, each behind a byte that says how long it is.
std::string segment_of_bodies(const SegmentHeader& header, std::span<const uint8_t> input) {
  std::string records;
  while (!input.empty()) {
    const size_t length = std::min<size_t>(input[0], input.size() - 1);
    records += sealed(header, input.subspan(1, length));
    input = input.subspan(1 + length);
  }
  return records;
}

void check(const SegmentHeader& header, const std::vector<JournalEvent>& events) {
  std::string again;
  for (const JournalEvent& event : events) encode(event, header, again);
  STORMDOOR_CHECK(read(header, bytes_of(again)) == events, "what is read can be written");
  const JournalPlayer play = [&](const JournalVisitor& visit) {
    for (const JournalEvent& event : events)
      if (!visit(event)) return;
  };
  static const auto rules = RuleSet::from(AclRules());
  GuardSizes small;
  small.tracked_sources = small.blocks = 64;
  const auto report = replay(play, rules, small);
  STORMDOOR_CHECK(report.events == events.size(), "every event was played");
  STORMDOOR_CHECK(report.same <= report.actual && report.same <= report.simulated,
                  "what is the same is part of both");
  (void)shadow_report(play);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  SegmentHeader header{1, WallTime(std::chrono::hours(400'000)), 7};
  if (const auto found = decode_header(bytes))
    check(*found, read(*found, bytes.subspan(SegmentHeader::kBytes)));
  (void)read(header, bytes);
  const std::string records = segment_of_bodies(header, bytes);
  check(header, read(header, bytes_of(records)));
  return 0;
}
