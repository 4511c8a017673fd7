#include "tftp-http/tftp_unproven_budget.hpp"

#include <algorithm>
#include <chrono>

namespace stormdoor::tftp {

bool UnprovenBudget::take(const IpAddress& source, uint64_t bytes, SteadyTime now) {
  if (bytes == 0) return true;
  Bucket& bucket = buckets_[group_of(source)];
  if (bucket.used_bytes == 0) bucket.filled_at = now;
  const auto passed = std::chrono::duration_cast<milliseconds>(now - bucket.filled_at);
  // More than a day refills any bucket; the cap keeps the product small.
  const auto ms = static_cast<uint64_t>(std::clamp<int64_t>(passed.count(), 0, 86'400'000));
  const uint64_t refill = ms * limits_.bytes_per_second / 1000;
  if (refill > 0) {  // less than a byte's worth of time is kept for the next call
    bucket.used_bytes -= std::min(bucket.used_bytes, refill);
    bucket.filled_at = now;
  }
  if (bucket.used_bytes + bytes > limits_.burst_bytes) return false;
  bucket.used_bytes += bytes;
  return true;
}

void UnprovenBudget::give_back(const IpAddress& source, uint64_t bytes) {
  if (Bucket* bucket = buckets_.find(group_of(source)))
    bucket->used_bytes -= std::min(bucket->used_bytes, bytes);
}

void UnprovenBudget::note_proven(const IpAddress& source, SteadyTime now) {
  standings_[source].proven_until = now + kRemembered;
}

bool UnprovenBudget::recently_proven(const IpAddress& source, SteadyTime now) const {
  const Standing* standing = standings_.peek(source);
  return standing != nullptr && now < standing->proven_until && now >= standing->suspect_until;
}

void UnprovenBudget::note_wrong_port(const IpAddress& source, SteadyTime now) {
  standings_[source].suspect_until = now + kRemembered;
}

bool UnprovenBudget::suspect(const IpAddress& source, SteadyTime now) const {
  const Standing* standing = standings_.peek(source);
  return standing != nullptr && now < standing->suspect_until;
}

}  // namespace stormdoor::tftp
