#include "portal/idempotency.hpp"

#include <utility>

namespace stormdoor::portal {

IdempotencyBook::Found IdempotencyBook::begin(const std::string& key, const std::string& request,
                                              SteadyTime now) {
  while (!order_.empty() && now - order_.front().first >= kKept) forget_oldest();
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) {
    while (order_.size() >= kMost) forget_oldest();
    entries_.emplace(key, Entry{request, {}, now});
    order_.emplace_back(now, key);
    return {State::New};
  }
  if (entry->second.request != request) return {State::Other};
  if (!entry->second.answer) return {State::Running};
  if (entry->second.answer->status == 0) return {State::Forgotten};
  return {State::Answered, *entry->second.answer};
}

void IdempotencyBook::forget_oldest() {
  const auto oldest = entries_.find(order_.front().second);
  // Forgotten and begun anew since: then its later place counts.
  if (oldest != entries_.end() && oldest->second.began == order_.front().first)
    entries_.erase(oldest);
  order_.pop_front();
}

void IdempotencyBook::finish(const std::string& key, Answer answer) {
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return;
  if (answer.body.size() > kMostBodyBytes) answer = {};
  entry->second.answer = std::move(answer);
}

void IdempotencyBook::forget(const std::string& key) {
  entries_.erase(key);
}

}  // namespace stormdoor::portal
