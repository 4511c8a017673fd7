#include "base/loop/timer.hpp"

#include <event2/event.h>

#include <utility>

#include "base/loop/timeval.hpp"

namespace stormdoor::loop {

struct Timer::State : std::enable_shared_from_this<State> {
  std::function<void()> on_time;
  event* timer = nullptr;
  event_base* base = nullptr;

  State(event_base* base_, std::function<void()> callback)
      : on_time(std::move(callback)), base(base_) {
    timer = event_new(base, -1, 0, &State::fired, this);
    STORMDOOR_CHECK(timer != nullptr, "a timer needs only memory");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { event_free(timer); }

  static void fired(int /*fd*/, short /*what*/, void* context) noexcept {
    static_cast<State*>(context)->fire();
  }
  void fire() {
    const auto keep = shared_from_this();  // the callback may destroy the Timer
    on_time();
  }
  void start(milliseconds after, short flags) {
    event_del(timer);
    event_assign(timer, base, -1, flags, &State::fired, this);
    const timeval wait = to_timeval(after);
    event_add(timer, &wait);
  }
};

Timer::Timer(EventLoop& loop, std::function<void()> on_time)
    : state_(std::make_shared<State>(loop.base(), std::move(on_time))) {}
Timer::~Timer() {
  if (state_) cancel();
}
Timer::Timer(Timer&&) noexcept = default;
Timer& Timer::operator=(Timer&& other) noexcept {
  if (this == &other) return *this;
  if (state_) cancel();
  state_ = std::move(other.state_);
  return *this;
}

void Timer::start_once(milliseconds after) {
  state_->start(after, 0);
}
void Timer::start_every(milliseconds period) {
  state_->start(period, EV_PERSIST);
}
void Timer::cancel() {
  event_del(state_->timer);
}
bool Timer::running() const {
  return event_pending(state_->timer, EV_TIMEOUT, nullptr) != 0;
}

}  // namespace stormdoor::loop
