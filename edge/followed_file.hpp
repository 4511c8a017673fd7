#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::edge {

// Reads the lines that are appended to a file, through rotation and our own restarts. Used by one
// thread; reading blocks as files do.
//
// Rotation: a file that was renamed is read to its end until the new one under its name holds
// something (who writes it has let go of the old one then); one that was copied and truncated, or
// written anew, is read from its beginning. What is written between such a copy and the truncation
// is lost, as it is for everybody.
//
// Restarts: after each read() the place behind the last whole line is kept in `position_file`
// (device, inode, offset, and a hash of the file's first bytes, since inodes are used again). It is
// there again, also if the file was renamed within its folder meanwhile; compressed ones are not
// looked into. Without a kept place reading begins at the end. A crash between use() and the end of
// read() gives the lines of that turn twice; only power loss can lose the kept place.
//
// Bounds: a line of more than 8 KiB is skipped and counted. One read() takes at most 64 KiB.
class FollowedFile {
 public:
  static constexpr size_t kLongestLine = size_t{8} * 1024;
  static constexpr size_t kMostPerRead = size_t{64} * 1024;

  FollowedFile(std::string path, std::string position_file);

  using Use = std::function<void(std::string_view line)>;  // without its line end
  // Hands out the next whole lines. True when there may be more at once. The error says why the
  // file cannot be read now; calling again may mend it.
  Result<bool> read(const Use& use);

  // The open file, to watch it; -1 for none. It changes with generation().
  [[nodiscard]] int descriptor() const { return file_.get(); }
  [[nodiscard]] uint64_t generation() const { return generation_; }

  struct Counters {
    uint64_t lines = 0, bytes = 0, long_lines = 0, rotations = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Place {
    uint64_t device = 0;
    uint64_t inode = 0;
    uint64_t offset = 0;
    uint64_t head = 0;  // hash of the first kHeadBytes; 0: the file was shorter
  };
  struct Opened {
    UniqueFd file;
    uint64_t size = 0;
    Place place;  // at its beginning
  };

  static Result<Opened> open_file(const std::string& path);
  Result<void> open_first();
  void begin(Opened opened, uint64_t offset, bool at_line_start);
  [[nodiscard]] std::optional<Opened> find_kept(const Place& kept) const;
  Result<bool> at_end();
  void notice_rewriting();
  void hand_out(std::string_view bytes, const Use& use);
  [[nodiscard]] std::optional<Place> load_place() const;
  Result<void> keep_place();

  std::string path_;
  std::string position_path_;
  UniqueFd position_file_;
  UniqueFd file_;
  uint64_t generation_ = 0;
  Place place_;           // offset: where the line begins that is not whole yet
  uint64_t read_to_ = 0;  // what lies between is in carry_, unless it is skipped
  std::string carry_;
  bool skipping_ = false;  // the line is too long, or its beginning is not ours
  std::vector<char> buffer_ = std::vector<char>(kMostPerRead);
  Counters counters_;
};

}  // namespace stormdoor::edge
