#include "edge/unix_socket.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace stormdoor::edge {

Result<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the socket path \"{}\" must have 1 to {} characters", path,
                             sizeof address.sun_path - 1));
  path.copy(address.sun_path, path.size());
  return address;
}

namespace {

constexpr int kBetweenProbes = 50;  // milliseconds

// 0: somebody listens; else errno of connect().
int probe(const sockaddr_un& address) {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  return connect(socket.get(), generic, sizeof address) == 0 ? 0 : errno;
}

}  // namespace

Result<UniqueFd> listen_unix(const std::string& path, mode_t mode, milliseconds patience) {
  const sockaddr_un address = TRY(unix_address(path));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const std::string what = fmt::format("listen at {}", path);
  const SteadyTime give_up = read_clocks().steady + patience;
  int nobody = 0;
  while ((nobody = probe(address)) == 0) {
    if (read_clocks().steady >= give_up)
      return Error(ErrorCode::AlreadyExists, what + ": another stormdoord already runs there");
    poll(nullptr, 0, kBetweenProbes);
  }
  if (nobody == ECONNREFUSED) (void)unlink(path.c_str());
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener.valid()) return system_error(what, errno);
  // The mode of the file is what decides who may connect: it must never be wider, not for a moment.
  const mode_t old_mask = umask(0777);
  const int bound = bind(listener.get(), generic, sizeof address);
  const int bind_error = errno;
  umask(old_mask);
  if (bound != 0) return system_error(what, bind_error);
  if (chmod(path.c_str(), mode) != 0 || listen(listener.get(), 16) != 0)
    return system_error(what, errno);
  return listener;
}

ssize_t receive_with_descriptor(int socket, std::span<char> into, UniqueFd& descriptor) {
  iovec part{into.data(), into.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  const cmsghdr* attached = got < 0 ? nullptr : CMSG_FIRSTHDR(&message);
  if (attached != nullptr && attached->cmsg_level == SOL_SOCKET &&
      attached->cmsg_type == SCM_RIGHTS) {
    int fd;
    std::memcpy(&fd, CMSG_DATA(attached), sizeof fd);
    descriptor.reset(fd);
  }
  return got;
}

ssize_t send_with_descriptor(int socket, std::span<const char> bytes, int descriptor) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* attached = CMSG_FIRSTHDR(&message);
    attached->cmsg_level = SOL_SOCKET;
    attached->cmsg_type = SCM_RIGHTS;
    attached->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(attached), &descriptor, sizeof descriptor);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL);
}

}  // namespace stormdoor::edge
