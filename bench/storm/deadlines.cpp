#include "bench/storm/deadlines.hpp"

#include <utility>

namespace stormdoor::storm {

Deadlines::Slot Deadlines::add(std::function<void()> on_time) {
  if (free_.empty()) {
    free_.push_back(static_cast<Slot>(slots_.size()));
    slots_.emplace_back();
  }
  const Slot slot = free_.back();
  free_.pop_back();
  slots_[slot].on_time = std::move(on_time);
  return slot;
}

void Deadlines::remove(Slot slot) {
  State& state = slots_[slot];
  const uint32_t generation = state.generation + 1;
  state = {};
  state.generation = generation;
  free_.push_back(slot);
}

void Deadlines::set(Slot slot, SteadyTime when) {
  State& state = slots_[slot];
  state.when = when;
  if (when < state.queued) push(slot);
}

void Deadlines::clear(Slot slot) {
  slots_[slot].when = SteadyTime::max();
}

void Deadlines::push(Slot slot) {
  State& state = slots_[slot];
  state.queued = state.when;
  queue_.push({state.when, slot, state.generation});
}

SteadyTime Deadlines::next() const {
  return queue_.empty() ? SteadyTime::max() : queue_.top().when;
}

void Deadlines::run(SteadyTime now) {
  while (!queue_.empty() && queue_.top().when <= now) {
    const Entry entry = queue_.top();
    queue_.pop();
    State& state = slots_[entry.slot];
    // An entry of an earlier life of the slot, or one that an earlier entry has replaced.
    if (state.generation != entry.generation || state.queued != entry.when) continue;
    state.queued = SteadyTime::max();
    if (state.when == SteadyTime::max()) continue;
    if (state.when > now) {
      push(entry.slot);
      continue;
    }
    state.when = SteadyTime::max();
    const auto on_time = state.on_time;  // a copy: the callback may remove the slot
    on_time();
  }
}

}  // namespace stormdoor::storm
