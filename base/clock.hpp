#pragma once

#include <chrono>
#include <string>

namespace stormdoor {

// Steady time measures windows, deadlines and expiry; wall time is what is shown or stored.
using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Both clocks at one moment. Below the event loop time is always a parameter of this type, never
// read; tests make their own.
struct Now {
  SteadyTime steady;
  WallTime wall;

  // Moves both clocks.
  [[nodiscard]] Now operator+(milliseconds d) const { return {steady + d, wall + d}; }
};

// Reads the machine's clocks. Called by EventLoop, by tools and by main functions only.
[[nodiscard]] inline Now read_clocks() {
  return {std::chrono::steady_clock::now(),
          std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
}

// "2026-03-01T08:15:30Z", to the second; UTC, as in RFC 3339. Times beyond the years 0 to 9999 are
// shown as the first or last moment of those.
[[nodiscard]] std::string format_time(WallTime time);

// "3s", "10m", "1h 5m", "7d": at most two units, for people.
[[nodiscard]] std::string format_duration(milliseconds duration);

}  // namespace stormdoor
