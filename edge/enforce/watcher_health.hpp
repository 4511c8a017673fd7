#pragma once

#include "base/clock.hpp"

namespace stormdoor::edge::enforce {

// Whether stormdoor-watch can be asked about packets. Pure. It counts as away when its channel has
// closed, and for kRest after kMostSilence packets in a row went without an answer: it hangs, or is
// being started again on the same channel. Then contested sources are metered.
class WatcherHealth {
 public:
  static constexpr int kMostSilence = 32;
  static constexpr milliseconds kRest{5'000};

  explicit WatcherHealth(bool has_channel) : has_channel_(has_channel) {}
  void on_answer() { silent_ = 0; }
  void on_unanswered(uint64_t packets, SteadyTime now) {
    silent_ += packets;
    if (silent_ < kMostSilence) return;
    silent_ = 0;
    away_until_ = now + kRest;
  }
  void on_closed() { has_channel_ = false; }
  [[nodiscard]] bool usable(SteadyTime now) const { return has_channel_ && now >= away_until_; }

 private:
  bool has_channel_;
  uint64_t silent_ = 0;
  SteadyTime away_until_{};
};

}  // namespace stormdoor::edge::enforce
