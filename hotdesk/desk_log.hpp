#pragma once

#include "base/clock.hpp"
#include "base/store/records.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::hotdesk {

// Adds to a change a row of the desk log for every phone at which by it another person sits, or
// whose emergency calls carry something else (promise 9): the one place that writes the log, so
// that no use case can forget it. The store thread calls this around every planner. A change of a
// location adds a row for each phone there.
void append_desk_log(store::Change& change, const Registry& before, WallTime now);

}  // namespace stormdoor::hotdesk
