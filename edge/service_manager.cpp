#include "edge/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/unique_fd.hpp"

namespace stormdoor::edge {

void notify_service_manager(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  sockaddr_un address{};
  const size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return;
  // Best effort by design: a manager that went away is no reason to stop serving phones.
  (void)sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address),
               socklen_t(offsetof(sockaddr_un, sun_path) + length));
}

std::optional<std::chrono::milliseconds> watchdog_period() {
  const char* period = std::getenv("WATCHDOG_USEC");
  const char* pid = std::getenv("WATCHDOG_PID");
  if (period == nullptr) return {};
  long long microseconds = 0;
  const std::string_view text = period;
  if (std::from_chars(text.data(), text.data() + text.size(), microseconds).ec != std::errc{} ||
      microseconds <= 0)
    return {};
  if (pid != nullptr && std::atoll(pid) != getpid()) return {};
  return std::chrono::milliseconds(microseconds / 1000);
}

}  // namespace stormdoor::edge
