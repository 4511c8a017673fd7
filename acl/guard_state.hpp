#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <iterator>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "acl/blame.hpp"
#include "acl/block_list.hpp"
#include "acl/evidence_book.hpp"
#include "acl/explanation.hpp"
#include "acl/failure_tracker.hpp"
#include "acl/guard.hpp"
#include "acl/healthy_book.hpp"
#include "acl/lease_book.hpp"
#include "acl/probe_meter.hpp"
#include "acl/source_key.hpp"
#include "acl/unproven_meter.hpp"
#include "acl/whereabouts.hpp"
#include "base/guarded.hpp"

namespace stormdoor::acl {

template <typename T>
void append(std::vector<T>& all, std::vector<T> some) {
  all.insert(all.end(), std::move_iterator(some.begin()), std::move_iterator(some.end()));
}

// What is inside the Guard; for the files guard*.cpp only. Each Guarded thing here is locked alone.
struct Guard::State {
  static constexpr size_t kMostShards = 64;
  // Small guards have fewer shards, so that their bounds are exact all the same.
  static constexpr size_t kLeastPerShard = 64;
  static constexpr size_t kMostLeases = 100'000;

  // Series of the tracker: one per service, and the MACs asked for.
  static FailureTracker::Series series_of(Service service) { return uint8_t(service); }
  static constexpr FailureTracker::Series kSweepSeries = kAllServices.size();

  static constexpr FailureTracker::Series kDeviceSeries = kSweepSeries + 1;  // and on

  // What report_failure() knew before it came to the source.
  struct Judged {
    Excuse excuse = Excuse::None;
    std::optional<MacAddress> phone;
    bool leased = false;  // a lease names this identity: it is no unknown one
  };
  // Everything about the sources whose keys hash here.
  struct Shard {
    Shard(std::shared_ptr<const RuleSet> shard_rules, size_t tracked, size_t most_blocks,
          size_t evidence_per_source)
        : rules(std::move(shard_rules)),
          tracker(tracked),
          blocks(most_blocks),
          healthy(std::max<size_t>(16, tracked / 4)),
          evidence(std::max<size_t>(1, tracked / 4), evidence_per_source),
          metered(kMostMetered) {}

    // guard_report.cpp
    Verdict report(const SourceKey& source, const Failure& failure, const Judged& judged, Now now);
    // guard_blame.cpp
    [[nodiscard]] bool is_decoy(const Failure& failure) const;
    [[nodiscard]] bool is_shared(const SourceKey& source, const Blamed& first, Now now) const;
    std::optional<store::BlockRecord> block(const SourceKey& source, const Failure& failure,
                                            const Verdict& verdict, Now now);
    std::optional<store::BlockRecord> refuse_account(const SourceKey& source,
                                                     const Failure& failure, const Judged& judged,
                                                     Now now);
    [[nodiscard]] std::vector<Blamed> blamed_for(const SourceKey& source, const Failure& failure,
                                                 FailureTracker::Series series, const Limit& limit,
                                                 Now now) const;
    std::vector<store::BlockRecord> judge_without(const SourceKey& source,
                                                  const std::vector<std::string>& names, Now now);
    void end_foreign_flow(const SourceKey& source, const Failure& failure, Now now);
    void meter(const SourceKey& source, SteadyTime until, Now now);
    void note(const EnforcementChange& change);
    void note_flow(const SourceKey& source, const Registration& registration, bool well, Now now);
    [[nodiscard]] bool concerns_enforcement(const SourceKey& source, SteadyTime now) const;
    // guard_enforcement.cpp
    void take_changes(EnforcementChanges& all, Now now);
    // guard.cpp
    [[nodiscard]] bool may_prove_itself(const SourceKey& source, Service service,
                                        const BlockList::Block& block, WallTime now) const;
    [[nodiscard]] bool has_news() const {
      return blocks.has_changes() || !changes.empty() || changes_overflowed;
    }

    // So many accounts that were never well at a source are refused there; with the next, it is.
    static constexpr size_t kMostStrangers = 32;
    std::shared_ptr<const RuleSet> rules;
    FailureTracker tracker;
    BlockList blocks;
    HealthyBook healthy;
    EvidenceBook evidence;
    // Whose SIP answers are metered, until when, so that who registers there is told to pass.
    static constexpr size_t kMostMetered = 1024;
    BoundedMap<IpAddress, SteadyTime> metered;
    // Meterings, and flows of refused sources that came or went; kMostChanges of BlockList at most,
    // then only `changes_overflowed`.
    std::vector<EnforcementChange> changes;
    bool changes_overflowed = false;
  };
  // What unproven sources of the neighbourhoods that hash here did.
  struct Suspicion {
    Suspicion(std::shared_ptr<const RuleSet> shard_rules, size_t sources)
        : rules(std::move(shard_rules)), meter(sources), probes(sources) {}
    std::shared_ptr<const RuleSet> rules;
    UnprovenMeter meter;
    ProbeMeter probes;
  };
  struct alignas(64) Cell {
    Cell(const std::shared_ptr<const RuleSet>& rules, const GuardSizes& sizes, size_t shards,
         size_t number)
        : shard(rules, (sizes.tracked_sources + shards - 1) / shards,
                (sizes.blocks + shards - 1) / shards, sizes.evidence_per_source),
          suspicion(rules, (sizes.tracked_sources + shards - 1) / shards),
          bit(uint64_t{1} << number) {}
    Guarded<Shard> shard;
    Guarded<Suspicion> suspicion;
    uint64_t bit;
    // Counted without the lock, by whoever came through here.
    using Count = std::atomic<uint64_t>;
    Count admitted{0}, refused{0}, throttled{0}, failures{0}, repeated_mistakes{0}, unproven{0},
        excused{0}, would_refuse{0}, metered{0}, blocks_made{0}, sweeps{0};
  };
  // What administrators are doing.
  struct Leases {
    explicit Leases(size_t capacity) : book(capacity) {}
    LeaseBook book;
    // Phones that fetched their new configuration with proof: since when all is quiet.
    std::unordered_map<MacAddress, SteadyTime> quiet_since;
    std::vector<store::LeaseRecord> closed;  // until they are taken; there are few
  };

  State(const std::shared_ptr<const RuleSet>& first_rules, const GuardSizes& guard_sizes)
      : sizes(guard_sizes),
        rules(first_rules),
        other_blocks(std::max<size_t>(16, guard_sizes.blocks / 8)),
        leases(kMostLeases),
        whereabouts(std::max<size_t>(64, guard_sizes.tracked_sources)) {
    const size_t count = std::clamp<size_t>(
        std::bit_floor(guard_sizes.tracked_sources / kLeastPerShard), 1, kMostShards);
    for (size_t i = 0; i < count; ++i)
      cells.push_back(std::make_unique<Cell>(first_rules, guard_sizes, count, i));
  }

  [[nodiscard]] int key_length(bool v4) const {
    return v4 ? sizes.source_prefix_v4 : sizes.source_prefix_v6;
  }
  [[nodiscard]] SourceKey key_of(const IpAddress& source) const {
    return SourceKey(IpPrefix(source, key_length(source.is_v4())));
  }
  // Blocks of single sources stand in their shard, all others together.
  [[nodiscard]] bool is_single_source(const IpPrefix& prefix) const {
    return prefix.length() == key_length(prefix.is_v4());
  }
  [[nodiscard]] Cell& cell_of(const SourceKey& source) const {
    return *cells[source.hash & (cells.size() - 1)];  // a power of two
  }
  [[nodiscard]] Cell& suspicion_of(const SourceKey& source) const {
    return cell_of(SourceKey(neighbourhood(source.prefix)));
  }
  // use(Shard&) where `source` is, under its lock; notes that enforcement has changed.
  template <typename Use>
  auto with_shard(Cell& cell, Use&& use) {
    return cell.shard.with([&](Shard& shard) {
      struct Note {
        State& state;
        const Cell& cell;
        Shard& shard;
        ~Note() {
          if (shard.has_news()) state.dirty.fetch_or(cell.bit, std::memory_order_release);
        }
      } note{*this, cell, shard};
      return use(shard);
    });
  }
  template <typename Use>
  auto with_shard(const SourceKey& source, Use&& use) {
    return with_shard(cell_of(source), std::forward<Use>(use));
  }
  // use(BlockList&) where blocks of `prefix` stand, under its lock.
  template <typename Use>
  auto with_blocks_of(const IpPrefix& prefix, Use&& use) {
    if (is_single_source(prefix))
      return with_shard(SourceKey(prefix), [&](Shard& shard) { return use(shard.blocks); });
    return other_blocks.with([&](BlockList& blocks) {
      auto result = use(blocks);
      note_other(blocks);
      return result;
    });
  }
  void note_other(const BlockList& blocks) {
    other_count.store(blocks.size(), std::memory_order_release);
    if (blocks.has_changes()) other_dirty.store(true, std::memory_order_release);
  }

  // guard_blocks.cpp
  template <typename OfList>
  auto all_blocks(OfList&& of_list) const;
  [[nodiscard]] std::vector<BlockList::Block> blocks_in_force(SteadyTime now) const;
  // guard.cpp
  Admission counted(Cell& cell, Admission admission, bool refuses) const;
  // guard_leases.cpp
  [[nodiscard]] Judged judge(const Failure& failure, Now now);
  std::vector<store::BlockRecord> seen(const MacAddress& phone, const IpAddress& address, Now now);
  void begin_quiet(const MacAddress& phone, Now now);
  std::optional<store::LeaseRecord> end_lease(const MacAddress& phone);
  std::vector<store::BlockRecord> judge_anew(const store::LeaseRecord& lease,
                                             const std::vector<IpAddress>& addresses, Now now);
  // guard_report.cpp
  Verdict report(const Failure& failure, Now now);
  void take_back_probe(const SourceKey& source);
  [[nodiscard]] bool count_device(const Failure& failure, Now now);
  void settle_device(const MacAddress& device, Service service, std::string_view identity);
  // guard_why.cpp
  [[nodiscard]] Findings findings_of(const IpAddress& address, Now now) const;
  [[nodiscard]] std::vector<IpAddress> places_of(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> tell(std::string_view name,
                                              const std::vector<store::LeaseRecord>& of_it,
                                              Now now) const;
  [[nodiscard]] std::optional<SteadyTime> throttled_until(const SourceKey& source,
                                                          SteadyTime now) const;

  GuardSizes sizes;
  Guarded<std::shared_ptr<const RuleSet>> rules;
  std::vector<std::unique_ptr<Cell>> cells;
  Guarded<BlockList> other_blocks;
  std::atomic<size_t> other_count{0};  // mostly 0: then nobody has to lock the list
  Guarded<Leases> leases;
  std::atomic<size_t> lease_count{0};  // mostly 0, likewise
  Guarded<Whereabouts> whereabouts;
  std::atomic<bool> shadow{false};
  std::atomic<uint64_t> dirty{0};  // whose shards have changes for enforcement, a bit for each
  std::atomic<bool> other_dirty{false};
};

}  // namespace stormdoor::acl
