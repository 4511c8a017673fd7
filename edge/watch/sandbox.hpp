#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

// What keeps a parser that was taken over from doing harm. Used by the main function, in this
// order, after everything is open and before the first foreign byte is looked at.
namespace stormdoor::edge::watch {

struct Account {
  uint32_t uid = 0;
  uint32_t gid = 0;
};
Result<Account> find_account(const std::string& user);

// Becomes that account for good when we are root (else we stay who we are): no groups, no
// capabilities, none to be had by running another program, no core dumps.
Result<void> drop_privileges(const Account& account);

// From now on the kernel ends the process (SIGSYS) at any system call but those that this program
// needs to turn its loop: reading what it holds, memory without code in it, writing to `outputs`
// (log and standard output), sending over `channels`, another filter for its captures. A capture
// handle can thus not be used to send frames.
Result<void> lock_down(const std::vector<int>& outputs, const std::vector<int>& channels);

}  // namespace stormdoor::edge::watch
