#pragma once

#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "base/error.hpp"

struct event_base;

namespace stormdoor::loop {

// One thread's event loop (libevent). Everything registered on it is created, used and destroyed on
// that thread; only post() and stop() may be called from others. Nothing that runs on it blocks.
class EventLoop {
 public:
  using Task = std::function<void()>;

  static Result<std::unique_ptr<EventLoop>> create();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs until stop(). Tasks posted before stop() have run when it returns.
  void run();
  // Runs what is ready now (for tests and for tools with a loop of their own); waits at most
  // `most_wait` for the first event.
  void run_once(milliseconds most_wait);
  void stop();
  // Runs `task` on the loop's thread, soon and in order. Any thread.
  void post(Task task);

  // Both clocks as of this turn of the loop; read once per turn.
  [[nodiscard]] Now now() const;

  // For the wrappers in this folder and for libevent's HTTP and TLS parts in tftp-http and portal.
  [[nodiscard]] event_base* base() const;

 private:
  struct State;
  explicit EventLoop(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::loop
