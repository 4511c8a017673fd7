#pragma once

#include <cstdint>
#include <map>
#include <optional>
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
  uint32_t patience = 0;               // the tries of one packet or file that a phone has
  std::vector<uint32_t> by_tries;      // served phones by the most tries they needed: [0]: one try
  std::vector<uint32_t> microseconds;  // arrival to configuration, of each served phone

  void add(const BootResult& boot, SteadyTime begun, SteadyTime configured);
  void add(const ReportRow& other);
  // The time within which this share (0.5, 0.99) of the served phones had their configuration.
  [[nodiscard]] std::chrono::microseconds share(double part) const;
};

struct ReportAttack {
  AttackPlan plan;
  AttackResult result;
  bool ended = false;
};

// Attackers that did the same and met the same.
struct AttackGroup {
  AttackKind kind = AttackKind::SweepHttps;
  std::string verdict;  // "stopped: connection closed"
  std::string harvest;  // what each of them got
  uint32_t attackers = 0;
  uint32_t least_answered = 0, most_answered = 0;  // tries, of one of them
};

// How many phones had arrived, been served and given up by then.
struct TimelinePoint {
  milliseconds at{0};
  uint32_t arrived = 0, served = 0, failed = 0;
};

// A storm so far, or at its end. At most kMostReasons different reasons are kept apart.
struct StormReport {
  static constexpr size_t kMostReasons = 32;
  static constexpr size_t kMostNamedAttackers = 8;  // more are told in groups

  std::vector<ReportRow> rows;  // by vendor, model, transport
  std::map<std::string, uint32_t> reasons;
  std::vector<ReportAttack> attacks;
  milliseconds elapsed{0};
  uint32_t running = 0;  // phones that are booting now
  // What the server has used of its processors, if somebody has measured it.
  std::optional<std::chrono::microseconds> server_cpu;
  // When each phone arrived, was served, gave up: milliseconds since the beginning, in that order.
  std::vector<uint32_t> arrived_ms, served_ms, failed_ms;

  void add_reason(const std::string& reason);
  [[nodiscard]] ReportRow total() const;
  // By kind, then by what became of them.
  [[nodiscard]] std::vector<AttackGroup> attack_groups() const;
  // What serving one phone has cost the server; nothing without server_cpu or phones.
  [[nodiscard]] std::optional<std::chrono::microseconds> cpu_per_phone() const;
  // Until the last phone was served or gave up; attackers may take longer.
  [[nodiscard]] milliseconds booted_after() const;
  // From 0 to booted_after(), `steps` + 1 points evenly apart.
  [[nodiscard]] std::vector<TimelinePoint> timeline(size_t steps) const;
};

struct ReportStyle {
  bool colour = false;
  size_t width = 100;
};

// The table that ends a storm: plain text, columns aligned, at most `width` wide.
[[nodiscard]] std::string report_text(const StormReport& report, const ReportStyle& style);
// The same for programs: one JSON object (RFC 8259).
[[nodiscard]] std::string report_json(const StormReport& report);
// What a page says beside the figures.
struct ReportAbout {
  std::string title;    // "Boot storm"
  std::string target;   // "tftp://10.0.0.1:69"
  std::string when;     // RFC 3339
  std::string command;  // how to repeat it
  std::string program;  // "stormdoor 0.1.0"
};
// One self-contained page for people (HTML with SVG, no scripts, nothing loaded), light and dark.
[[nodiscard]] std::string report_html(const StormReport& report, const ReportAbout& about);
// What is shown while it runs: a line in all, and one per row with a bar; without colour no
// escapes.
[[nodiscard]] std::string live_text(const StormReport& report, const ReportStyle& style);
// One line while it runs: "1,204 of 2,000 phones, 3 failed, 5.1 MB/s".
[[nodiscard]] std::string progress_line(const StormReport& report, const ReportStyle& style);

}  // namespace stormdoor::storm
