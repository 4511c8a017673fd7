#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "acl/block_list.hpp"
#include "acl/evidence_book.hpp"
#include "acl/failure_tracker.hpp"
#include "acl/guard.hpp"
#include "acl/source_key.hpp"
#include "acl/unproven_meter.hpp"
#include "base/guarded.hpp"

namespace stormdoor::acl {

// What is inside the Guard; for the files guard*.cpp only. Each Guarded thing here is locked alone.
struct Guard::State {
  static constexpr size_t kMostShards = 64;
  // Small guards have fewer shards, so that their bounds are exact all the same.
  static constexpr size_t kLeastPerShard = 64;

  // Series of the tracker: one per service, and the MACs asked for.
  static FailureTracker::Series series_of(Service service) { return uint8_t(service); }
  static constexpr FailureTracker::Series kSweepSeries = kAllServices.size();

  // Everything about the sources whose keys hash here.
  struct Shard {
    Shard(std::shared_ptr<const RuleSet> shard_rules, size_t tracked, size_t most_blocks,
          size_t evidence_per_source)
        : rules(std::move(shard_rules)),
          tracker(tracked),
          blocks(most_blocks),
          evidence(std::max<size_t>(1, tracked / 4), evidence_per_source) {}

    Verdict report(const SourceKey& source, const Failure& failure, Now now);
    std::optional<store::BlockRecord> block(const SourceKey& source, const Failure& failure,
                                            const Verdict& verdict, Now now);

    std::shared_ptr<const RuleSet> rules;
    FailureTracker tracker;
    BlockList blocks;
    EvidenceBook evidence;
  };
  // What unproven sources of the neighbourhoods that hash here did.
  struct Suspicion {
    Suspicion(std::shared_ptr<const RuleSet> shard_rules, size_t sources)
        : rules(std::move(shard_rules)), meter(sources) {}
    std::shared_ptr<const RuleSet> rules;
    UnprovenMeter meter;
  };
  struct alignas(64) Cell {
    Cell(const std::shared_ptr<const RuleSet>& rules, const GuardSizes& sizes, size_t shards)
        : shard(rules, (sizes.tracked_sources + shards - 1) / shards,
                (sizes.blocks + shards - 1) / shards, sizes.evidence_per_source),
          suspicion(rules, (sizes.tracked_sources + shards - 1) / shards) {}
    Guarded<Shard> shard;
    Guarded<Suspicion> suspicion;
    // Counted without the lock, by whoever came through here.
    using Count = std::atomic<uint64_t>;
    Count admitted{0}, refused{0}, throttled{0}, failures{0}, repeated_mistakes{0}, unproven{0},
        blocks_made{0}, sweeps{0};
  };

  State(const std::shared_ptr<const RuleSet>& first_rules, const GuardSizes& guard_sizes)
      : sizes(guard_sizes),
        rules(first_rules),
        other_blocks(std::max<size_t>(16, guard_sizes.blocks / 8)) {
    const size_t count = std::clamp<size_t>(
        std::bit_floor(guard_sizes.tracked_sources / kLeastPerShard), 1, kMostShards);
    for (size_t i = 0; i < count; ++i)
      cells.push_back(std::make_unique<Cell>(first_rules, guard_sizes, count));
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
    return *cells[source.hash % cells.size()];
  }
  [[nodiscard]] Cell& suspicion_of(const SourceKey& source) const {
    return cell_of(SourceKey(neighbourhood(source.prefix)));
  }
  // use(BlockList&) where blocks of `prefix` stand, under its lock.
  template <typename Use>
  auto with_blocks_of(const IpPrefix& prefix, Use&& use) {
    if (is_single_source(prefix))
      return cell_of(SourceKey(prefix)).shard.with([&](Shard& shard) { return use(shard.blocks); });
    return other_blocks.with([&](BlockList& blocks) {
      auto result = use(blocks);
      other_count.store(blocks.size(), std::memory_order_release);
      return result;
    });
  }

  [[nodiscard]] std::optional<SteadyTime> throttled_until(const SourceKey& source,
                                                          SteadyTime now) const;

  GuardSizes sizes;
  Guarded<std::shared_ptr<const RuleSet>> rules;
  std::vector<std::unique_ptr<Cell>> cells;
  Guarded<BlockList> other_blocks;
  std::atomic<size_t> other_count{0};  // mostly 0: then nobody has to lock the list
};

}  // namespace stormdoor::acl
