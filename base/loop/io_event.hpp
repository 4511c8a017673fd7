#pragma once

#include <functional>
#include <memory>

#include "base/loop/event_loop.hpp"

namespace stormdoor::loop {

// Which readiness is waited for, and which was found.
struct Readiness {
  bool read = false;
  bool write = false;
};

// Calls a function while a descriptor is ready (level-triggered). Borrows the descriptor, which
// must stay open longer than this. Lives on its loop's thread; destroying it ends the waiting, and
// its own callback may do that.
class IoEvent {
 public:
  IoEvent(EventLoop& loop, int fd, std::function<void(Readiness)> on_ready);
  ~IoEvent();
  IoEvent(IoEvent&&) noexcept;
  IoEvent& operator=(IoEvent&&) noexcept;

  // Waits for nothing until told.
  void wait_for(Readiness wanted);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace stormdoor::loop
