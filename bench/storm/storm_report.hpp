#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "bench/storm/attacker.hpp"
#include "bench/storm/boot_run.hpp"

namespace stormdoor::storm {

// What became of the phones of one vendor, model and transport.
struct ReportRow {
  std::string vendor;
  std::string model;
  Transport transport = Transport::Https;
  uint32_t phones = 0;
  uint32_t served = 0;
  uint32_t failed = 0;
  uint64_t asked = 0;
  uint64_t files = 0;
  uint64_t missing = 0;
  uint64_t bytes = 0;
  uint64_t retries = 0;
  uint32_t phones_with_retries = 0;
  uint32_t most_retries = 0;           // of one file
  std::vector<uint32_t> microseconds;  // arrival to configuration, of each served phone

  void add(const BootResult& boot, SteadyTime begun, SteadyTime ended);
  void add(const ReportRow& other);
  // The time within which this share (0.5, 0.99) of the served phones had their configuration.
  [[nodiscard]] std::chrono::microseconds share(double part) const;
};

struct ReportAttack {
  AttackPlan plan;
  AttackResult result;
  bool ended = false;
};

// A storm so far, or at its end. At most kMostReasons different reasons are kept apart.
struct StormReport {
  static constexpr size_t kMostReasons = 32;

  std::vector<ReportRow> rows;  // by vendor, model, transport
  std::map<std::string, uint32_t> reasons;
  std::vector<ReportAttack> attacks;
  milliseconds elapsed{0};
  uint32_t running = 0;  // phones that are booting now

  void add_reason(const std::string& reason);
  [[nodiscard]] ReportRow total() const;
};

struct ReportStyle {
  bool colour = false;
  size_t width = 100;
};

// The table that ends a storm: plain text, columns aligned, at most `width` wide.
[[nodiscard]] std::string report_text(const StormReport& report, const ReportStyle& style);
// The same for programs: one JSON object (RFC 8259).
[[nodiscard]] std::string report_json(const StormReport& report);
// One line while it runs: "1,204 of 2,000 phones, 3 failed, 5.1 MB/s".
[[nodiscard]] std::string progress_line(const StormReport& report, const ReportStyle& style);

}  // namespace stormdoor::storm
