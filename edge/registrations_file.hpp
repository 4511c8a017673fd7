#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "acl/healthy_book.hpp"
#include "base/error.hpp"

// Who was registered when we were last running, so that a restart does not take registered flows
// for strangers' (promises 5 and 9). One line each: address, port, "udp" or "tcp", MAC or "-", end
// in milliseconds since 1970, account in hexadecimal.
namespace stormdoor::edge {

[[nodiscard]] std::string format_registrations(const std::vector<acl::Registration>& all);
// Lines that are not exactly so are left out, and what is past or more than `most` as well.
[[nodiscard]] std::vector<acl::Registration> parse_registrations(std::string_view text,
                                                                 WallTime now, size_t most);

// Replaces the file whole, mode 0600. Not synced: after a power loss phones register anew.
Result<void> write_registrations(const std::string& path, const std::string& text);
// Empty when there is none.
[[nodiscard]] std::string read_registrations(const std::string& path);

}  // namespace stormdoor::edge
