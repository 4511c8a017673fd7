#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/clock.hpp"

namespace stormdoor::http {

// How many TLS handshakes are under way. One that has waited for its client longer than kFast is
// under way still, but no longer counts: so slow phones, and clients that never answer, do not hold
// up the others, and what is limited is our work. Holds one entry for each slot taken within kFast.
// One thread.
class HandshakeSlots {
 public:
  static constexpr milliseconds kFast{20};
  using Ticket = uint64_t;  // 0: none

  [[nodiscard]] Ticket take(SteadyTime now) {
    slots_.push_back({now, true});
    ++counted_;
    return next_++;
  }
  // Its handshake is over; also after it no longer counted.
  void give_back(Ticket ticket) {
    const Ticket first = next_ - slots_.size();
    if (ticket < first || !slots_[ticket - first].counts) return;
    slots_[ticket - first].counts = false;
    --counted_;
  }
  // How many count now.
  [[nodiscard]] size_t counted(SteadyTime now) {
    while (!slots_.empty() && (!slots_.front().counts || slots_.front().since + kFast <= now)) {
      if (slots_.front().counts) --counted_;
      slots_.pop_front();
    }
    return counted_;
  }

 private:
  struct Slot {
    SteadyTime since;
    bool counts;
  };
  std::deque<Slot> slots_;  // the last one's ticket is next_ - 1
  Ticket next_ = 1;
  size_t counted_ = 0;
};

}  // namespace stormdoor::http
