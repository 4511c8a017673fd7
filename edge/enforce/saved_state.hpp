#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "edge/enforce/contents.hpp"
#include "edge/messages_enforce.hpp"

// What was in force, on disk, so that it is again before the network is at the machine's next boot,
// long before the daemon. Not nftables' text: what is read back can only be our own table, whoever
// wrote the file. The block list itself is the store's; this may be half a minute older.
namespace stormdoor::edge::enforce {

inline constexpr size_t kMostStateBytes = 64 << 20;

struct SavedState {
  EnforceSettings settings;
  std::vector<EnforceElement> elements;
  std::vector<EnforceFlow> flows;
};

[[nodiscard]] std::string encode_state(const EnforceSettings& settings, const Contents& contents,
                                       Now now);
// Times are what is left at `now`; what has ended is left out. A clock that is behind the time of
// writing (a machine without one of its own) makes nothing end. Corrupt when it is torn.
Result<SavedState> decode_state(std::string_view bytes, WallTime now);
// When the state was written; the oldest moment when it is no whole state.
[[nodiscard]] WallTime written_at(std::string_view bytes);

// Two files, PATH.a and PATH.b, written in turn: one is always whole. Opened with the rights of
// whoever starts us, and kept open, so that no folder need be writable later.
class StateFiles {
 public:
  static Result<StateFiles> open(const std::string& path);
  // Does not wait for the disk: a state torn by a power cut is recognised, and the other is taken.
  Result<void> write(std::string_view state);
  // The newest whole state.
  static Result<SavedState> read(const std::string& path, WallTime now);

 private:
  StateFiles(UniqueFd a, UniqueFd b, bool next) : files_{std::move(a), std::move(b)}, next_(next) {}
  std::array<UniqueFd, 2> files_;
  bool next_;  // which is to be overwritten
};

}  // namespace stormdoor::edge::enforce
