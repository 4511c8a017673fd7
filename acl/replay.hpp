#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "acl/block_story.hpp"
#include "acl/rule_set.hpp"

namespace stormdoor::acl {

// What a journal says and what other rules would have made of it.
struct ReplayReport {
  // Named of either kind, the first ones; the rest is only counted.
  static constexpr size_t kMostNamed = 1'000;

  WallTime from, until;  // of the first and the last event
  uint64_t events = 0;
  uint64_t failures = 0;
  uint64_t lost = 0;       // that the journal says it could not write
  uint64_t actual = 0;     // blocks by limits that the journal tells of
  uint64_t simulated = 0;  // blocks that these rules make
  uint64_t same = 0;       // of both: the same source and service, at times that overlap
  uint64_t appeared_count = 0;
  uint64_t vanished_count = 0;
  std::vector<BlockStory> appeared, vanished;  // by time
};

// Which blocks of which phones would have appeared or vanished under these rules: every failure,
// success and administrator's block goes through a fresh Guard on the journal's own clock, and its
// blocks are held against those that the journal tells of. The same events and rules give the same
// report. Remembers at most kMostBlocks blocks of either kind; what comes after them is counted as
// actual or simulated, and not compared.
//
// What it cannot know: a source that was refused has not shown what else it would have tried, so
// milder rules may look better than they are. What a lease forgave stays forgiven.
inline constexpr size_t kMostReplayedBlocks = 100'000;
[[nodiscard]] ReplayReport replay(const JournalPlayer& play,
                                  const std::shared_ptr<const RuleSet>& rules,
                                  const GuardSizes& sizes);

}  // namespace stormdoor::acl
