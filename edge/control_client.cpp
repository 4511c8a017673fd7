#include "edge/control_client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "edge/unix_socket.hpp"

namespace stormdoor::edge {

Result<ControlClient> ControlClient::connect(const std::string& socket_path) {
  const sockaddr_un address = TRY(unix_address(socket_path));
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return system_error("make a socket", errno);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED)
      return Error(ErrorCode::Unavailable,
                   fmt::format("stormdoord does not run (nobody listens at {}); start it, or name "
                               "its socket with --socket",
                               socket_path));
    return system_error(fmt::format("talk to stormdoord at {}", socket_path), errno);
  }
  return ControlClient(std::move(socket));
}

Result<void> ControlClient::send(const ControlRequest& request) {
  const std::string bytes = frame(request.encode());
  if (bytes.size() > kMostRequestBytes)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the request is larger than {} MiB; split the file",
                             kMostRequestBytes / 1024 / 1024));
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("send to stormdoord", errno);
    sent += size_t(n);
  }
  return {};
}

Result<ControlResponse> ControlClient::receive(UniqueFd* attached) {
  std::array<char, 65536> buffer;
  for (;;) {
    if (auto whole = TRY(reader_.next())) return ControlResponse::decode(*whole);
    UniqueFd descriptor;
    const ssize_t n = receive_with_descriptor(socket_.get(), buffer, descriptor);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("hear from stormdoord", errno);
    if (n == 0)
      return Error(ErrorCode::Unavailable, "stormdoord closed the connection before it answered");
    if (descriptor.valid() && attached != nullptr) *attached = std::move(descriptor);
    reader_.feed({buffer.data(), size_t(n)});
  }
}

Result<ControlResponse> ControlClient::call(const ControlRequest& request, UniqueFd* attached) {
  TRY(send(request));
  return receive(attached);
}

Result<void> ControlClient::follow(const ControlRequest& request,
                                   const std::function<bool(const ControlResponse&)>& use) {
  TRY(send(request));
  for (;;) {
    const ControlResponse response = TRY(receive(nullptr));
    if (!use(response) || !response.more) return {};
  }
}

}  // namespace stormdoor::edge
