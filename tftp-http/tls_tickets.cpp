#include "tftp-http/tls_tickets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto/crypto.hpp"
#include "base/error.hpp"

namespace stormdoor::http {

TicketKeys TicketKeys::derive(std::string_view secret, uint64_t period) {
  const auto derived = [&](std::string_view purpose) {
    return crypto::hmac_sha256(secret, fmt::format("stormdoor ticket {} {}", purpose, period));
  };
  TicketKeys keys{};
  std::ranges::copy_n(derived("name").begin(), keys.name.size(), keys.name.begin());
  keys.cipher = derived("cipher");
  keys.mac = derived("mac");
  return keys;
}

TicketKeys TicketKeyRing::at(uint64_t period, uint64_t age) const {
  STORMDOOR_CHECK(age < 2, "tickets live for two periods");
  return held_.with([&](Held& held) {
    if (!held.any || held.period != period)
      held = {true,
              period,
              {TicketKeys::derive(secret_.reveal(), period),
               TicketKeys::derive(secret_.reveal(), period - 1)}};
    return held.by_age[age];
  });
}

uint64_t ticket_period(WallTime now, seconds rotation) {
  const auto since_epoch = std::chrono::floor<seconds>(now).time_since_epoch();
  return static_cast<uint64_t>(since_epoch / std::max(rotation, seconds(1)));
}

}  // namespace stormdoor::http
