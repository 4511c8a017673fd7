#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "base/clock.hpp"

namespace stormdoor::storm {

// Thousands of deadlines that mostly move (each packet of a transfer pushes one forward) and seldom
// come. Moving one later touches nothing but its slot: its entry in the queue is looked at again
// when it comes up. Pure; the loop's timer is StormLoop's. One thread.
class Deadlines {
 public:
  using Slot = uint32_t;

  Slot add(std::function<void()> on_time);
  // `on_time` is not called any more. A callback may remove any slot, its own too.
  void remove(Slot slot);
  void set(Slot slot, SteadyTime when);
  void clear(Slot slot);

  // Calls everything that is due.
  void run(SteadyTime now);
  // When run() has something to look at next; max() if never. Never later than the next deadline.
  [[nodiscard]] SteadyTime next() const;

 private:
  struct Entry {
    SteadyTime when;
    Slot slot;
    uint32_t generation;
    bool operator>(const Entry& other) const { return when > other.when; }
  };
  struct State {
    std::function<void()> on_time;
    SteadyTime when = SteadyTime::max();    // max(): none
    SteadyTime queued = SteadyTime::max();  // its earliest entry; max(): none
    uint32_t generation = 0;
  };
  void push(Slot slot);

  std::vector<State> slots_;
  std::vector<Slot> free_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

}  // namespace stormdoor::storm
