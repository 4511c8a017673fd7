#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/secret.hpp"

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

// The keys of the period that is asked for and of the one before, derived once a period: deriving
// them for every ticket cost a tenth of a resumed handshake. Any thread.
class TicketKeyRing {
 public:
  explicit TicketKeyRing(const Secret& secret) : secret_(secret) {}
  // Those of `period`, and with age 1 those of the period before it.
  [[nodiscard]] TicketKeys at(uint64_t period, uint64_t age) const;

 private:
  struct Held {
    bool any = false;
    uint64_t period = 0;
    std::array<TicketKeys, 2> by_age{};
  };
  Secret secret_;
  mutable Guarded<Held> held_;
};

// Periods of `rotation` since 1970.
[[nodiscard]] uint64_t ticket_period(WallTime now, seconds rotation);

}  // namespace stormdoor::http
