#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "edge/child.hpp"

namespace stormdoor::edge {

// A descriptor that the parent opened for the server, and what it is: "tftp 0 10.0.0.1:69".
struct NamedDescriptor {
  std::string name;
  UniqueFd descriptor;
};

// What the supervisor needs to know; the configuration's words are turned into this by
// descriptors.hpp, so that the supervisor itself reads no configuration.
struct SupervisorPlan {
  std::vector<std::string> child_arguments;  // after the program's own path
  std::string run_as;                        // the account to become; empty: stay who we are
  // The helpers' programs, stormdoor-watch before stormdoor-enforce; none without the privileges or
  // when they are not wanted. Started when the server is ready.
  std::vector<ChildProgram> helpers;
  // Listening sockets and the control socket: opened once, kept over restarts of the child.
  std::vector<NamedDescriptor> sockets;
  // Keys and certificates: opened afresh for every start and every reload. May be refused.
  std::function<Result<std::vector<NamedDescriptor>>()> open_material;
  // Looked at every few seconds; when one is replaced, the server gets all material again.
  std::vector<std::string> material_files;
};

// The privileged parent. Reads no network bytes: it starts the server child and the helpers, hands
// them descriptors, restarts them when they end or hang (child_policy.hpp, helper_group.hpp),
// passes signals on, notices new certificates and speaks to the service manager. SIGHUP: reload;
// SIGTERM, SIGINT: stop. Returns the exit status of the program.
int supervise(SupervisorPlan plan);

}  // namespace stormdoor::edge
