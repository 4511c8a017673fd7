#pragma once

#include <string>

#include "edge/messages.hpp"

namespace stormdoor::edge {

// The server child's life: takes the descriptors from its parent, starts everything, serves until
// the parent says stop or goes away. Returns its exit status.
int run_server(const std::string& config_file, MessageChannel channel);

}  // namespace stormdoor::edge
