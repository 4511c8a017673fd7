#include "edge/followed_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "base/keyed_hash.hpp"

namespace stormdoor::edge {
namespace {

constexpr size_t kHeadBytes = 64;
constexpr size_t kPlaceFields = 5;
constexpr size_t kPlaceBytes = kPlaceFields * 17;  // sixteen digits and a blank or line end each
constexpr size_t kMostSiblings = 10'000;           // files of the log's folder that are looked at

// Not against anybody: these are our own file's and the log's bytes.
uint64_t checksum(std::string_view bytes) {
  return keyed_hash(HashKey{}, bytes);
}

// Of the first bytes of a file; 0 when it has fewer.
uint64_t head_of(int file) {
  std::array<char, kHeadBytes> head;
  if (pread(file, head.data(), head.size(), 0) != ssize_t(head.size())) return 0;
  return checksum({head.data(), head.size()});
}

uint64_t size_of(int file) {
  struct stat facts{};
  return fstat(file, &facts) == 0 ? uint64_t(facts.st_size) : 0;
}

bool ends_a_line(int file, uint64_t offset) {
  char before = 0;
  return offset == 0 || (pread(file, &before, 1, off_t(offset - 1)) == 1 && before == '\n');
}

}  // namespace

FollowedFile::FollowedFile(std::string path, std::string position_file)
    : path_(std::move(path)), position_path_(std::move(position_file)) {}

Result<bool> FollowedFile::read(const Use& use) {
  if (!file_.valid()) TRY(open_first());
  notice_rewriting();
  const ssize_t got = pread(file_.get(), buffer_.data(), buffer_.size(), off_t(read_to_));
  if (got < 0) return system_error("read " + path_, errno);
  if (got == 0) return at_end();
  counters_.bytes += uint64_t(got);
  hand_out({buffer_.data(), size_t(got)}, use);
  TRY(keep_place());
  return true;
}

Result<FollowedFile::Opened> FollowedFile::open_file(const std::string& path) {
  // A pipe or device must not make us wait for somebody.
  Opened opened;
  opened.file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!opened.file.valid()) return system_error("open " + path, errno);
  struct stat facts{};
  if (fstat(opened.file.get(), &facts) != 0) return system_error(path, errno);
  if (!S_ISREG(facts.st_mode))
    return Error(ErrorCode::InvalidArgument, path + " is not a regular file");
  opened.size = uint64_t(facts.st_size);
  opened.place = {.device = facts.st_dev,
                  .inode = facts.st_ino,
                  .offset = 0,
                  .head = head_of(opened.file.get())};
  return opened;
}

// Where we were before the restart, else the end.
Result<void> FollowedFile::open_first() {
  const auto kept = load_place();
  if (kept) {
    if (auto old = find_kept(*kept)) {
      const bool at_line_start = ends_a_line(old->file.get(), kept->offset);
      begin(std::move(*old), kept->offset, at_line_start);
      return {};
    }
  }
  Opened opened = TRY(open_file(path_));
  // Another file than the one we knew: all of it was written since.
  const uint64_t offset = kept ? 0 : opened.size;
  const bool at_line_start = ends_a_line(opened.file.get(), offset);
  begin(std::move(opened), offset, at_line_start);
  return keep_place();
}

void FollowedFile::begin(Opened opened, uint64_t offset, bool at_line_start) {
  file_ = std::move(opened.file);
  place_ = opened.place;
  place_.offset = read_to_ = offset;
  carry_.clear();
  skipping_ = !at_line_start;
  ++generation_;
}

// The file of that place under its old name or, renamed, beside it.
std::optional<FollowedFile::Opened> FollowedFile::find_kept(const Place& kept) const {
  const auto try_path = [&](const std::string& path) -> std::optional<Opened> {
    struct stat facts{};
    if (stat(path.c_str(), &facts) != 0 || facts.st_dev != kept.device ||
        facts.st_ino != kept.inode || uint64_t(facts.st_size) < kept.offset)
      return {};
    auto opened = open_file(path);
    if (!opened || opened->place.inode != kept.inode || opened->size < kept.offset) return {};
    if (kept.head != 0 && opened->place.head != kept.head) return {};
    return std::move(*opened);
  };
  if (auto found = try_path(path_)) return found;
  std::error_code failure;
  std::filesystem::directory_iterator siblings(std::filesystem::path(path_).parent_path(), failure);
  for (size_t seen = 0;
       !failure && siblings != std::filesystem::directory_iterator() && seen < kMostSiblings;
       siblings.increment(failure), ++seen)
    if (auto found = try_path(siblings->path().string())) return found;
  return {};
}

// All of the file is read. Whether its name means another one by now, that holds something.
Result<bool> FollowedFile::at_end() {
  struct stat facts{};
  if (stat(path_.c_str(), &facts) != 0 || facts.st_size == 0) return false;
  if (facts.st_dev == place_.device && facts.st_ino == place_.inode) return false;
  // Written between our reading and this look?
  if (size_of(file_.get()) > read_to_) return true;
  Opened opened = TRY(open_file(path_));
  ++counters_.rotations;
  begin(std::move(opened), 0, true);
  TRY(keep_place());
  return true;
}

// Truncated, or written anew up to where we were: from its beginning, then.
void FollowedFile::notice_rewriting() {
  const uint64_t head = head_of(file_.get());
  const bool other = place_.head != 0 && head != place_.head;
  if (!other && size_of(file_.get()) >= read_to_) {
    place_.head = head;
    return;
  }
  ++counters_.rotations;
  place_.head = head;
  place_.offset = read_to_ = 0;
  carry_.clear();
  skipping_ = false;
}

void FollowedFile::hand_out(std::string_view bytes, const Use& use) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const bool whole = end != std::string_view::npos;
    std::string_view piece = bytes.substr(0, end);
    const size_t taken = piece.size() + (whole ? 1 : 0);
    bytes.remove_prefix(taken);
    read_to_ += taken;
    if (!skipping_ && carry_.size() + piece.size() > kLongestLine) {
      skipping_ = true;
      ++counters_.long_lines;
      carry_.clear();
    }
    if (!whole) {
      if (!skipping_) carry_ += piece;
      return;
    }
    if (!skipping_) {
      if (!carry_.empty()) piece = carry_ += piece;
      if (piece.ends_with('\r')) piece.remove_suffix(1);
      ++counters_.lines;
      use(piece);
    }
    carry_.clear();
    skipping_ = false;
    place_.offset = read_to_;
  }
}

std::optional<FollowedFile::Place> FollowedFile::load_place() const {
  const UniqueFd file(::open(position_path_.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, kPlaceBytes> text;
  if (!file.valid() || ::read(file.get(), text.data(), text.size()) != ssize_t(text.size()))
    return {};
  std::array<uint64_t, kPlaceFields> fields;
  for (size_t i = 0; i < kPlaceFields; ++i) {
    const char* begin = text.data() + i * 17;
    const auto [end, failure] = std::from_chars(begin, begin + 16, fields[i], 16);
    if (failure != std::errc{} || end != begin + 16) return {};
  }
  if (fields.back() != checksum({text.data(), kPlaceBytes - 17})) return {};
  return Place{fields[0], fields[1], fields[2], fields[3]};
}

// Written over in place: a process that is killed leaves it whole, and after a power loss the
// checksum tells.
Result<void> FollowedFile::keep_place() {
  if (!position_file_.valid())
    position_file_.reset(
        ::open(position_path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!position_file_.valid()) return system_error("keep the place in " + path_, errno);
  std::string text = fmt::format("{:016x} {:016x} {:016x} {:016x} ", place_.device, place_.inode,
                                 place_.offset, place_.head);
  text += fmt::format("{:016x}\n", checksum(text));
  if (pwrite(position_file_.get(), text.data(), text.size(), 0) != ssize_t(text.size()))
    return system_error("keep the place in " + path_, errno);
  return {};
}

}  // namespace stormdoor::edge
