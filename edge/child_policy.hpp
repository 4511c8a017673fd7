#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace stormdoor::edge {

// When a child is started again and when it counts as hung. Pure: time in, decisions out.
//
// A child that ended is started again at once; one that keeps ending, after 1, 2, 4 ... 30 seconds;
// a minute of good service makes it start at once again. A child that has not become ready within
// kStartPatience, or has sent no sign of life for kLifePatience, is killed.
class ChildPolicy {
 public:
  static constexpr milliseconds kStartPatience{60'000};
  static constexpr milliseconds kLifePatience{20'000};
  static constexpr milliseconds kMostDelay{30'000};
  static constexpr milliseconds kGoodService{60'000};

  void on_started(SteadyTime now) {
    started_ = now;
    last_life_ = now;
    ready_ = false;
  }
  void on_ready(SteadyTime now) {
    ready_ = true;
    last_life_ = now;
  }
  void on_life(SteadyTime now) { last_life_ = now; }

  // How long to wait before starting it again.
  [[nodiscard]] milliseconds on_ended(SteadyTime now) {
    if (ready_ && now - started_ >= kGoodService) failures_ = 0;
    const int failure = failures_++;
    ready_ = false;
    if (failure == 0) return milliseconds{0};
    return std::min<milliseconds>(seconds{1LL << std::min(failure - 1, 10)}, kMostDelay);
  }

  // The moment at which a silent child is to be killed.
  [[nodiscard]] SteadyTime deadline() const {
    return ready_ ? last_life_ + kLifePatience : started_ + kStartPatience;
  }

 private:
  SteadyTime started_{};
  SteadyTime last_life_{};
  bool ready_ = false;
  int failures_ = 0;
};

}  // namespace stormdoor::edge
