// The helpers as the server sees them: what they report goes to the guard, what the guard decides
// goes to them.

#include <fmt/format.h>

#include "base/log.hpp"
#include "edge/server.hpp"

namespace stormdoor::edge {

void Server::connect_helper(const std::string& name, UniqueFd channel) {
  if (name == "enforce" && enforcement_) return enforcement_->connect(std::move(channel));
  log_error("parent-misbehaved", {{"why", "it started a helper that we know nothing of"}});
}

}  // namespace stormdoor::edge
