#pragma once

#include <cstdint>
#include <vector>

#include "acl/block_story.hpp"

namespace stormdoor::acl {

// What the blocks that a journal tells of kept out, or would have kept out when nothing was refused
// (enforce = "shadow"): the report of a recommended first week. A success while a block was in
// force is a person or phone that would have been turned away: those rules are too strict, or that
// source needs a network of its own.
struct ShadowReport {
  static constexpr size_t kMostNamed = 1'000;  // the first blocks; the rest is only counted

  WallTime from, until;
  uint64_t events = 0;
  uint64_t blocks_count = 0;
  uint64_t failures = 0;  // of the named blocks, together
  uint64_t successes = 0;
  std::vector<BlockStory> blocks;  // by limits; those that would have hurt most first
  std::vector<MacAddress> phones;  // behind the blocks, sorted
};

[[nodiscard]] ShadowReport shadow_report(const JournalPlayer& play);

}  // namespace stormdoor::acl
