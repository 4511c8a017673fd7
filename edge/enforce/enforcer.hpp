#pragma once

#include <optional>
#include <unordered_set>
#include <vector>

#include "edge/enforce/contents.hpp"
#include "edge/enforce/kernel.hpp"
#include "edge/messages_enforce.hpp"

namespace stormdoor::edge::enforce {

// Elements and flows in all sets together; orders that would lead beyond are refused with a
// problem. The server keeps to a bound of its own below it.
inline constexpr size_t kMostEntries = 1'000'000;

// What is read of the kernel's sets at start. Where there is more, all of it stays in force unread,
// and the first sync replaces it as one: that takes as long as there is much, a listing by the
// square of it.
inline constexpr size_t kMostRead = 20'000;

// Keeps the kernel's sets equal to what the server has ordered. Used by one thread.
//
// Orders are taken in, and all that were taken go to the kernel in one transaction with the next
// flush(): at once when nothing else is waiting, together while a transaction was under way. What
// is in force at start is adopted. Whoever else changes our table is noticed within a second
// (check()) and undone, and counted. Until the first settings nothing is enforced anew, but what
// was adopted stays in force.
class Enforcer {
 public:
  // Finds what is in force, or that it is more than `most_read`.
  static Result<Enforcer> start(Kernel kernel, SteadyTime now, size_t most_read = kMostRead);

  // Batches, flows and syncs. Answers come from flush(), except refusals.
  void take(EnforceOrder order, SteadyTime now);
  // New settings, or a queue that came or went: the rules are replaced, the sets keep their
  // contents. `queue_usable`: there is a watcher to ask and the queue is open.
  Result<void> load(const EnforceSettings& settings, bool queue_usable, SteadyTime now);
  // Brings what was taken into the kernel.
  void flush(SteadyTime now);
  // To be called every second: forgets what has ended, and looks whether somebody has interfered.
  void check(SteadyTime now);

  [[nodiscard]] std::vector<EnforceNews> take_news() { return std::exchange(news_, {}); }
  [[nodiscard]] EnforceReport report() const;
  [[nodiscard]] const std::optional<EnforceSettings>& settings() const { return settings_; }
  // What is in force; as long as that is not known, what has been ordered since the start.
  [[nodiscard]] const Contents& contents() const { return contents_; }
  [[nodiscard]] bool contents_known() const { return !unread_; }
  [[nodiscard]] bool queue_in_use() const { return queue_in_use_; }

 private:
  struct Waiting {
    uint64_t sequence = 0;
    SteadyTime since;
  };
  // A sync on its way. What batches change meanwhile is newer than its parts.
  struct Staging {
    uint64_t generation = 0;
    Contents intended;
    std::unordered_set<Entry, EntryHash> overridden;
  };

  explicit Enforcer(Kernel kernel) : kernel_(std::move(kernel)) {}
  void take_one(EnforceBatch& batch, SteadyTime now);
  void take_one(EnforceFlows& flows, SteadyTime now);
  void take_one(EnforceSync& sync, SteadyTime now);
  void change(const Entry& entry, std::optional<SteadyTime> expiry);
  bool refuse_beyond_bound(size_t more, uint64_t sequence);
  void stage(const EnforceSync& sync, SteadyTime now);
  void finish_sync(SteadyTime now);
  Result<void> replace_rules(const Layout& layout, SteadyTime now);
  Result<void> fill_new_sets(const Layout& layout, const std::vector<SetId>& before,
                             SteadyTime now);
  Result<void> apply(const Changes& changes, SteadyTime now);
  Result<void> extend_layout(const Changes& changes, SteadyTime now);
  Result<void> replace_unread(Contents intended, SteadyTime now);
  Result<void> make_equal(const Contents& intended, SteadyTime now);
  Result<void> mend(const Difference& found, const Kernel::Found& kernel, SteadyTime now);
  void count(uint32_t missing, uint32_t foreign);
  void problem(const Error& error, uint64_t sequence = 0);

  Kernel kernel_;
  std::optional<EnforceSettings> settings_;
  std::optional<Layout> layout_;
  bool queue_in_use_ = false;
  Contents contents_;
  bool unread_ = false;
  Changes pending_;
  std::vector<Waiting> waiting_;
  std::optional<Staging> staging_;
  std::vector<EnforceNews> news_;
  EnforceReport report_;  // its counters of differences
  bool repair_needed_ = false;
};

}  // namespace stormdoor::edge::enforce
