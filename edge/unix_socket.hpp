#pragma once

#include <sys/types.h>
#include <sys/un.h>

#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/unique_fd.hpp"

// The few calls on AF_UNIX stream sockets that the control socket's two ends share.
namespace stormdoor::edge {

Result<sockaddr_un> unix_address(const std::string& path);

// A listening socket at `path` with that mode. A stale socket file (nobody listens) is replaced; a
// live one is an error: another daemon runs. One that is about to go, as a server whose parent was
// killed a moment ago, is waited for, `patience` long.
Result<UniqueFd> listen_unix(const std::string& path, mode_t mode,
                             milliseconds patience = milliseconds(0));

// recv(2) that also takes one descriptor if one came along. Sets errno like recv.
ssize_t receive_with_descriptor(int socket, std::span<char> into, UniqueFd& descriptor);

// send(2) of what fits, with one descriptor attached when `descriptor` is >= 0.
ssize_t send_with_descriptor(int socket, std::span<const char> bytes, int descriptor);

}  // namespace stormdoor::edge
