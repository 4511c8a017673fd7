#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "acl/journal_event.hpp"

// The journal's form on disk, version 1; pure functions over bytes. What is read may be anything:
// a torn write, a bad sector, another program's file.
//
//   segment = header, records
//   header  = "SDJOURN1", sequence (8), start in ms since 1970 (8), seed (4), CRC of these (4)
//   record  = 0xA7, length (varint), CRC of the event under the seed (4), event (length bytes)
//   event   = kind, time as signed varint in ms since the segment's start, the fields that are not
//             at their defaults as varint of bits, those fields
//
// Numbers are little endian. Times count from the segment's start and not from the record before,
// so that a damaged record costs itself only. CRC is CRC-32C (RFC 3720, section 12.1). The seed is
// drawn at random for each segment: a stranger, who can place bytes in an account's name, cannot
// make them pass for a record when one is looked for behind a damaged stretch.
namespace stormdoor::acl {

struct SegmentHeader {
  static constexpr size_t kBytes = 32;
  uint64_t sequence = 0;
  WallTime start;
  uint32_t seed = 0;
  bool operator==(const SegmentHeader&) const = default;
};

void encode(const SegmentHeader& header, std::string& to);
// Nothing when it is none of ours.
[[nodiscard]] std::optional<SegmentHeader> decode_header(std::span<const uint8_t> bytes);

inline constexpr size_t kMostEventBytes = 512;
inline constexpr size_t kMostRecordBytes = 1 + 2 + 4 + kMostEventBytes;

// Appends one record. Account and text are cut to their bounds.
void encode(const JournalEvent& event, const SegmentHeader& segment, std::string& to);

// Walks the records of one segment. A stretch that is no record is skipped up to the next one that
// is, at most kMostSkip bytes of it; what is then left of the segment counts as one stretch more.
class RecordWalk {
 public:
  static constexpr size_t kMostSkip = size_t{64} * 1024;

  // `records` are the bytes behind the header and stay where they are.
  RecordWalk(const SegmentHeader& segment, std::span<const uint8_t> records)
      : segment_(segment), bytes_(records) {}

  // The next event into `event`, whose memory is used again; false at the end.
  bool next(JournalEvent& event);
  // Behind the last record that was whole.
  [[nodiscard]] size_t good_end() const { return good_end_; }
  // Damaged stretches so far; a torn tail is one.
  [[nodiscard]] size_t damaged() const { return damaged_; }

 private:
  // The length of the record at `at`, 0 when there is none.
  size_t record_at(size_t at, JournalEvent& event) const;

  SegmentHeader segment_;
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  size_t good_end_ = 0;
  size_t damaged_ = 0;
};

// CRC-32C, beginning with the CRC so far (0 at first).
[[nodiscard]] uint32_t crc32c(uint32_t crc, std::span<const uint8_t> bytes);
// As processors without an instruction for it compute it.
[[nodiscard]] uint32_t crc32c_by_tables_for_test(uint32_t crc, std::span<const uint8_t> bytes);

}  // namespace stormdoor::acl
