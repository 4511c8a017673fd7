#pragma once

#include <chrono>
#include <cstdint>
#include <string>

// Figures as all reports of a storm write them.
namespace stormdoor::storm {

[[nodiscard]] std::string number(uint64_t value);                     // "12,345"
[[nodiscard]] std::string bytes(uint64_t value);                      // "812 kB", "12.3 MB"
[[nodiscard]] std::string duration(std::chrono::microseconds value);  // "8.4 ms", "1.25 s"

}  // namespace stormdoor::storm
