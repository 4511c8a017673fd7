#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "base/keyed_hash.hpp"
#include "base/loop/udp_socket.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::tftp {

// The sockets of one server: the well-known ones first, then the pools of transfer ports, bound to
// the wildcard address and to ports that the kernel draws, IPv4 and IPv6 as the well-known ones
// need. Sockets are known by their place.
class TftpPorts {
 public:
  // With `ports` 0 there are no pools (single-port mode).
  static Result<TftpPorts> open(std::vector<UniqueFd> listeners, size_t ports,
                                uint64_t request_queue_bytes);

  [[nodiscard]] size_t size() const { return sockets_.size(); }
  [[nodiscard]] loop::UdpSocket& socket(uint32_t place) { return sockets_[place]; }
  [[nodiscard]] bool is_listener(uint32_t place) const { return place < listeners_; }
  // The place of the socket that a new transfer uses which was asked for at `listener`: another,
  // unpredictable one each time.
  uint32_t draw(uint32_t listener);

 private:
  TftpPorts() = default;
  Result<void> open_pool(const Endpoint& wildcard, size_t ports);

  std::vector<loop::UdpSocket> sockets_;
  size_t listeners_ = 0;
  size_t ports_ = 0;
  size_t first_v4_ = 0;
  size_t first_v6_ = 0;
  HashKey key_ = HashKey::random();
  uint64_t draws_ = 0;
};

}  // namespace stormdoor::tftp
