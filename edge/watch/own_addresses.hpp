#pragma once

#include <vector>

#include "base/ip_address.hpp"

namespace stormdoor::edge::watch {

// The addresses of this machine's interfaces, without those of loopback, at most kMostOwnAddresses
// of them: what comes in with one of them as its source is forged, and whoever has them is no
// client. Asked once, before the process is locked down: an address that comes later is not known
// until stormdoor-watch is started again.
inline constexpr size_t kMostOwnAddresses = 64;
[[nodiscard]] std::vector<IpAddress> own_addresses();

}  // namespace stormdoor::edge::watch
