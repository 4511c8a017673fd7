#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "acl/healthy_book.hpp"
#include "base/clock.hpp"

// Who was registered when we were last running, so that a restart does not take registered flows
// for strangers' (promises 5 and 9). One line each: address, port, "udp" or "tcp", MAC or "-", end
// in milliseconds since 1970, account in hexadecimal. Kept by kept_file.hpp: after a power loss
// phones register anew.
namespace stormdoor::edge {

[[nodiscard]] std::string format_registrations(const std::vector<acl::Registration>& all);
// Lines that are not exactly so are left out, and what is past or more than `most` as well.
[[nodiscard]] std::vector<acl::Registration> parse_registrations(std::string_view text,
                                                                 WallTime now, size_t most);

}  // namespace stormdoor::edge
