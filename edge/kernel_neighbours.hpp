#pragma once

#include <cstdint>
#include <optional>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::edge {

// This machine's own neighbour table (rtnetlink): whom the kernel itself would send to. The second
// witness of who is behind an address (promise 7). Used by one thread; a question takes a few
// microseconds and waits for nobody but the kernel.
class KernelNeighbours {
 public:
  static Result<KernelNeighbours> open();

  // Nothing when the kernel knows nobody there, or has not yet heard from him.
  [[nodiscard]] std::optional<MacAddress> find(const IpAddress& address, uint32_t interface);

 private:
  explicit KernelNeighbours(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
  uint32_t sequence_ = 0;
};

}  // namespace stormdoor::edge
