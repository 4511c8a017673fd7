#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "bench/storm/report_words.hpp"
#include "bench/storm/storm_report.hpp"

namespace stormdoor::storm {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string painted(std::string_view text, std::string_view colour, const ReportStyle& style) {
  if (!style.colour) return std::string(text);
  return fmt::format("{}{}{}", colour, text, kPlain);
}

std::string cut(std::string_view text, size_t width) {
  if (text.size() <= width) return std::string(text);
  return std::string(text.substr(0, width - 3)) + "...";
}

struct Column {
  std::string_view title;
  bool right;
};

// Cells in columns as wide as their widest cell, two spaces between them; no line ends in a space.
class Grid {
 public:
  explicit Grid(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  void rule() { rows_.emplace_back(); }

  [[nodiscard]] std::string text(const ReportStyle& style) const {
    std::vector<size_t> widths;
    for (size_t i = 0; i < columns_.size(); ++i) {
      size_t width = columns_[i].title.size();
      for (const auto& row : rows_)
        if (!row.empty()) width = std::max(width, row[i].size());
      widths.push_back(width);
    }
    std::vector<std::string> titles;
    size_t whole = 2 * (columns_.size() - 1);
    for (size_t i = 0; i < columns_.size(); ++i) {
      titles.emplace_back(columns_[i].title);
      whole += widths[i];
    }
    std::string out = painted(line(titles, widths), kBold, style) + "\n";
    for (const auto& row : rows_)
      out += row.empty() ? std::string(std::min(whole, style.width), '-') + "\n"
                         : line(row, widths) + "\n";
    return out;
  }

 private:
  [[nodiscard]] std::string line(const std::vector<std::string>& cells,
                                 const std::vector<size_t>& widths) const {
    std::string out;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i != 0) out += "  ";
      out += columns_[i].right ? fmt::format("{:>{}}", cells[i], widths[i])
                               : fmt::format("{:<{}}", cells[i], widths[i]);
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
  }

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

std::vector<std::string> cells_of(const ReportRow& row, std::string name) {
  const bool any = row.served != 0;
  return {std::move(name),
          row.vendor.empty() ? "" : std::string(to_string(row.transport)),
          number(row.phones),
          number(row.served),
          number(row.failed),
          number(row.files),
          bytes(row.bytes),
          number(row.retries),
          any ? duration(row.share(0.5)) : "-",
          any ? duration(row.share(0.99)) : "-"};
}

std::string phones_table(const StormReport& report, const ReportStyle& style) {
  Grid grid({{"model", false},
             {"over", false},
             {"phones", true},
             {"served", true},
             {"failed", true},
             {"files", true},
             {"bytes", true},
             {"retries", true},
             {"median", true},
             {"99 %", true}});
  for (const ReportRow& row : report.rows)
    grid.add(cells_of(row, cut(printable(row.vendor + " " + row.model, 60), 22)));
  grid.rule();
  grid.add(cells_of(report.total(), "all"));
  return grid.text(style);
}

std::string attack_groups_text(const StormReport& report, const ReportStyle& style) {
  Grid grid({{"attackers", true},
             {"what", false},
             {"tries answered", true},
             {"harvest of each", true},
             {"verdict", false}});
  for (const AttackGroup& group : report.attack_groups())
    grid.add({number(group.attackers), std::string(to_string(group.kind)),
              group.least_answered == group.most_answered
                  ? number(group.most_answered)
                  : fmt::format("{} to {}", group.least_answered, group.most_answered),
              group.harvest, cut(printable(group.verdict, 80), 37)});
  return "\n" + grid.text(style);
}

std::string attacks_text(const StormReport& report, const ReportStyle& style) {
  if (report.attacks.empty()) return {};
  if (report.attacks.size() > StormReport::kMostNamedAttackers)
    return attack_groups_text(report, style);
  Grid grid({{"attacker", false},
             {"what", false},
             {"tries answered", true},
             {"harvest", true},
             {"verdict", false}});
  for (const ReportAttack& attack : report.attacks) {
    grid.add({attack.plan.source.to_string(), std::string(to_string(attack.plan.kind)),
              number(tries_answered(attack)), harvest(attack),
              cut(printable(verdict_on(attack), 80), 37)});
  }
  return "\n" + grid.text(style);
}

std::string reasons_text(const StormReport& report, const ReportStyle& style) {
  if (report.reasons.empty()) return {};
  std::string out = "\n" + painted("why phones failed", kBold, style) + "\n";
  for (const auto& [reason, count] : report.reasons)
    out += fmt::format("{:>7}  {}\n", number(count),
                       cut(printable(reason), style.width > 20 ? style.width - 10 : 10));
  return out;
}

}  // namespace

std::string report_text(const StormReport& report, const ReportStyle& style) {
  const ReportRow all = report.total();
  std::string out = phones_table(report, style);
  out += fmt::format("\n{} of {} phones served in {}; {} missing files, as at every boot\n",
                     number(all.served), number(all.phones), duration(report.elapsed),
                     number(all.missing));
  if (all.phones_with_retries != 0)
    out += fmt::format("{} phones asked again, the most patient {} times for one file\n",
                       number(all.phones_with_retries), all.most_retries);
  if (const auto each = report.cpu_per_phone())
    out += fmt::format("{} of the server's processors, {} for each phone served\n",
                       duration(*report.server_cpu), duration(*each));
  return out + reasons_text(report, style) + attacks_text(report, style);
}

std::string progress_line(const StormReport& report, const ReportStyle& style) {
  const ReportRow all = report.total();
  const auto ms = std::max<int64_t>(report.elapsed.count(), 1);
  std::string out =
      fmt::format("{:>6.1f} s  {} booting, {} served, {} failed, {} files, {}",
                  static_cast<double>(ms) / 1000, number(report.running), number(all.served),
                  number(all.failed), number(all.files), bytes(all.bytes));
  for (const ReportAttack& attack : report.attacks)
    out += fmt::format(" | {} {}", attack.plan.source.to_string(),
                       attack.result.blocked ? "stopped" : number(attack.result.asked) + " tries");
  return cut(out, style.width);
}

}  // namespace stormdoor::storm
