#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/storm/report_charts.hpp"
#include "bench/storm/report_words.hpp"
#include "bench/storm/storm_report.hpp"

namespace stormdoor::storm {
namespace {

constexpr size_t kTimelineSteps = 240;
constexpr size_t kMostRows = 60;  // bars of a chart; a table has all rows

// One colour scheme each for light and dark, and one page width; the page is printed as it is.
constexpr std::string_view kStyle = R"(
:root { --paper: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #5a6675; --line: #dfe4ea;
  --blue: #1f6fb5; --pale: #a9cdea; --grey: #8b96a3; --green: #2e8560; --yellow: #d9a514;
  --orange: #df7a1c; --deep: #b5540d; --red: #c5372c; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #12161c; --card: #1b212a; --ink: #e6eaf0; --soft: #9aa7b6; --line: #303a46;
    --blue: #62aef0; --pale: #2c557a; --grey: #7f8b99; --green: #4fb98b; --yellow: #e3bb45;
    --orange: #f09a4a; --deep: #d9782f; --red: #f0685d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 880px; margin: 0 auto; padding: 32px 20px 56px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 17px; margin: 0 0 4px; }
p { margin: 4px 0 12px; color: var(--soft); }
.verdict { font-size: 17px; color: var(--ink); margin: 16px 0 20px; }
.verdict b.good { color: var(--green); } .verdict b.bad { color: var(--red); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin-bottom: 20px; }
.tile, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile { padding: 12px 16px; }
.tile b { display: block; font-size: 22px; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 13px; }
section { padding: 18px 20px; margin-bottom: 20px; overflow-x: auto; }
svg { display: block; width: 100%; min-width: 560px; height: auto; font-size: 12.5px; }
svg text { fill: var(--ink); } svg .tick { fill: var(--soft); font-size: 11.5px; }
svg .right { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .grid { stroke: var(--line); }
svg polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg polyline.arrived { stroke: var(--grey); stroke-dasharray: 5 4; }
svg polyline.served { stroke: var(--blue); } svg polyline.failed { stroke: var(--red); }
svg text.arrived { fill: var(--soft); } svg text.served { fill: var(--blue); }
svg text.failed { fill: var(--red); } svg .name { font-weight: 600; }
svg .inner { fill: var(--blue); } svg .outer { fill: var(--pale); }
.t1 { fill: var(--green); background: var(--green); }
.t2 { fill: var(--yellow); background: var(--yellow); }
.t3 { fill: var(--orange); background: var(--orange); }
.t4 { fill: var(--deep); background: var(--deep); }
.t5 { fill: var(--red); background: var(--red); }
.inner { background: var(--blue); } .outer { background: var(--pale); }
.key { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 4px 0 10px; padding: 0;
  list-style: none; font-size: 13px; color: var(--soft); }
.key i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px;
  vertical-align: -1px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px;
  font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 5px 8px; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child, .words th, .words td { text-align: left; }
tr:last-child td { border-bottom: 0; } tr.sum td { font-weight: 600; }
code { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: 13px; }
@media print { body { background: none; } section, .tile { break-inside: avoid; } }
)";

std::string name_of(const ReportRow& row) {
  return row.vendor + " " + row.model;
}

std::string percent(double part, double whole) {
  if (whole <= 0) return "-";
  const double value = part / whole * 100;
  // 99.996 is not "100 %": somebody was left behind.
  if (value > 99.9 && value < 100) return "over 99.9 %";
  return fmt::format("{:.{}f} %", value, value == 100 || value == 0 ? 0 : 1);
}

std::string verdict(const StormReport& report, const ReportRow& all) {
  std::string out = "<p class=\"verdict\">";
  if (all.served == all.phones)
    out += fmt::format(
        "<b class=\"good\">Nobody was left behind.</b> All {} phones have their "
        "configuration",
        number(all.phones));
  else
    out += fmt::format(
        "<b class=\"bad\">{} of {} phones were left behind.</b> The others have "
        "their configuration",
        number(all.phones - all.served), number(all.phones));
  if (all.served != 0)
    out += fmt::format(", half of them within {}, 99 of 100 within {} of asking",
                       duration(all.share(0.5)), duration(all.share(0.99)));
  out += ".";
  const auto loose = std::ranges::count_if(report.attacks, [](const ReportAttack& attack) {
    return !attack.result.blocked || attack.result.harvested != 0;
  });
  const bool got_nothing = std::ranges::all_of(
      report.attacks, [](const ReportAttack& attack) { return harvest(attack) == "nothing"; });
  if (!report.attacks.empty())
    out += loose == 0 ? fmt::format(" All {} attackers were stopped{}.", report.attacks.size(),
                                    got_nothing ? " and got nothing" : "")
                      : fmt::format(
                            " <b class=\"bad\">{} of {} attackers were not stopped, or got "
                            "something.</b>",
                            loose, report.attacks.size());
  return out + "</p>\n";
}

std::string tile(std::string_view figure, std::string_view words) {
  return fmt::format("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n", html(figure),
                     html(words));
}

std::string tiles(const StormReport& report, const ReportRow& all) {
  const auto rate = static_cast<double>(all.served) * 1000 /
                    static_cast<double>(std::max<int64_t>(report.booted_after().count(), 1));
  std::string out = "<div class=\"tiles\">\n";
  out += tile(number(all.served), fmt::format("of {} phones served", number(all.phones)));
  out += tile(duration(report.booted_after()), "from the first request to the last answer");
  out += tile(fmt::format("{:.0f}", rate), "phones a second");
  out += tile(number(all.files), fmt::format("files, {}", bytes(all.bytes)));
  out += tile(number(all.retries), all.retries == 0 ? "retries"
                                                    : fmt::format("retries, by {} phones",
                                                                  number(all.phones_with_retries)));
  if (const auto each = report.cpu_per_phone())
    out += tile(duration(*each), "of the server's processors for each phone");
  return out + "</div>\n";
}

std::string section(std::string_view title, std::string_view words, std::string_view content) {
  return fmt::format("<section>\n<h2>{}</h2>\n<p>{}</p>\n{}</section>\n", html(title), html(words),
                     content);
}

std::string key(const std::vector<std::pair<std::string_view, std::string_view>>& entries) {
  std::string out = "<ul class=\"key\">";
  for (const auto& [css_class, words] : entries)
    out += fmt::format("<li><i class=\"{}\"></i>{}</li>", css_class, html(words));
  return out + "</ul>\n";
}

std::string over_time(const StormReport& report) {
  std::vector<ChartLine> lines = {{"asked", "arrived", {}}, {"served", "served", {}}};
  if (!report.failed_ms.empty()) lines.push_back({"failed", "failed", {}});
  for (const TimelinePoint& point : report.timeline(kTimelineSteps)) {
    lines[0].values.push_back(point.arrived);
    lines[1].values.push_back(point.served);
    if (lines.size() > 2) lines[2].values.push_back(point.failed);
  }
  return section(
      "Phones served over time",
      "How many phones had begun to ask by then, and how many had their configuration. The "
      "closer the lines, the less anybody waited.",
      line_chart(lines, static_cast<double>(report.booted_after().count()) / 1000,
                 "Phones that asked, were served and failed, over time"));
}

std::string time_to_configuration(const StormReport& report) {
  std::vector<RangeBar> bars;
  for (const ReportRow& row : report.rows) {
    if (row.served == 0 || bars.size() == kMostRows) continue;
    const auto half = row.share(0.5), most = row.share(0.99);
    bars.push_back({name_of(row), static_cast<double>(half.count()) / 1000,
                    static_cast<double>(most.count()) / 1000,
                    duration(half) + " / " + duration(most)});
  }
  if (bars.empty()) return {};
  return section("Time to configuration",
                 "From a phone's first request until it had its whole configuration, by model. "
                 "Firmware comes after "
                 "that.",
                 key({{"inner", "half of the phones"}, {"outer", "99 of 100"}}) +
                     range_chart(bars, "Time to configuration by model"));
}

// Of a row's phones: the first try, the second, the third, more, given up.
PartsBar tries_of(const ReportRow& row) {
  PartsBar bar{.name = name_of(row), .parts = std::vector<double>(5), .label = {}};
  for (size_t i = 0; i < row.by_tries.size(); ++i)
    bar.parts[std::min<size_t>(i, 3)] += row.by_tries[i];
  bar.parts[4] = row.failed;
  const auto used = row.by_tries.size();
  bar.label = row.served == 0 ? "none served"
                              : fmt::format("{} of {} {}", used, row.patience,
                                            row.patience == 1 ? "try" : "tries");
  return bar;
}

std::string retries_against_patience(const StormReport& report) {
  std::vector<PartsBar> bars;
  for (const ReportRow& row : report.rows)
    if (row.phones != 0 && bars.size() < kMostRows) bars.push_back(tries_of(row));
  if (bars.empty()) return {};
  return section(
      "Retries against patience",
      "How often a phone had to send its most stubborn packet (TFTP) or request (HTTP), as a share "
      "of "
      "the phones; behind it, the most that any needed of what the model has. At the end of its "
      "tries a phone gives up.",
      key({{"t1", "first try"},
           {"t2", "second"},
           {"t3", "third"},
           {"t4", "more"},
           {"t5", "not served"}}) +
          parts_chart(bars, {"t1", "t2", "t3", "t4", "t5"}, "Tries that phones needed, by model"));
}

std::string table_row(const ReportRow& row, std::string_view name, std::string_view css_class) {
  const bool any = row.served != 0;
  return fmt::format(
      "<tr{}><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</"
      "td>"
      "<td>{}</td></tr>\n",
      css_class, html(name), row.vendor.empty() ? "" : to_string(row.transport), number(row.phones),
      number(row.served), number(row.failed), bytes(row.bytes), number(row.retries),
      any ? duration(row.share(0.5)) : "-", any ? duration(row.share(0.99)) : "-");
}

std::string figures(const StormReport& report, const ReportRow& all) {
  std::string out =
      "<div class=\"wide\"><table><tr><th>Model</th><th>Over</th><th>Phones</th><th>Served</th>"
      "<th>Failed</th><th>Bytes</th><th>Retries</th><th>Half within</th><th>99 % "
      "within</th></tr>\n";
  for (const ReportRow& row : report.rows) out += table_row(row, name_of(row), "");
  out += table_row(all, "All", " class=\"sum\"");
  out += "</table></div>\n";
  return section("The figures",
                 fmt::format("{} of the phones needed no second try.",
                             percent(all.by_tries.empty() ? 0 : all.by_tries[0], all.phones)),
                 out);
}

std::string failures(const StormReport& report) {
  if (report.reasons.empty()) return {};
  std::string out = "<table class=\"words\"><tr><th>Why</th><th>Phones</th></tr>\n";
  for (const auto& [reason, count] : report.reasons)
    out += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", html(reason), number(count));
  return section("Why phones failed", "In the phones' words.", out + "</table>\n");
}

std::string attack_groups(const StormReport& report) {
  std::string out =
      "<div class=\"wide\"><table class=\"words\"><tr><th>Attackers</th><th>What each does</th>"
      "<th>Tries answered</th><th>Harvest of each</th><th>Verdict</th></tr>\n";
  for (const AttackGroup& group : report.attack_groups())
    out += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        number(group.attackers), html(to_string(group.kind)),
        group.least_answered == group.most_answered
            ? number(group.most_answered)
            : fmt::format("{} to {}", number(group.least_answered), number(group.most_answered)),
        html(group.harvest), html(group.verdict));
  return out + "</table></div>\n";
}

std::string each_attacker(const StormReport& report) {
  std::string out =
      "<div class=\"wide\"><table class=\"words\"><tr><th>From</th><th>What</th><th>Tries "
      "answered</th><th>Harvest</th><th>Verdict</th></tr>\n";
  for (const ReportAttack& attack : report.attacks) {
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                       html(attack.plan.source.to_string()), html(to_string(attack.plan.kind)),
                       number(tries_answered(attack)), html(harvest(attack)),
                       html(verdict_on(attack)));
  }
  return out + "</table></div>\n";
}

std::string attackers(const StormReport& report) {
  if (report.attacks.empty()) return {};
  std::string content = each_attacker(report);
  if (report.attacks.size() > StormReport::kMostNamedAttackers)
    content = attack_groups(report) + "<details><summary>Each of them</summary>\n" + content +
              "</details>\n";
  return section("Attackers", "They tried while the phones booted.", content);
}

std::string how(const ReportAbout& about) {
  std::string words =
      "Simulated phones: each with its model's order of files, options and time-outs; every file's "
      "length and form were checked. How long a model waits and how often it asks again is assumed "
      "where its vendor does not publish it: five tries of a second for TFTP, three of ten seconds "
      "for HTTP.";
  std::string out;
  if (!about.command.empty()) out = "<p>Repeat it:</p>\n<code>" + html(about.command) + "</code>\n";
  return section("How this was measured", words, out);
}

}  // namespace

std::string report_html(const StormReport& report, const ReportAbout& about) {
  const ReportRow all = report.total();
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>{}</style>\n"
      "</head>\n<body>\n<main>\n",
      html(about.title), kStyle);
  out += fmt::format(
      "<h1>{}</h1>\n<p>{}</p>\n", html(about.title),
      html(fmt::format("{} phones against {}, {}", number(all.phones), about.target, about.when)));
  out += verdict(report, all) + tiles(report, all) + over_time(report);
  out += time_to_configuration(report) + retries_against_patience(report);
  out += figures(report, all) + failures(report) + attackers(report) + how(about);
  return out + fmt::format("<footer>Made by {}.</footer>\n</main>\n</body>\n</html>\n",
                           html(about.program));
}

}  // namespace stormdoor::storm
