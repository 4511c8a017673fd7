#pragma once

#include <algorithm>
#include <utility>

#include "base/clock.hpp"

namespace stormdoor::edge {

// When a child is started again and when it counts as hung. Pure: time in, decisions out.
//
// A child that had become ready is started again at once, or after kBreath if it had served for
// less than a second: whoever can crash it must not also win a pause. One that ends before it is
// ready is started again after 1, 2, 4 ... 30 seconds. A child that has not become ready within
// kStartPatience, or has sent no sign of life for kLifePatience, is killed.
class ChildPolicy {
 public:
  static constexpr milliseconds kStartPatience{60'000};
  static constexpr milliseconds kLifePatience{20'000};
  static constexpr milliseconds kMostDelay{30'000};
  static constexpr milliseconds kBreath{100};

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
    if (std::exchange(ready_, false)) {
      failures_ = 0;
      return now - started_ >= seconds{1} ? milliseconds{0} : kBreath;
    }
    return std::min<milliseconds>(seconds{1LL << std::min(failures_++, 10)}, kMostDelay);
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
