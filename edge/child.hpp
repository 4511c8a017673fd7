#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "edge/privileges.hpp"

namespace stormdoor::edge {

// A program that the parent starts again and again: opened once, so that an upgrade of the files on
// disk cannot mix versions, and so that whoever it becomes need not be able to reach it.
struct ChildProgram {
  std::string name;  // for logs
  UniqueFd file;
  std::vector<std::string> arguments;  // argv, the program's name first
  std::optional<Identity> identity;    // whom to become before it runs; none: stay who we are
};

// Our own program, or the one of that name in the same folder.
Result<UniqueFd> open_own_program();
Result<UniqueFd> open_sibling_program(const std::string& name);

// Starts it with these descriptors as 3, 4, ... and nothing else of ours but the standard three.
// It dies with us as long as it does not change its user. SIGINT and SIGTERM, which a terminal or a
// service manager may send to all of us, mean us: it ignores them.
Result<pid_t> start(const ChildProgram& program, const std::vector<int>& descriptors);

// Whether the child has ended by then, not yet waited for. A signal that is caught ends the wait.
[[nodiscard]] bool ends_within(pid_t pid, milliseconds most);

// "signal 9", "status 1".
[[nodiscard]] std::string how_it_ended(int status);

}  // namespace stormdoor::edge
