#pragma once

#include <functional>
#include <memory>

#include "base/loop/event_loop.hpp"

namespace stormdoor::loop {

// Calls a function after a while, once or again and again. Lives on its loop's thread, no longer
// than the loop. Destroying it cancels; its own callback may do that. For thousands of deadlines
// keep one Timer and a structure of your own.
class Timer {
 public:
  Timer(EventLoop& loop, std::function<void()> on_time);
  ~Timer();
  Timer(Timer&&) noexcept;
  Timer& operator=(Timer&&) noexcept;

  // Each replaces what was started before.
  void start_once(milliseconds after);
  void start_every(milliseconds period);
  void cancel();
  [[nodiscard]] bool running() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace stormdoor::loop
