#include "acl/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "acl/journal_reader.hpp"
#include "acl/wording.hpp"
#include "base/keyed_hash.hpp"

namespace stormdoor::acl {
namespace {

constexpr size_t kMostUnsynced =
    4;  // files that nobody has asked to sync; older ones sync themselves

Result<void> sync_directory(const std::string& path) {
  const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return system_error("open " + path, errno);
  if (::fsync(directory.get()) != 0) return system_error("sync " + path, errno);
  return {};
}

}  // namespace

JournalConfig read_journal_config(const ConfigTable& table) {
  JournalConfig config;
  constexpr uint64_t kMost = uint64_t{64} * 1024 * 1024 * 1024;
  config.size = table.size("size", config.size, JournalConfig::kLeast, kMost);
  return config;
}

Journal::Journal(std::string directory, const JournalConfig& config)
    : directory_(std::move(directory)),
      most_bytes_(config.size),
      segment_bytes_(size_t(std::min<uint64_t>(kMostSegmentBytes, config.size / 16))) {}

// ---- opening ----

Result<std::unique_ptr<Journal>> Journal::open(const std::string& directory,
                                               const JournalConfig& config) {
  std::unique_ptr<Journal> journal(new Journal(directory, config));
  TRY(journal->take_directory());
  for (SegmentFile& file : TRY(list_segments(directory)))
    journal->segments_.push_back({std::move(file.path), file.sequence, file.bytes});
  if (!journal->segments_.empty()) TRY(journal->go_on_after(journal->segments_.back()));
  TRY(journal->make_room());
  return journal;
}

Result<void> Journal::take_directory() {
  if (::mkdir(directory_.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    return system_error("make " + directory_, errno);
  lock_.reset(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock_.valid()) return system_error("open " + directory_, errno);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno != EWOULDBLOCK) return system_error("lock " + directory_, errno);
  return Error(ErrorCode::Unavailable, say(directory_, ": another process writes this journal"));
}

// Cuts what the last writer could not finish, and goes on behind it if there is room.
Result<void> Journal::go_on_after(const Segment& last) {
  next_sequence_ = last.sequence + 1;
  if (last.bytes > SegmentFile::kMostBytes) return {};
  std::vector<uint8_t> bytes;
  TRY(read_segment(last.path, bytes));
  const auto header = decode_header(bytes);
  if (!header) {
    // Shorter than a header it never held anything.
    if (bytes.size() >= SegmentHeader::kBytes) return {};
    if (::unlink(last.path.c_str()) != 0) return system_error("remove " + last.path, errno);
    segments_.pop_back();
    return {};
  }
  RecordWalk walk(*header, std::span(bytes).subspan(SegmentHeader::kBytes));
  JournalEvent event;
  while (walk.next(event)) {
  }
  const uint64_t end = SegmentHeader::kBytes + walk.good_end();
  UniqueFd file(::open(last.path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (!file.valid()) return system_error("open " + last.path, errno);
  if (end < bytes.size() && ::ftruncate(file.get(), off_t(end)) != 0)
    return system_error("cut the torn end of " + last.path, errno);
  segments_.back().bytes = end;
  if (end + most_waiting() > segment_bytes_) return {};
  now_ = *header;
  file_ = std::make_shared<UniqueFd>(std::move(file));
  return {};
}

// ---- writing ----

void Journal::append(const JournalEvent& event) {
  ++counters_.events;
  if (!now_) begin_segment(event.time);
  if (waiting_.size() + 2 * kMostRecordBytes > most_waiting()) {
    ++counters_.lost;
    ++unsaid_;
    return;
  }
  if (unsaid_ > 0) {
    JournalEvent gap = journal_note(JournalKind::Gap, "the disk refused", event.time);
    gap.count = std::exchange(unsaid_, 0);
    encode(gap, *now_, waiting_);
  }
  encode(event, *now_, waiting_);
}

void Journal::begin_segment(WallTime start) {
  now_ = SegmentHeader{next_sequence_++, start, uint32_t(HashKey::random().k0)};
  encode(*now_, waiting_);
}

Result<void> Journal::flush() {
  if (waiting_.empty()) return {};
  if (!file_) TRY(make_file());
  TRY(write_waiting());
  if (segments_.back().bytes + most_waiting() > segment_bytes_) {
    now_.reset();
    file_.reset();
  }
  return {};
}

// Also when the configured size has become smaller.
Result<void> Journal::make_room() {
  uint64_t bytes = counters().bytes;
  while (!segments_.empty() && !(file_ && segments_.size() == 1) &&
         bytes + segment_bytes_ > most_bytes_) {
    const Segment& oldest = segments_.front();
    if (::unlink(oldest.path.c_str()) != 0 && errno != ENOENT)
      return system_error("remove " + oldest.path, errno);
    bytes -= oldest.bytes;
    segments_.pop_front();
  }
  return {};
}

Result<void> Journal::make_file() {
  TRY(make_room());
  const std::string path = segment_path(directory_, now_->sequence);
  UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.valid()) return system_error("make " + path, errno);
  file_ = std::make_shared<UniqueFd>(std::move(file));
  segments_.push_back({path, now_->sequence, 0});
  new_name_ = true;
  return {};
}

Result<void> Journal::write_waiting() {
  size_t written = 0;
  int failure = 0;
  while (written < waiting_.size() && failure == 0) {
    const ssize_t n = ::write(file_->get(), waiting_.data() + written, waiting_.size() - written);
    if (n >= 0)
      written += size_t(n);
    else if (errno != EINTR)
      failure = errno;
  }
  // Part of a record may stand there now; the rest follows it with the next call.
  waiting_.erase(0, written);
  segments_.back().bytes += written;
  if (written > 0 && (unsynced_.empty() || unsynced_.back() != file_)) unsynced_.push_back(file_);
  if (unsynced_.size() > kMostUnsynced) unsynced_.erase(unsynced_.begin());
  if (failure != 0) return system_error("write " + segments_.back().path, failure);
  return {};
}

std::function<Result<void>()> Journal::take_sync() {
  if (unsynced_.empty()) return {};
  return [files = std::exchange(unsynced_, {}), new_name = std::exchange(new_name_, false),
          directory = directory_]() -> Result<void> {
    for (const auto& file : files)
      if (::fdatasync(file->get()) != 0) return system_error("sync the journal", errno);
    if (new_name) TRY(sync_directory(directory));
    return {};
  };
}

Journal::Counters Journal::counters() const {
  Counters now = counters_;
  now.segments = segments_.size();
  now.bytes = 0;
  for (const Segment& segment : segments_) now.bytes += segment.bytes;
  return now;
}

}  // namespace stormdoor::acl
