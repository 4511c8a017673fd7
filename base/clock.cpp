#include "base/clock.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stormdoor {

std::string format_time(WallTime time) {
  using namespace std::chrono;
  // RFC 3339 has four digits for the year; WallTime::max() stands for "until removed".
  constexpr WallTime kFirst = sys_days(year(0) / 1 / 1);
  constexpr WallTime kLast = sys_days(year(10000) / 1 / 1) - milliseconds(1);
  time = std::clamp(time, kFirst, kLast);
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(time - day)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::string format_duration(milliseconds duration) {
  using namespace std::chrono;
  if (duration == milliseconds::min()) ++duration;  // has no positive counterpart
  if (duration < 0ms) return "-" + format_duration(-duration);
  if (duration < 1s) return fmt::format("{}ms", duration.count());
  struct Unit {
    long long length;
    const char* name;
  };
  static constexpr Unit kUnits[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
  long long rest = floor<seconds>(duration).count();
  std::string text;
  int used = 0;
  for (const auto& unit : kUnits) {
    const long long count = rest / unit.length;
    rest %= unit.length;
    if (count == 0) {
      if (used > 0) break;  // "1h 5s" would claim more precision than it has
      continue;
    }
    text += fmt::format("{}{}{}", used > 0 ? " " : "", count, unit.name);
    if (++used == 2) break;
  }
  return text;
}

}  // namespace stormdoor
