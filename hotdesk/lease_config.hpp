#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "base/config_reader.hpp"

namespace stormdoor::hotdesk {

// [lease]: what a phone is excused when a change invalidates what it knows, and for how long. All
// of it needs a restart.
struct LeaseTerms {
  milliseconds within = std::chrono::minutes(30);        // from the change to the deadline
  uint32_t budget = 60;                                  // failures forgiven until then
  milliseconds keep_old_secrets = std::chrono::days(7);  // to know a stale phone from a guesser
  size_t most = 4096;  // beyond it, none by hand, and those past their deadline are forgotten
  bool operator==(const LeaseTerms&) const = default;
};

[[nodiscard]] LeaseTerms read_lease_config(const ConfigTable& lease);

}  // namespace stormdoor::hotdesk
