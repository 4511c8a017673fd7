#pragma once

#include <functional>
#include <memory>

#include "base/error.hpp"
#include "edge/control_protocol.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::edge {

// Whether a registry has what a command is about as an earlier one had it; Conflict if not.
using Unchanged = std::function<Result<void>(const hotdesk::Registry& now)>;

// For commands about one phone (with whom it belongs to), user, location or administrator; of any
// other command nothing is compared. Keeps `seen`.
[[nodiscard]] Unchanged check_unchanged(const ControlRequest& request,
                                        std::shared_ptr<const hotdesk::Registry> seen);

}  // namespace stormdoor::edge
