#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acl/failure_tracker.hpp"

namespace stormdoor::acl {

// One identity's part in the failures that led to a block.
struct Blamed {
  FailureTracker::Share share;
  std::string name;  // account or MAC; empty: nobody remembers it, or nobody was named
};

// What fits, below the address (promise 5).
struct Blame {
  // The whole source; else `identity` of it.
  bool whole = true;
  Blamed identity;
  uint32_t unknown_identities = 0;
};
// For a source that healthy phones share; where nobody else is, the source is the smallest thing.
// It falls as a whole only to `distinct` identities that are not known there (or when no name is
// remembered); else the identity that failed most of those whose names are.
[[nodiscard]] Blame blame_for(const std::vector<Blamed>& blamed, uint32_t distinct);

// What a block remembers of this (BlockRecord::evidence), so that it can be judged anew without an
// identity, even after a restart: a line for each, count, "known" or "unknown", and its name in
// quotes with everything but printable ASCII, quotes and backslashes as \xHH; or the tag, which
// means nothing after a restart, as #TAG. The first line is the format's version.
//
// At most kMostEvidenceBytes: where names are long, those with the fewest failures lose theirs, and
// so cannot be forgiven after a restart; no count is left out.
inline constexpr size_t kMostEvidenceBytes = 4096;
struct BlockEvidence {
  enum class Rule : uint8_t {
    Limit,
    Sweep,
    Decoy,  // one request was enough: whatever else is forgiven, it stands
  };
  Rule rule = Rule::Limit;
  std::vector<Blamed> blamed;
};
[[nodiscard]] std::string format_evidence(const BlockEvidence& evidence);
// Strict: nothing when it is not exactly what format_evidence() writes. Names give their tags.
[[nodiscard]] std::optional<BlockEvidence> parse_evidence(std::string_view text);

}  // namespace stormdoor::acl
