#pragma once

#include <optional>
#include <string>

#include "base/ip_address.hpp"

namespace stormdoor::edge {

// Who asks for something, for the record of changes: a user of this machine in the shell, an
// administrator in the portal, or an API token.
struct Actor {
  std::string name;
  std::string role = "shell";             // else a role of the portal
  std::optional<IpAddress> address = {};  // where he asks from; none: on this machine's shell
};

}  // namespace stormdoor::edge
