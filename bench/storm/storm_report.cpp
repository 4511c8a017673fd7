#include "bench/storm/storm_report.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "bench/storm/report_words.hpp"

namespace stormdoor::storm {

void ReportRow::add(const BootResult& boot, SteadyTime begun, SteadyTime configured) {
  if (boot.served) {
    ++served;
    if (by_tries.size() < boot.most_tries) by_tries.resize(boot.most_tries);
    ++by_tries[boot.most_tries - 1];
    microseconds.push_back(static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(configured - begun).count()));
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
  patience = std::max(patience, other.patience);
  if (by_tries.size() < other.by_tries.size()) by_tries.resize(other.by_tries.size());
  for (size_t i = 0; i < other.by_tries.size(); ++i) by_tries[i] += other.by_tries[i];
  microseconds.insert(microseconds.end(), other.microseconds.begin(), other.microseconds.end());
}

std::chrono::microseconds ReportRow::share(double part) const {
  if (microseconds.empty()) return {};
  std::vector<uint32_t> sorted = microseconds;
  const auto rank = static_cast<size_t>(std::lround(part * static_cast<double>(sorted.size() - 1)));
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<ptrdiff_t>(rank));
  return std::chrono::microseconds(sorted[rank]);
}

void StormReport::add_reason(const std::string& reason) {
  const bool known = reasons.contains(reason);
  ++reasons[known || reasons.size() < kMostReasons ? reason : "others"];
}

milliseconds StormReport::booted_after() const {
  if (running != 0) return elapsed;
  uint32_t last = 0;
  for (const std::vector<uint32_t>* times : {&arrived_ms, &served_ms, &failed_ms})
    if (!times->empty()) last = std::max(last, times->back());
  return milliseconds(last);
}

std::vector<TimelinePoint> StormReport::timeline(size_t steps) const {
  const auto until = [](const std::vector<uint32_t>& times, milliseconds at) {
    return static_cast<uint32_t>(std::ranges::upper_bound(times, at.count()) - times.begin());
  };
  const milliseconds end = booted_after();
  std::vector<TimelinePoint> points;
  for (size_t i = 0; i <= steps; ++i) {
    const auto part = static_cast<double>(i) / static_cast<double>(std::max<size_t>(steps, 1));
    const milliseconds at(std::lround(part * static_cast<double>(end.count())));
    points.push_back({at, until(arrived_ms, at), until(served_ms, at), until(failed_ms, at)});
  }
  return points;
}

ReportRow StormReport::total() const {
  ReportRow sum;
  for (const ReportRow& row : rows) sum.add(row);
  return sum;
}

std::vector<AttackGroup> StormReport::attack_groups() const {
  std::map<std::tuple<AttackKind, std::string, std::string>, AttackGroup> groups;
  for (const ReportAttack& attack : attacks) {
    const std::string what = harvest(attack), how = verdict_on(attack);
    const uint32_t answered = tries_answered(attack);
    AttackGroup& group = groups[{attack.plan.kind, how, what}];
    if (group.attackers == 0) group = {attack.plan.kind, how, what, 0, answered, answered};
    ++group.attackers;
    group.least_answered = std::min(group.least_answered, answered);
    group.most_answered = std::max(group.most_answered, answered);
  }
  std::vector<AttackGroup> sorted;
  sorted.reserve(groups.size());
  for (auto& [key, group] : groups) sorted.push_back(std::move(group));
  return sorted;
}

std::optional<std::chrono::microseconds> StormReport::cpu_per_phone() const {
  const uint32_t served = total().served;
  if (!server_cpu || served == 0) return {};
  return *server_cpu / served;
}

}  // namespace stormdoor::storm
