#pragma once

#include <array>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "edge/enforce/set_id.hpp"

namespace stormdoor::edge::enforce {

// When an element ends; the last moment there is: when it is removed.
inline constexpr SteadyTime kForever = SteadyTime::max();

[[nodiscard]] inline SteadyTime expiry_of(uint32_t timeout_seconds, SteadyTime now) {
  return timeout_seconds == 0 ? kForever : now + seconds{timeout_seconds};
}

// What becomes of entries, each once: an expiry to have, or nothing to be gone.
using Changes = std::unordered_map<Entry, std::optional<SteadyTime>, EntryHash>;

struct Difference {
  Changes changes;       // that make the one into the other
  uint32_t missing = 0;  // entries that were not there, or ended at another time
  uint32_t foreign = 0;  // entries that should not have been
};

// What the kernel's sets hold, as far as we know: what was read from there, and what we have put
// there since. Used by one thread. Bounded by whoever adds (Enforcer refuses beyond kMostEntries).
class Contents {
 public:
  void set(const Entry& entry, SteadyTime expiry);
  void erase(const Entry& entry);
  void apply(const Changes& changes);
  // Forgets what the kernel has let go by itself.
  void expire(SteadyTime now);

  [[nodiscard]] bool contains(const Entry& entry) const { return entries_.contains(entry); }
  [[nodiscard]] size_t size() const { return entries_.size(); }
  [[nodiscard]] uint64_t count(SetKind kind) const { return counts_[size_t(kind)]; }
  [[nodiscard]] const std::unordered_map<Entry, SteadyTime, EntryHash>& entries() const {
    return entries_;
  }
  [[nodiscard]] SteadyTime expiry(const Entry& entry) const { return entries_.at(entry); }

 private:
  void remember_expiry(const Entry& entry, SteadyTime expiry);

  std::unordered_map<Entry, SteadyTime, EntryHash> entries_;
  std::array<uint64_t, kSetKinds> counts_{};
  // By second; an entry whose time was changed stays where it was and is looked at in vain.
  std::map<int64_t, std::vector<Entry>> endings_;
  size_t endings_size_ = 0;
};

// What makes `actual` into `intended`. Times that differ by less than kTimeTolerance are the same,
// and what ends within it is neither missed nor removed: the kernel's clock ticks apart from ours.
inline constexpr milliseconds kTimeTolerance{3'000};
[[nodiscard]] Difference difference(const Contents& actual, const Contents& intended,
                                    SteadyTime now);

}  // namespace stormdoor::edge::enforce
