#include "edge/since.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/text.hpp"

namespace stormdoor::edge {
namespace {

std::optional<unsigned> number_at(std::string_view text, size_t at, size_t digits) {
  if (text.size() < at + digits) return {};
  unsigned value = 0;
  const char* const begin = text.data() + at;
  const auto [end, failure] = std::from_chars(begin, begin + digits, value);
  if (failure != std::errc() || end != begin + digits) return {};
  return value;
}

// "2026-03-01" or "2026-03-01T08:15:30Z", UTC.
std::optional<WallTime> parse_date(std::string_view text) {
  const auto year = number_at(text, 0, 4);
  const auto month = number_at(text, 5, 2);
  const auto day = number_at(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return {};
  const auto date =
      std::chrono::year(int(*year)) / std::chrono::month(*month) / std::chrono::day(*day);
  if (!date.ok()) return {};
  const WallTime midnight{std::chrono::sys_days(date)};
  if (text.size() == 10) return midnight;
  const auto hour = number_at(text, 11, 2);
  const auto minute = number_at(text, 14, 2);
  const auto second = number_at(text, 17, 2);
  if (text.size() != 20 || !hour || !minute || !second || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text[19] != 'Z' || *hour > 23 || *minute > 59 || *second > 59)
    return {};
  return midnight + std::chrono::hours(*hour) + std::chrono::minutes(*minute) + seconds(*second);
}

}  // namespace

Result<WallTime> parse_since(std::string_view text, WallTime now) {
  if (const auto date = parse_date(text)) return *date;
  const auto back = parse_duration(text);
  if (!back)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is no time; write 30d, 2026-03-01 or 2026-03-01T08:15:30Z",
                             printable(text, 40)));
  return now - *back;
}

}  // namespace stormdoor::edge
