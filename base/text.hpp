#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace stormdoor {

// What a stranger sent, fit for a log line or a terminal: control characters, quotes' escapes and
// bytes that are not UTF-8 become \xNN; cut after `most_bytes` with "...".
[[nodiscard]] std::string printable(std::string_view foreign, size_t most_bytes = 120);

// Lower-cases ASCII letters only.
[[nodiscard]] std::string ascii_lower(std::string_view text);
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] bool is_valid_utf8(std::string_view text);

// "250ms", "30s", "10m", "1h", "7d"; parts may be added up, largest first: "1h 30m". At most a
// hundred years.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// "512 B", "64 KiB", "40 MiB", "2 GiB".
Result<uint64_t> parse_size(std::string_view text);
[[nodiscard]] std::string format_size(uint64_t bytes);

// The candidate within two edits of `word`, or nothing: "did you mean ...?".
[[nodiscard]] std::string closest_match(std::string_view word,
                                        const std::vector<std::string>& candidates);

}  // namespace stormdoor
