#include "edge/enforce/contents.hpp"

namespace stormdoor::edge::enforce {
namespace {

int64_t second_of(SteadyTime time) {
  return std::chrono::ceil<seconds>(time.time_since_epoch()).count();
}

bool same_time(SteadyTime a, SteadyTime b) {
  if (a == kForever || b == kForever) return a == b;
  return a < b + kTimeTolerance && b < a + kTimeTolerance;
}

bool ends_soon(SteadyTime expiry, SteadyTime now) {
  return expiry != kForever && expiry < now + kTimeTolerance;
}

}  // namespace

void Contents::set(const Entry& entry, SteadyTime expiry) {
  const auto [at, is_new] = entries_.insert_or_assign(entry, expiry);
  if (is_new) ++counts_[size_t(entry.kind)];
  if (expiry != kForever) remember_expiry(entry, expiry);
}

void Contents::erase(const Entry& entry) {
  if (entries_.erase(entry) > 0) --counts_[size_t(entry.kind)];
}

void Contents::apply(const Changes& changes) {
  for (const auto& [entry, expiry] : changes) {
    if (expiry)
      set(entry, *expiry);
    else
      erase(entry);
  }
}

void Contents::remember_expiry(const Entry& entry, SteadyTime expiry) {
  endings_[second_of(expiry)].push_back(entry);
  if (++endings_size_ <= 2 * entries_.size() + 1'000) return;
  // Timeouts that were set anew have left more behind than there is: keep one ending each.
  endings_.clear();
  endings_size_ = 0;
  for (const auto& [one, end] : entries_) {
    if (end == kForever) continue;
    endings_[second_of(end)].push_back(one);
    ++endings_size_;
  }
}

void Contents::expire(SteadyTime now) {
  const auto past = std::chrono::floor<seconds>(now.time_since_epoch()).count();
  while (!endings_.empty() && endings_.begin()->first <= past) {
    for (const auto& entry : endings_.begin()->second) {
      const auto at = entries_.find(entry);
      if (at != entries_.end() && at->second <= now) erase(entry);
    }
    endings_size_ -= endings_.begin()->second.size();
    endings_.erase(endings_.begin());
  }
}

Difference difference(const Contents& actual, const Contents& intended, SteadyTime now) {
  Difference found;
  for (const auto& [entry, expiry] : intended.entries()) {
    const auto at = actual.entries().find(entry);
    if (at == actual.entries().end() ? ends_soon(expiry, now) : same_time(at->second, expiry))
      continue;
    found.changes.emplace(entry, expiry);
    ++found.missing;
  }
  for (const auto& [entry, expiry] : actual.entries()) {
    if (intended.contains(entry) || ends_soon(expiry, now)) continue;
    found.changes.emplace(entry, std::nullopt);
    ++found.foreign;
  }
  return found;
}

}  // namespace stormdoor::edge::enforce
