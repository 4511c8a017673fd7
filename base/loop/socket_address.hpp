#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/ip_address.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::loop {

// An Endpoint as the kernel wants it: AF_INET for IPv4, AF_INET6 for IPv6.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  SocketAddress() : length(sizeof storage) {}
  explicit SocketAddress(const Endpoint& endpoint);

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// An unknown family becomes the unspecified endpoint.
[[nodiscard]] Endpoint to_endpoint(const sockaddr_storage& storage);
[[nodiscard]] IpAddress to_address(const in_addr& address);
[[nodiscard]] IpAddress to_address(const in6_addr& address);

// Where an open socket is bound.
[[nodiscard]] Result<Endpoint> local_endpoint(int fd);
// A socket of this type, close-on-exec, nonblocking, IPv6 only for IPv6, SO_REUSEADDR for TCP and
// if asked SO_REUSEPORT, bound; "bind 0.0.0.0:69: Permission denied" when refused.
[[nodiscard]] Result<UniqueFd> bind_socket(int type, const Endpoint& local, bool reuse_port);
// Asks for a receive queue of at least `bytes`: beyond net.core.rmem_max where we may
// (CAP_NET_ADMIN: so the privileged parent calls this), else as much as the kernel gives. Never
// makes a queue smaller than it is.
void enlarge_receive_queue(int fd, int bytes);
// Checks that `fd`, opened by somebody else, is a socket of this type; makes it nonblocking.
[[nodiscard]] Result<void> prepare_adopted(int fd, int type);

}  // namespace stormdoor::loop
