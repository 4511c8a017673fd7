#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <span>

namespace stormdoor {
namespace {

// Length of the valid UTF-8 sequence at the start of `text` (RFC 3629), or 0.
size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const unsigned char second = byte(1);
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
      (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
    return 0;
  return length;
}

char ascii_lower_of(char c) {
  return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

struct Unit {
  std::string_view name;
  uint64_t factor;
};

// "<number><unit>" at the start of `text`, in its smallest unit; advances `text`, and drops from
// `units` that unit and those before it.
Result<uint64_t> take_quantity(std::string_view& text, std::span<const Unit>& units) {
  const Error refused(ErrorCode::InvalidArgument, "");
  uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return refused;
  text = trim(text.substr(size_t(end - text.data())));
  const size_t unit_length = std::min(text.find_first_of("0123456789 "), text.size());
  const std::string_view name = text.substr(0, unit_length);
  const auto unit = std::ranges::find(units, name, &Unit::name);
  if (unit == units.end() || number > UINT64_MAX / 2 / unit->factor) return refused;
  text = trim(text.substr(unit_length));
  units = {unit + 1, units.end()};
  return number * unit->factor;
}

}  // namespace

std::string printable(std::string_view foreign, size_t most_bytes) {
  std::string text;
  for (size_t i = 0; i < foreign.size();) {
    if (text.size() >= most_bytes) return text + "...";
    const size_t length = utf8_sequence(foreign.substr(i));
    const auto byte = static_cast<unsigned char>(foreign[i]);
    // C1 controls (U+0080 to U+009F) move terminals as C0 does.
    const bool c1 =
        length == 2 && byte == 0xc2 && static_cast<unsigned char>(foreign[i + 1]) < 0xa0;
    if (length == 0 || byte < 0x20 || byte == 0x7f || byte == '"' || byte == '\\' || c1) {
      for (size_t k = 0; k < std::max<size_t>(length, 1); ++k)
        text += fmt::format("\\x{:02x}", static_cast<unsigned char>(foreign[i + k]));
      i += std::max<size_t>(length, 1);
    } else {
      text += foreign.substr(i, length);
      i += length;
    }
  }
  return text;
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = ascii_lower_of(c);
  return lower;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, ascii_lower_of, ascii_lower_of);
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr Unit kUnits[] = {
      {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
  constexpr uint64_t kMost = uint64_t{86'400'000} * 36500;  // a hundred years
  const Error refused(ErrorCode::InvalidArgument,
                      fmt::format("\"{}\" is not a duration; expected something like \"30s\", "
                                  "\"10m\", \"1h 30m\" or \"7d\"",
                                  printable(text, 40)));
  std::string_view rest = trim(text);
  if (rest.empty()) return refused;
  uint64_t sum = 0;
  std::span<const Unit> units = kUnits;  // largest first, each once
  while (!rest.empty()) {
    const auto part = take_quantity(rest, units);
    if (!part || *part > kMost || sum + *part > kMost) return refused;
    sum += *part;
  }
  return std::chrono::milliseconds(sum);
}

Result<uint64_t> parse_size(std::string_view text) {
  static constexpr Unit kUnits[] = {
      {"B", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}, {"GiB", 1024ULL * 1024 * 1024}};
  std::string_view rest = trim(text);
  std::span<const Unit> units = kUnits;
  const auto size = take_quantity(rest, units);
  if (!size || !rest.empty())
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("\"{}\" is not a size; expected something like \"512 B\", \"64 KiB\" or "
                    "\"40 MiB\"",
                    printable(text, 40)));
  return *size;
}

std::string format_size(uint64_t bytes) {
  static constexpr std::string_view kNames[] = {"B", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  uint64_t factor = 1;
  for (; unit + 1 < std::size(kNames) && bytes / factor >= 1024; ++unit) factor *= 1024;
  // Whole numbers in the form that parse_size() takes, since messages say them as what is right.
  if (bytes % factor == 0) return fmt::format("{} {}", bytes / factor, kNames[unit]);
  return fmt::format("{:.1f} {}", double(bytes) / double(factor), kNames[unit]);
}

std::string closest_match(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = 3;
  for (const auto& candidate : candidates) {
    std::vector<size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= word.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t k = 1; k <= candidate.size(); ++k) {
        const size_t substitute = diagonal + (word[i - 1] == candidate[k - 1] ? 0 : 1);
        diagonal = row[k];
        row[k] = std::min({row[k] + 1, row[k - 1] + 1, substitute});
      }
    }
    if (row.back() < best_distance && row.back() < word.size()) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace stormdoor
