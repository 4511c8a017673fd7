#include "edge/messages_packet.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "edge/messages_codec.hpp"

namespace stormdoor::edge {

Result<std::pair<UniqueFd, UniqueFd>> PacketChannel::create_pair(int queue_bytes) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
    return system_error("make a socket pair", errno);
  std::pair<UniqueFd, UniqueFd> ends{UniqueFd(fds[0]), UniqueFd(fds[1])};
  for (const int fd : fds)  // the privileged may exceed the system's limit
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &queue_bytes, sizeof queue_bytes) != 0)
      (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &queue_bytes, sizeof queue_bytes);
  return ends;
}

PacketChannel::Sent PacketChannel::send(std::string_view packet) {
  STORMDOOR_CHECK(packet.size() <= kMostPacketBytes, "packets are short");
  ssize_t sent;
  do sent = ::send(socket_.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0) return Sent::Yes;
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return Sent::Full;
  closed_ = true;
  return Sent::Closed;
}

Result<std::optional<std::string>> PacketChannel::receive() {
  room_.resize(kMostPacketBytes);
  iovec part{room_.data(), room_.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  ssize_t got;
  do got = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::optional<std::string>{};
  if (got <= 0) {
    closed_ = true;
    return std::optional<std::string>{};
  }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return Error(ErrorCode::Corrupt, "a packet between our processes is malformed");
  return std::optional(std::string(room_.data(), size_t(got)));
}

}  // namespace stormdoor::edge
