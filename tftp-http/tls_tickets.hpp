#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/clock.hpp"

namespace stormdoor::http {

// The keys that seal session tickets during one period. Derived from the caller's stored secret and
// the number of the period, so that every worker, and the program after a restart, has the same
// ones without storing any. Whoever has the secret can read TLS 1.2 sessions resumed by tickets of
// any period; TLS 1.3 resumption exchanges fresh keys as well.
struct TicketKeys {
  std::array<uint8_t, 16> name;
  std::array<uint8_t, 32> cipher;
  std::array<uint8_t, 32> mac;

  static TicketKeys derive(std::string_view secret, uint64_t period);
};

// Periods of `rotation` since 1970.
[[nodiscard]] uint64_t ticket_period(WallTime now, seconds rotation);

}  // namespace stormdoor::http
