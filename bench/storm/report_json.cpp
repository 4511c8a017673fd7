#include <fmt/format.h>

#include "base/text.hpp"
#include "bench/storm/storm_report.hpp"

namespace stormdoor::storm {
namespace {

constexpr size_t kJsonSteps = 100;

// A JSON string (RFC 8259, 7). What is not UTF-8 is first made printable.
std::string in_quotes(std::string_view text) {
  const std::string safe =
      is_valid_utf8(text) ? std::string(text) : printable(text, 4 * text.size());
  std::string out = "\"";
  for (const char c : safe) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string numbers(const std::vector<uint32_t>& values) {
  std::string out = "[";
  for (size_t i = 0; i < values.size(); ++i)
    out += fmt::format("{}{}", i == 0 ? "" : ",", values[i]);
  return out + "]";
}

std::string counts(const ReportRow& row) {
  return fmt::format(
      R"("phones":{},"served":{},"failed":{},"asked":{},"files":{},"missing":{},"bytes":{},)"
      R"("retries":{},"phones_with_retries":{},"most_retries":{},"patience":{},"by_tries":{},)"
      R"("median_us":{},"p99_us":{})",
      row.phones, row.served, row.failed, row.asked, row.files, row.missing, row.bytes, row.retries,
      row.phones_with_retries, row.most_retries, row.patience, numbers(row.by_tries),
      row.share(0.5).count(), row.share(0.99).count());
}

// [[milliseconds, arrived, served, failed], ...]
std::string timeline_json(const StormReport& report) {
  if (report.arrived_ms.empty()) return "[]";
  std::string out = "[";
  for (const TimelinePoint& point : report.timeline(kJsonSteps))
    out += fmt::format("{}[{},{},{},{}]", out.size() == 1 ? "" : ",", point.at.count(),
                       point.arrived, point.served, point.failed);
  return out + "]";
}

std::string attack_json(const ReportAttack& attack) {
  const AttackResult& result = attack.result;
  return fmt::format(
      R"({{"source":{},"kind":{},"asked":{},"found":{},"harvested":{},"missing":{},"refused":{},)"
      R"("silent":{},"blocked":{},"answers_until_blocked":{},"how":{}}})",
      in_quotes(attack.plan.source.to_string()), in_quotes(to_string(attack.plan.kind)),
      result.asked, result.found, result.harvested, result.missing, result.refused, result.silent,
      result.blocked, result.answers_until_blocked, in_quotes(result.how));
}

}  // namespace

std::string report_json(const StormReport& report) {
  std::string out = fmt::format(R"({{"elapsed_ms":{},"total":{{{}}},"rows":[)",
                                report.elapsed.count(), counts(report.total()));
  const char* comma = "";
  for (const ReportRow& row : report.rows) {
    out += fmt::format(R"({}{{"vendor":{},"model":{},"transport":{},{}}})", comma,
                       in_quotes(row.vendor), in_quotes(row.model),
                       in_quotes(to_string(row.transport)), counts(row));
    comma = ",";
  }
  out += "],\"reasons\":{";
  comma = "";
  for (const auto& [reason, count] : report.reasons) {
    out += fmt::format("{}{}:{}", comma, in_quotes(reason), count);
    comma = ",";
  }
  out += "},\"timeline\":" + timeline_json(report) + ",\"attacks\":[";
  comma = "";
  for (const ReportAttack& attack : report.attacks) {
    out += comma + attack_json(attack);
    comma = ",";
  }
  out += "]";
  if (report.server_cpu) out += fmt::format(",\"server_cpu_us\":{}", report.server_cpu->count());
  return out + "}";
}

}  // namespace stormdoor::storm
