#include "tftp-http/tftp_timer_wheel.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace stormdoor::tftp {

TimerWheel::TimerWheel(milliseconds tick, size_t ticks, SteadyTime now)
    : tick_(tick), start_(now), heads_(ticks, kNone) {
  STORMDOOR_CHECK(tick > milliseconds::zero() && ticks > 1, "a wheel turns");
}

// Rounded up: at that tick the deadline has passed.
int64_t TimerWheel::tick_of(SteadyTime time) const {
  if (time <= start_) return 0;
  const auto tick = SteadyTime::duration(tick_).count();
  return ((time - start_).count() + tick - 1) / tick;
}

void TimerWheel::set(uint32_t id, SteadyTime deadline) {
  if (id >= entries_.size()) entries_.resize(id + 1);
  if (entries_[id].bucket != kNone) unlink(id);
  entries_[id].deadline = deadline;
  link(id);
}

void TimerWheel::cancel(uint32_t id) {
  if (id < entries_.size() && entries_[id].bucket != kNone) unlink(id);
}

void TimerWheel::link(uint32_t id) {
  const auto size = static_cast<int64_t>(heads_.size());
  const int64_t at = std::clamp(tick_of(entries_[id].deadline), next_tick_, next_tick_ + size - 1);
  Entry& entry = entries_[id];
  entry.bucket = static_cast<uint32_t>(at % size);
  entry.previous = kNone;
  entry.next = heads_[entry.bucket];
  if (entry.next != kNone) entries_[entry.next].previous = id;
  heads_[entry.bucket] = id;
  ++count_;
}

void TimerWheel::unlink(uint32_t id) {
  Entry& entry = entries_[id];
  if (entry.previous != kNone)
    entries_[entry.previous].next = entry.next;
  else
    heads_[entry.bucket] = entry.next;
  if (entry.next != kNone) entries_[entry.next].previous = entry.previous;
  entry.bucket = kNone;
  --count_;
}

void TimerWheel::collect(uint32_t bucket, SteadyTime now) {
  while (heads_[bucket] != kNone) {
    const uint32_t id = heads_[bucket];
    unlink(id);
    (entries_[id].deadline <= now ? due_ : put_off_).push_back(id);
  }
}

const std::vector<uint32_t>& TimerWheel::take_due(SteadyTime now) {
  due_.clear();
  put_off_.clear();
  if (now < start_) return due_;
  const int64_t current = (now - start_).count() / SteadyTime::duration(tick_).count();
  const auto size = static_cast<int64_t>(heads_.size());
  // After a long pause every bucket is looked at once, not once per missed turn.
  for (int64_t t = std::max(next_tick_, current - size + 1); t <= current; ++t)
    collect(static_cast<uint32_t>(t % size), now);
  next_tick_ = std::max(next_tick_, current + 1);
  for (const uint32_t id : put_off_) link(id);
  return due_;
}

}  // namespace stormdoor::tftp
