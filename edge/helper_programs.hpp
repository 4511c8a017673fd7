#pragma once

#include <vector>

#include "base/error.hpp"
#include "edge/child.hpp"
#include "edge/config.hpp"

namespace stormdoor::edge {

// Which helpers this configuration wants and this process may start, stormdoor-watch before
// stormdoor-enforce; their programs lie beside ours. Only root may start them: without, the list is
// empty, and `stormdoor status` says what does not hold (promise 13).
Result<std::vector<ChildProgram>> helper_programs(const Config& config);

}  // namespace stormdoor::edge
