#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "acl/journal_event.hpp"

namespace stormdoor::acl {

// Shows every event to the visitor, from old to new, until it returns false. May be called more
// than once, and begins anew each time.
using JournalVisitor = std::function<bool(const JournalEvent&)>;
using JournalPlayer = std::function<void(const JournalVisitor&)>;

// A block, real or imagined, and who was behind it.
struct BlockStory {
  static constexpr size_t kMostNamed = 8;  // phones, and accounts; others are not named
  store::BlockRecord block;
  std::vector<MacAddress> phones;
  std::vector<std::string> accounts;  // foreign text
  uint64_t failures = 0;   // of its source and service, up to an hour before it or while in force
  uint64_t successes = 0;  // while in force: what it did or would have kept out
};

// Fills in who and how much, of all of them in one walk over the journal, which ends a day behind
// the last of them: clocks jump, but seldom back by more.
void find_witnesses(const JournalPlayer& play, std::initializer_list<std::span<BlockStory>> all);

}  // namespace stormdoor::acl
