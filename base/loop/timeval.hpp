#pragma once

#include <sys/time.h>

#include <chrono>

namespace stormdoor::loop {

// What libevent takes for a duration; negative becomes zero.
[[nodiscard]] inline timeval to_timeval(std::chrono::microseconds duration) {
  if (duration < std::chrono::microseconds::zero()) duration = {};
  const auto whole = std::chrono::floor<std::chrono::seconds>(duration);
  timeval value{};
  value.tv_sec = static_cast<time_t>(whole.count());
  value.tv_usec = static_cast<suseconds_t>((duration - whole).count());
  return value;
}

}  // namespace stormdoor::loop
