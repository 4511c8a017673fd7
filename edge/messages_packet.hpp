#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::edge {

// One end of a SOCK_SEQPACKET pair that carries packets (messages_codec.hpp) between the server and
// a helper, or between the helpers. Used by one thread. Non-blocking when its descriptor is. Holds
// room for one packet once it has received.
class PacketChannel {
 public:
  explicit PacketChannel(UniqueFd socket) : socket_(std::move(socket)) {}
  // A connected, non-blocking, close-on-exec pair with room for `queue_bytes` on its way.
  static Result<std::pair<UniqueFd, UniqueFd>> create_pair(int queue_bytes = 1 << 20);

  enum class Sent : uint8_t { Yes, Full, Closed };
  // At most kMostPacketBytes.
  Sent send(std::string_view packet);
  // The next packet; nothing when there is none yet or the peer has closed (then `closed()`).
  // Corrupt when it is too long or carried a descriptor.
  Result<std::optional<std::string>> receive();
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  UniqueFd socket_;
  std::vector<char> room_;
  bool closed_ = false;
};

}  // namespace stormdoor::edge
