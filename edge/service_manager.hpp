#pragma once

#include <chrono>
#include <optional>
#include <string_view>

// systemd's notification protocol (sd_notify(3), sd_watchdog_enabled(3)): a datagram to the socket
// that NOTIFY_SOCKET names. Without a service manager every call does nothing; one that
// does not read its mail loses it and delays nobody.
namespace stormdoor::edge {

// "READY=1", "STATUS=...", "WATCHDOG=1", "RELOADING=1\nMONOTONIC_USEC=...", "STOPPING=1".
void notify_service_manager(std::string_view state);

// How often the service manager wants WATCHDOG=1 at the latest; nothing if it does not watch us.
[[nodiscard]] std::optional<std::chrono::milliseconds> watchdog_period();

}  // namespace stormdoor::edge
