#pragma once

#include <string>

#include "base/error.hpp"

namespace stormdoor::edge::enforce {

// Becomes `user` for good (nobody's change when empty), keeping CAP_NET_ADMIN and no other
// capability, and sets no_new_privs.
Result<void> keep_only_net_admin(const std::string& user);

// From here on only the system calls that libnftables, the packet queue and our loop make; any
// other ends the process. Sockets only of netlink, files only for reading (libnftables looks names
// up). Does nothing in builds with sanitizers, whose run-time makes others.
Result<void> enter_sandbox();

}  // namespace stormdoor::edge::enforce
