#pragma once

#include <string>

#include "base/error.hpp"

namespace stormdoor::edge {

struct Identity {
  uint32_t uid = 0;
  uint32_t gid = 0;
};

// The account's numbers; an account that does not exist is an error that says how to make it.
Result<Identity> find_account(const std::string& user);

// Becomes that user for good: groups, gid, uid, no new privileges, no way back (which is verified).
// Does nothing when we already are that user.
Result<void> become(const Identity& identity);

// Sets no_new_privs and forbids core dumps and ptrace by others (PR_SET_DUMPABLE): the server holds
// secrets. For every server child, also one started without privileges.
Result<void> harden_process();

// Raises the soft limit of open descriptors to the hard one; returns what it is now.
size_t raise_descriptor_limit();

}  // namespace stormdoor::edge
