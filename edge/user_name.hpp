#pragma once

#include <sys/types.h>

#include <string>

namespace stormdoor::edge {

// What this machine's own list of users calls the user of a local socket's other end; "uid 4711"
// when it does not know him. Directories of users elsewhere are not asked: they may take long, and
// this may run on a loop.
[[nodiscard]] std::string user_name(uid_t uid, const std::string& passwd_file = "/etc/passwd");

}  // namespace stormdoor::edge
