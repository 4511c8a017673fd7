#include "bench/storm/storm_report.hpp"

#include <algorithm>

namespace stormdoor::storm {

void ReportRow::add(const BootResult& boot, SteadyTime begun, SteadyTime ended) {
  if (boot.served) {
    ++served;
    microseconds.push_back(static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(ended - begun).count()));
  } else {
    ++failed;
  }
  asked += boot.asked;
  files += boot.found;
  missing += boot.missing;
  bytes += boot.bytes;
  retries += boot.retries;
  if (boot.retries != 0) ++phones_with_retries;
  most_retries = std::max(most_retries, boot.most_retries);
}

void ReportRow::add(const ReportRow& other) {
  phones += other.phones;
  served += other.served;
  failed += other.failed;
  asked += other.asked;
  files += other.files;
  missing += other.missing;
  bytes += other.bytes;
  retries += other.retries;
  phones_with_retries += other.phones_with_retries;
  most_retries = std::max(most_retries, other.most_retries);
  microseconds.insert(microseconds.end(), other.microseconds.begin(), other.microseconds.end());
}

std::chrono::microseconds ReportRow::share(double part) const {
  if (microseconds.empty()) return {};
  std::vector<uint32_t> sorted = microseconds;
  const auto rank = static_cast<size_t>(part * static_cast<double>(sorted.size() - 1) + 0.5);
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<ptrdiff_t>(rank));
  return std::chrono::microseconds(sorted[rank]);
}

void StormReport::add_reason(const std::string& reason) {
  const bool known = reasons.contains(reason);
  ++reasons[known || reasons.size() < kMostReasons ? reason : "others"];
}

ReportRow StormReport::total() const {
  ReportRow sum;
  for (const ReportRow& row : rows) sum.add(row);
  return sum;
}

}  // namespace stormdoor::storm
