#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"

namespace stormdoor::tftp {

// Deadlines of thousands of transfers: to set, move or cancel one costs the same however many there
// are. Entries are small numbers of the owner's (slots). Rounds up to the tick; a deadline beyond
// the horizon (ticks in the wheel) is looked at on the way and put off again. One thread.
class TimerWheel {
 public:
  TimerWheel(milliseconds tick, size_t ticks, SteadyTime now);

  // Sets or moves.
  void set(uint32_t id, SteadyTime deadline);
  void cancel(uint32_t id);
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] milliseconds tick() const { return tick_; }

  // The ids whose deadline has come, each cancelled; valid until the next call. Deadlines that the
  // owner sets meanwhile are for later calls.
  const std::vector<uint32_t>& take_due(SteadyTime now);

 private:
  static constexpr uint32_t kNone = 0xffffffff;
  struct Entry {
    SteadyTime deadline{};
    uint32_t bucket = kNone;  // kNone: not set
    uint32_t previous = kNone;
    uint32_t next = kNone;
  };
  [[nodiscard]] int64_t tick_of(SteadyTime time) const;
  void link(uint32_t id);
  void unlink(uint32_t id);
  void collect(uint32_t bucket, SteadyTime now);

  milliseconds tick_;
  SteadyTime start_;
  int64_t next_tick_ = 0;  // the first that was not looked at yet
  size_t count_ = 0;
  std::vector<uint32_t> heads_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> due_;
  std::vector<uint32_t> put_off_;
};

}  // namespace stormdoor::tftp
