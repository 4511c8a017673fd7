#include "bench/storm/report_words.hpp"

#include <fmt/format.h>

#include "bench/storm/storm_report.hpp"

namespace stormdoor::storm {

std::string number(uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string bytes(uint64_t value) {
  if (value < 10'000) return fmt::format("{} B", value);
  const double kilo = static_cast<double>(value) / 1000;
  if (kilo < 10'000) return fmt::format("{:.0f} kB", kilo);
  return fmt::format("{:.1f} MB", kilo / 1000);
}

std::string duration(std::chrono::microseconds value) {
  const double ms = static_cast<double>(value.count()) / 1000;
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.2f} s", ms / 1000);
}

std::string harvest(const ReportAttack& attack) {
  if (attack.result.harvested != 0) return number(attack.result.harvested) + " FILES";
  if (!attack.plan.trophies.empty() || attack.result.found == 0) return "nothing";
  return number(attack.result.found) + " files, unread";
}

std::string verdict_on(const ReportAttack& attack) {
  if (!attack.ended && !attack.result.blocked) return "still trying";
  return attack.result.blocked ? "stopped: " + attack.result.how : "NOT STOPPED";
}

uint32_t tries_answered(const ReportAttack& attack) {
  return attack.result.blocked ? attack.result.answers_until_blocked : attack.result.asked;
}

}  // namespace stormdoor::storm
