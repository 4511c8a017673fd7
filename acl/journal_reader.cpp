#include "acl/journal_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <deque>
#include <filesystem>
#include <system_error>

#include "acl/wording.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::acl {
namespace {

constexpr std::string_view kBegin = "events-";
constexpr size_t kDigits = 20;

std::optional<uint64_t> sequence_of(std::string_view name) {
  if (!name.starts_with(kBegin) || name.size() != kBegin.size() + kDigits) return {};
  uint64_t sequence = 0;
  const auto [end, failure] =
      std::from_chars(name.data() + kBegin.size(), name.data() + name.size(), sequence);
  if (failure != std::errc() || end != name.data() + name.size()) return {};
  return sequence;
}

std::optional<SegmentHeader> header_of(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<uint8_t, SegmentHeader::kBytes> bytes{};
  if (!file.valid() || ::read(file.get(), bytes.data(), bytes.size()) != ssize_t(bytes.size()))
    return {};
  return decode_header(bytes);
}

// The records of a segment's bytes, or nothing when it is none.
std::optional<RecordWalk> walk_through(std::span<const uint8_t> bytes) {
  const auto header = decode_header(bytes);
  if (!header) return {};
  return RecordWalk(*header, bytes.subspan(SegmentHeader::kBytes));
}

}  // namespace

std::string segment_path(const std::string& directory, uint64_t sequence) {
  std::string digits = std::to_string(sequence);
  digits.insert(0, kDigits - digits.size(), '0');
  return say(directory, "/", kBegin, digits);
}

Result<std::vector<SegmentFile>> list_segments(const std::string& directory) {
  std::vector<SegmentFile> found;
  std::error_code failure;
  std::filesystem::directory_iterator entry(directory, failure);
  for (; !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure)) {
    const auto sequence = sequence_of(entry->path().filename().native());
    std::error_code gone;  // it may age out meanwhile
    const uint64_t bytes = sequence ? entry->file_size(gone) : 0;
    if (sequence && !gone) found.push_back({entry->path().native(), *sequence, bytes});
  }
  if (failure) return system_error("read " + directory, failure.value());
  std::ranges::sort(found, {}, &SegmentFile::sequence);
  return found;
}

Result<void> read_segment(const std::string& path, std::vector<uint8_t>& bytes) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return system_error("open " + path, errno);
  struct stat status;
  if (::fstat(file.get(), &status) != 0) return system_error("read " + path, errno);
  // What is written behind this while we read is for the next reader.
  bytes.resize(std::min(uint64_t(status.st_size), SegmentFile::kMostBytes));
  size_t length = 0;
  while (length < bytes.size()) {
    const ssize_t n = ::read(file.get(), bytes.data() + length, bytes.size() - length);
    if (n < 0) return system_error("read " + path, errno);
    if (n == 0) break;
    length += size_t(n);
  }
  bytes.resize(length);
  return {};
}

Result<JournalReader> JournalReader::open(const std::string& directory, WallTime since) {
  JournalReader reader;
  reader.since_ = since;
  const auto segments = TRY(list_segments(directory));
  bool needed = true;
  for (auto segment = segments.rbegin(); needed && segment != segments.rend(); ++segment) {
    reader.files_.push_back(segment->path);
    const auto header = header_of(segment->path);
    needed = !header || header->start >= since;
  }
  return reader;
}

bool JournalReader::load_next() {
  while (!files_.empty()) {
    const std::string path = std::move(files_.back());
    files_.pop_back();
    if (!read_segment(path, bytes_)) continue;
    walk_ = walk_through(bytes_);
    if (walk_) return true;
    ++damaged_;
  }
  return false;
}

bool JournalReader::next(JournalEvent& event) {
  while (walk_ || load_next()) {
    while (walk_->next(event))
      if (event.time >= since_) return true;
    damaged_ += walk_->damaged();
    walk_.reset();
  }
  return false;
}

Result<std::vector<JournalEvent>> latest_events(
    const std::string& directory, WallTime since, size_t most,
    const std::function<bool(const JournalEvent&)>& wanted) {
  std::deque<JournalEvent> found;
  std::vector<uint8_t> bytes;
  const auto segments = TRY(list_segments(directory));
  for (auto segment = segments.rbegin(); segment != segments.rend() && found.size() < most;
       ++segment) {
    if (!read_segment(segment->path, bytes)) continue;
    std::deque<JournalEvent> here;
    JournalEvent event;
    for (auto walk = walk_through(bytes); walk && walk->next(event);) {
      if (event.time < since || !wanted(event)) continue;
      here.push_back(event);
      if (here.size() > most - found.size()) here.pop_front();
    }
    found.insert(found.begin(), here.begin(), here.end());
    const auto header = decode_header(bytes);
    if (header && header->start < since) break;
  }
  return std::vector<JournalEvent>(found.begin(), found.end());
}

}  // namespace stormdoor::acl
