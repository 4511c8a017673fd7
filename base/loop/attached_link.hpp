#pragma once

#include "base/ip_address.hpp"

namespace stormdoor::loop {

// Whether all of `prefix` lies in the network of one interface of this machine (its address and
// mask), loopback apart: whoever is there is on that link, unless somebody bridges or proxies.
// False when the interfaces cannot be listed.
[[nodiscard]] bool is_one_attached_link(const IpPrefix& prefix);

}  // namespace stormdoor::loop
