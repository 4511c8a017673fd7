#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/mac_address.hpp"
#include "hotdesk/conversion.hpp"
#include "hotdesk/directory.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/problems.hpp"
#include "hotdesk/registry.hpp"

// Conversions of many phones, a few at a time: so many may be away (rebooting, with a lease that is
// not closed yet), and the next is converted when one is back. Nothing is done by per-phone delays,
// and all of it is in the store, so that a restart in the middle changes nothing. Use cases like
// those of hotdesk/directory.hpp.
namespace stormdoor::hotdesk {

inline constexpr size_t kMostKeptConversions = 20;  // ended ones; the oldest is forgotten

struct ConversionOrder {
  std::vector<MacAddress> phones;
  std::string location = {};  // empty: where each stands
  uint32_t at_once = 0;       // how many may be away; 0: all
};

struct StartedConversion {
  ConversionReport report;  // what was converted at once; its errors are those of any phone
  uint64_t number = 0;      // 0: there was nothing to convert
  size_t waiting = 0;
};

// All of them or none, as convert() judges them now. A phone that waits in another conversion is
// refused.
StartedConversion start_conversion(Draft& draft, const ConversionOrder& order, WallTime now,
                                   const Tools& tools);

// Takes every unfinished conversion on. `back`: leases that were closed because their phones are
// back. A phone whose lease ran out or was closed by hand is not back; should it come later, it is.
// Those for whom there is room are converted now; one that cannot be any more is refused and its
// note says why. What becomes of a draft in which nothing has moved: nothing.
void advance_conversions(Draft& draft, std::span<const LeaseRecord> back, WallTime now,
                         const Tools& tools);
// Whether advance_conversions() may have something to do without being told who is back.
[[nodiscard]] bool conversions_are_open(const Registry& registry);

Problems pause_conversion(Draft& draft, uint64_t number);
Problems resume_conversion(Draft& draft, uint64_t number);
// The phones that still wait stay what they are.
Problems undo_conversion(Draft& draft, uint64_t number, WallTime now);

struct ConversionCounts {
  size_t phones = 0, waiting = 0, away = 0, back = 0, not_back = 0, undone = 0, refused = 0;
  uint64_t forgiven = 0;  // failures, and
  uint64_t stale = 0;     // of those, tries with a phone's own previous secret
};
[[nodiscard]] ConversionCounts counts_of(const Registry& registry, uint64_t number);
[[nodiscard]] std::string_view to_string(store::ConversionStep step);

}  // namespace stormdoor::hotdesk
