#include "tftp-http/tftp_ports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace stormdoor::tftp {

namespace {

IpAddress any_of_its_kind(const IpAddress& address) {
  return address.is_v4() ? IpAddress::v4(0) : IpAddress();
}

}  // namespace

// The pool is where the listeners are: at their one address, or at any.
Result<TftpPorts> TftpPorts::open(std::vector<UniqueFd> listeners, size_t ports,
                                  uint64_t request_queue_bytes) {
  TftpPorts opened;
  std::optional<IpAddress> v4;
  std::optional<IpAddress> v6;
  const auto queue = static_cast<int>(
      std::min<uint64_t>(request_queue_bytes, std::numeric_limits<int>::max() / 2));
  for (UniqueFd& fd : listeners) {
    auto socket = TRY_WHILE("TFTP listener",
                            loop::UdpSocket::adopt(std::move(fd), {.receive_queue_bytes = queue}));
    const IpAddress& address = socket.local().address;
    auto& all = address.is_v4() ? v4 : v6;
    const bool same = (!all || *all == address) && socket.local().scope_id == 0;
    all = same ? address : any_of_its_kind(address);
    opened.sockets_.push_back(std::move(socket));
  }
  opened.listeners_ = opened.sockets_.size();
  opened.ports_ = ports;
  opened.first_v4_ = opened.sockets_.size();
  if (v4) TRY(opened.open_pool({*v4, 0}, ports));
  opened.first_v6_ = opened.sockets_.size();
  if (v6) TRY(opened.open_pool({*v6, 0}, ports));
  return opened;
}

Result<void> TftpPorts::open_pool(const Endpoint& wildcard, size_t ports) {
  for (size_t i = 0; i < ports; ++i) {
    auto socket = loop::UdpSocket::bind(wildcard, {});
    if (!socket)
      return Error(socket.error().code(),
                   fmt::format("opened {} of {} TFTP transfer ports: {}; allow more open files or "
                               "lower tftp.transfer_ports",
                               i, ports, socket.error().message()));
    sockets_.push_back(std::move(*socket));
  }
  return {};
}

uint32_t TftpPorts::draw(uint32_t listener) {
  if (ports_ == 0) return listener;
  const uint64_t number = draws_++;
  const uint64_t drawn = keyed_hash(key_, std::as_bytes(std::span(&number, 1))) % ports_;
  const size_t first = sockets_[listener].local().address.is_v4() ? first_v4_ : first_v6_;
  return static_cast<uint32_t>(first + drawn);
}

}  // namespace stormdoor::tftp
