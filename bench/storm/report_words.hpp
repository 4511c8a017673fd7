#pragma once

#include <chrono>
#include <cstdint>
#include <string>

// Figures as all reports of a storm write them.
namespace stormdoor::storm {

[[nodiscard]] std::string number(uint64_t value);                     // "12,345"
[[nodiscard]] std::string bytes(uint64_t value);                      // "812 kB", "12.3 MB"
[[nodiscard]] std::string duration(std::chrono::microseconds value);  // "8.4 ms", "1.25 s"

struct ReportAttack;
// What an attacker got: "nothing", "3 FILES" with what it hoped for, or, where nobody has told what
// that would be, "3 files, unread".
[[nodiscard]] std::string harvest(const ReportAttack& attack);
// "stopped: connection reset", "NOT STOPPED", "still trying".
[[nodiscard]] std::string verdict_on(const ReportAttack& attack);
// How many of its tries were answered before it was stopped, or at all.
[[nodiscard]] uint32_t tries_answered(const ReportAttack& attack);

}  // namespace stormdoor::storm
