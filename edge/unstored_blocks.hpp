#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "acl/guard.hpp"
#include "base/store/records.hpp"

namespace stormdoor::edge {

// Of which blocks the store may not have what the guard has, because a change of them failed (the
// disk was full): they are stored later. As they are then, so that no order of changes and failures
// brings one back. Main thread.
//
// Holds at most `most`, of which note() says so when there are more: as many as the guard has.
class UnstoredBlocks {
 public:
  explicit UnstoredBlocks(size_t most) : most_(most) {}

  // Of this change nothing was stored. False when there was no room for all of it.
  bool note(const store::Change& change);
  // What makes the store equal to the guard, for at most `most` of them; note() what fails again.
  [[nodiscard]] store::Change take(const acl::Guard& guard, size_t most);

 private:
  struct Key {
    IpPrefix source;
    uint8_t service = 0;
    std::string account;
    auto operator<=>(const Key&) const = default;
  };
  size_t most_;
  std::set<Key> keys_;
};

}  // namespace stormdoor::edge
