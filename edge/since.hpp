#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace stormdoor::edge {

// A time that an administrator writes: "30d" (back from `now`), "2026-03-01" (its beginning, UTC)
// or "2026-03-01T08:15:30Z". InvalidArgument says how to write it.
Result<WallTime> parse_since(std::string_view text, WallTime now);

}  // namespace stormdoor::edge
