#pragma once

#include <sys/types.h>

#include <chrono>

#include "base/error.hpp"

namespace stormdoor::storm {

// The processor time, user and system, of a process, of those below it, and of their children that
// have died and were reaped, read from /proc; to the hundredth of a second. NotFound when there is
// no such process.
[[nodiscard]] Result<std::chrono::microseconds> cpu_time_below(pid_t process);

}  // namespace stormdoor::storm
