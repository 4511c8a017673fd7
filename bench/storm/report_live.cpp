#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "bench/storm/report_words.hpp"
#include "bench/storm/storm_report.hpp"

namespace stormdoor::storm {
namespace {

constexpr size_t kMostLines = 16;  // a screen has no more room
constexpr size_t kCells = 30;

std::string repeated(std::string_view sign, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += sign;
  return out;
}

// Served, failed, and how many are still booting of those that have asked.
std::string bar(const ReportRow& row, bool colour) {
  const auto cells = [&](uint64_t count) {
    return row.phones == 0 ? size_t{0} : static_cast<size_t>(count * kCells / row.phones);
  };
  const size_t served = cells(row.served);
  const size_t failed = std::min(kCells - served, cells(row.failed) + (row.failed != 0 ? 1 : 0));
  const std::string left = repeated("·", kCells - served - failed);
  if (!colour) return repeated("#", served) + repeated("x", failed) + left;
  return "\x1b[34m" + repeated("█", served) + "\x1b[31m" + repeated("█", failed) + "\x1b[0m" + left;
}

}  // namespace

std::string live_text(const StormReport& report, const ReportStyle& style) {
  std::string out = progress_line(report, style) + "\n";
  size_t shown = 0;
  for (const ReportRow& row : report.rows) {
    if (shown++ == kMostLines) {
      out += fmt::format("  and {} more\n", report.rows.size() - kMostLines);
      break;
    }
    const std::string name = printable(row.vendor + " " + row.model, 20);
    out += fmt::format("  {:<22} {} {:>7} of {}{}\n", name, bar(row, style.colour),
                       number(row.served), number(row.phones),
                       row.served == 0 ? "" : ", 99 % within " + duration(row.share(0.99)));
  }
  return out;
}

}  // namespace stormdoor::storm
