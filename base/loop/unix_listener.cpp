#include "base/loop/unix_listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/loop/acceptor.hpp"
#include "base/loop/socket_address.hpp"

namespace stormdoor::loop {
namespace {

Result<sockaddr_un> to_unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error(ErrorCode::InvalidArgument, path + ": a socket's path has 1 to 107 characters");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

Result<void> remove_left_behind(const std::string& path, const sockaddr_un& address) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return system_error(path, errno);
  }
  if (!S_ISSOCK(info.st_mode))
    return Error(ErrorCode::AlreadyExists, path + " exists and is not a socket");
  const UniqueFd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe.valid()) return system_error("socket", errno);
  if (connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN)
    return Error(ErrorCode::AlreadyExists, path + ": another process listens there");
  if (unlink(path.c_str()) != 0) return system_error("remove " + path, errno);
  return {};
}

UnixListener::Peer peer_of(int fd) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  // Without an answer nobody: the highest numbers, which no user has.
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
    return {static_cast<uid_t>(-1), static_cast<gid_t>(-1), 0};
  return {credentials.uid, credentials.gid, credentials.pid};
}

}  // namespace

struct UnixListener::State {
  std::string path;  // to be removed; empty when adopted
  Acceptor acceptor;
};

UnixListener::UnixListener(std::unique_ptr<State> state) : state_(std::move(state)) {}
UnixListener::~UnixListener() {
  if (!state_->path.empty()) unlink(state_->path.c_str());
}

Result<std::unique_ptr<UnixListener>> UnixListener::bind(EventLoop& loop, const std::string& path,
                                                         mode_t mode, OnAccept on_accept) {
  const sockaddr_un address = TRY(to_unix_address(path));
  TRY(remove_left_behind(path, address));
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return system_error("socket", errno);
  // The mode before listen(): nobody connects in between.
  if (::bind(fd.get(), generic(address), sizeof address) != 0)
    return system_error("bind " + path, errno);
  if (chmod(path.c_str(), mode) != 0) return system_error("chmod " + path, errno);
  auto listener = TRY(adopt(loop, std::move(fd), std::move(on_accept)));
  listener->state_->path = path;
  return listener;
}

Result<std::unique_ptr<UnixListener>> UnixListener::adopt(EventLoop& loop, UniqueFd fd,
                                                          OnAccept on_accept) {
  TRY(prepare_adopted(fd.get(), SOCK_STREAM));
  if (listen(fd.get(), SOMAXCONN) != 0) return system_error("listen on a local socket", errno);
  auto hand_over = [on_accept = std::move(on_accept)](UniqueFd connection,
                                                      const sockaddr_storage&) {
    const Peer peer = peer_of(connection.get());
    on_accept(std::move(connection), peer);
  };
  auto state =
      std::unique_ptr<State>(new State{{}, Acceptor(loop, std::move(fd), std::move(hand_over))});
  return std::unique_ptr<UnixListener>(new UnixListener(std::move(state)));
}

}  // namespace stormdoor::loop
