#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "acl/journal_record.hpp"
#include "base/error.hpp"

namespace stormdoor::acl {

// One segment of a journal on disk.
struct SegmentFile {
  static constexpr uint64_t kMostBytes = uint64_t{16} * 1024 * 1024;  // longer is none of ours
  std::string path;
  uint64_t sequence = 0;
  uint64_t bytes = 0;
};
// Oldest first. Unavailable when the directory cannot be read.
Result<std::vector<SegmentFile>> list_segments(const std::string& directory);
[[nodiscard]] std::string segment_path(const std::string& directory, uint64_t sequence);
// The whole file into `bytes`, whose memory is used again; its header is decoded by whoever wants
// it.
Result<void> read_segment(const std::string& path, std::vector<uint8_t>& bytes);

// A journal that somebody else may be writing, read from old to new. Used by one thread, which may
// wait for the disk: never by a loop. Holds one segment in memory. What is damaged is skipped and
// counted; a segment that ages out while we read is passed over.
class JournalReader {
 public:
  // The events from `since` on. A segment is passed over when the next one begins before `since`.
  static Result<JournalReader> open(const std::string& directory, WallTime since = WallTime());

  // The next event into `event`, whose memory is used again; false at the end.
  bool next(JournalEvent& event);
  // Stretches that could not be read so far.
  [[nodiscard]] size_t damaged() const { return damaged_; }

 private:
  bool load_next();

  WallTime since_;
  std::vector<std::string> files_;  // still to be read, oldest last
  std::vector<uint8_t> bytes_;
  std::optional<RecordWalk> walk_;
  size_t damaged_ = 0;
};

// The last `most` events that `wanted` picks of those since `since`, oldest first. Reads newer
// segments first and no more of them than it needs.
Result<std::vector<JournalEvent>> latest_events(
    const std::string& directory, WallTime since, size_t most,
    const std::function<bool(const JournalEvent&)>& wanted);

}  // namespace stormdoor::acl
