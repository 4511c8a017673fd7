#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "acl/journal_record.hpp"
#include "base/config_reader.hpp"
#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::acl {

// [journal]
struct JournalConfig {
  static constexpr uint64_t kLeast = uint64_t{1} * 1024 * 1024;
  uint64_t size = uint64_t{256} * 1024 * 1024;  // on disk, all segments together
  bool operator==(const JournalConfig&) const = default;
};
[[nodiscard]] JournalConfig read_journal_config(const ConfigTable& table);

// Every event of the guard, on disk: the memory behind `why`, `acl replay` and `acl shadow`. Append
// only, in segments of at most 8 MiB (a sixteenth of `size` when that is less); before a new one
// begins the oldest are deleted, so that all together never exceed `size`. Used by one thread; a
// second writer of the same directory is refused. Files have mode 0600 and are read with
// JournalReader by any process that may, also while this writes.
//
//   append()     for each event, on the owner's thread
//   flush()      at each turn of its loop, or every 100 ms
//   take_sync()  every second; what it returns runs on a thread that may wait for the disk
//
// What a crash costs: kill -9 what was appended since the last flush(), power loss what was flushed
// since the last sync, about a second. Events are no acknowledgements: what must not be lost
// (blocks, leases) stands in the store. A torn tail is cut when the journal is opened.
//
// While the disk refuses, an eighth of a segment waits in memory; further events are counted, not
// kept, and a Gap event says how many once writing goes on.
class Journal {
 public:
  static constexpr size_t kMostSegmentBytes = size_t{8} * 1024 * 1024;

  // Makes the directory (its parent must exist), or goes on where the last writer ended. A segment
  // whose header cannot be read is left to age.
  static Result<std::unique_ptr<Journal>> open(const std::string& directory,
                                               const JournalConfig& config);

  // Does not touch the disk.
  void append(const JournalEvent& event);
  // Writes what waits: to the page cache, and now and then into a new file. The error is the
  // disk's; what was not written waits for the next call.
  Result<void> flush();
  // What makes the written durable; empty when that has been done. Holds descriptors of its own and
  // may outlive the journal.
  [[nodiscard]] std::function<Result<void>()> take_sync();

  struct Counters {
    uint64_t events = 0;    // appended since the start
    uint64_t lost = 0;      // of them never written, because the disk refused for too long
    uint64_t segments = 0;  // on disk
    uint64_t bytes = 0;     // on disk
  };
  [[nodiscard]] Counters counters() const;
  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  struct Segment {
    std::string path;
    uint64_t sequence = 0;
    uint64_t bytes = 0;
  };
  Journal(std::string directory, const JournalConfig& config);
  Result<void> take_directory();
  Result<void> go_on_after(const Segment& last);
  void begin_segment(WallTime start);
  Result<void> make_room();
  Result<void> make_file();
  Result<void> write_waiting();
  [[nodiscard]] size_t most_waiting() const { return segment_bytes_ / 8; }

  std::string directory_;
  uint64_t most_bytes_;
  size_t segment_bytes_;
  UniqueFd lock_;                     // the directory
  std::deque<Segment> segments_;      // on disk, oldest first
  std::optional<SegmentHeader> now_;  // of the segment that is written; may have no file yet
  std::shared_ptr<UniqueFd> file_;    // its file
  std::string waiting_;               // for it
  uint64_t next_sequence_ = 1;
  uint64_t unsaid_ = 0;  // lost since the last Gap
  std::vector<std::shared_ptr<UniqueFd>> unsynced_;
  bool new_name_ = false;  // a file whose name is not durable yet
  Counters counters_;
};

}  // namespace stormdoor::acl
