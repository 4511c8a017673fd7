#include "tftp-http/tls_tickets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto/crypto.hpp"

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

uint64_t ticket_period(WallTime now, seconds rotation) {
  const auto since_epoch = std::chrono::floor<seconds>(now).time_since_epoch();
  return static_cast<uint64_t>(since_epoch / std::max(rotation, seconds(1)));
}

}  // namespace stormdoor::http
