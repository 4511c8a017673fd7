#include "base/loop/io_event.hpp"

#include <event2/event.h>

#include <utility>

namespace stormdoor::loop {

struct IoEvent::State : std::enable_shared_from_this<State> {
  std::function<void(Readiness)> on_ready;
  event* io = nullptr;
  event_base* base = nullptr;
  int fd = -1;

  State(event_base* base_, int fd_, std::function<void(Readiness)> callback)
      : on_ready(std::move(callback)), base(base_), fd(fd_) {
    io = event_new(base, fd, EV_READ | EV_PERSIST, &State::ready, this);
    STORMDOOR_CHECK(io != nullptr, "an event needs only memory");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { event_free(io); }

  static void ready(int /*fd*/, short what, void* context) noexcept {
    static_cast<State*>(context)->fire(what);
  }
  void fire(short what) {
    const auto keep = shared_from_this();  // the callback may destroy the IoEvent
    on_ready({(what & EV_READ) != 0, (what & EV_WRITE) != 0});
  }
  void wait_for(Readiness wanted) {
    event_del(io);
    const int what = (wanted.read ? EV_READ : 0) | (wanted.write ? EV_WRITE : 0);
    if (what == 0) return;
    event_assign(io, base, fd, static_cast<short>(what | EV_PERSIST), &State::ready, this);
    STORMDOOR_CHECK(event_add(io, nullptr) == 0, "the descriptor is open and can be polled");
  }
};

IoEvent::IoEvent(EventLoop& loop, int fd, std::function<void(Readiness)> on_ready)
    : state_(std::make_shared<State>(loop.base(), fd, std::move(on_ready))) {}
IoEvent::~IoEvent() {
  if (state_) state_->wait_for({});
}
IoEvent::IoEvent(IoEvent&&) noexcept = default;
IoEvent& IoEvent::operator=(IoEvent&& other) noexcept {
  if (this == &other) return *this;
  if (state_) state_->wait_for({});
  state_ = std::move(other.state_);
  return *this;
}

void IoEvent::wait_for(Readiness wanted) {
  state_->wait_for(wanted);
}

}  // namespace stormdoor::loop
