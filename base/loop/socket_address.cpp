#include "base/loop/socket_address.hpp"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace stormdoor::loop {

SocketAddress::SocketAddress(const Endpoint& endpoint) {
  if (endpoint.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    v4.sin_addr.s_addr = htonl(endpoint.address.v4_value());
    std::memcpy(&storage, &v4, sizeof v4);
    length = sizeof v4;
    return;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  v6.sin6_scope_id = endpoint.scope_id;
  std::memcpy(&v6.sin6_addr, endpoint.address.bytes().data(), 16);
  std::memcpy(&storage, &v6, sizeof v6);
  length = sizeof v6;
}

IpAddress to_address(const in_addr& address) {
  return IpAddress::v4(ntohl(address.s_addr));
}

IpAddress to_address(const in6_addr& address) {
  std::array<uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &address, bytes.size());
  return IpAddress::v6(bytes);
}

Endpoint to_endpoint(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &storage, sizeof v4);
    return {to_address(v4.sin_addr), ntohs(v4.sin_port), 0};
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &storage, sizeof v6);
    return {to_address(v6.sin6_addr), ntohs(v6.sin6_port), v6.sin6_scope_id};
  }
  return {};
}

Result<Endpoint> local_endpoint(int fd) {
  SocketAddress address;
  if (getsockname(fd, address.get(), &address.length) != 0)
    return system_error("getsockname", errno);
  return to_endpoint(address.storage);
}

Result<UniqueFd> bind_socket(int type, const Endpoint& local, bool reuse_port) {
  const auto failed = [&](int error_number) {
    return system_error("bind " + local.to_string(), error_number);
  };
  const bool v4 = local.address.is_v4();
  UniqueFd fd(socket(v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return failed(errno);
  const int on = 1;
  const auto set = [&](int level, int option) {
    return setsockopt(fd.get(), level, option, &on, sizeof on) == 0;
  };
  if (!v4 && !set(IPPROTO_IPV6, IPV6_V6ONLY)) return failed(errno);
  // UDP: SO_REUSEADDR would let any process of ours take datagrams away; TCP: only TIME_WAIT.
  if (type == SOCK_STREAM && !set(SOL_SOCKET, SO_REUSEADDR)) return failed(errno);
  if (reuse_port && !set(SOL_SOCKET, SO_REUSEPORT)) return failed(errno);
  const SocketAddress address(local);
  if (bind(fd.get(), address.get(), address.length) != 0) return failed(errno);
  return fd;
}

void enlarge_receive_queue(int fd, int bytes) {
  int actual = 0;
  socklen_t length = sizeof actual;
  getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &actual, &length);
  // The kernel doubles what it is asked for, to count its own overhead in, and says so.
  if (bytes <= actual / 2) return;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

Result<void> prepare_adopted(int fd, int type) {
  int actual = 0;
  socklen_t length = sizeof actual;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &actual, &length) != 0)
    return system_error("adopt a socket", errno);
  if (actual != type)
    return Error(ErrorCode::InvalidArgument, "adopt a socket: it is of another type");
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
    return system_error("adopt a socket", errno);
  return {};
}

}  // namespace stormdoor::loop
