#include "base/loop/event_loop.hpp"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "base/loop/timeval.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::loop {

struct EventLoop::State {
  event_base* base = nullptr;
  UniqueFd wake_fd;
  event* wake_event = nullptr;
  event* most_wait_timer = nullptr;
  Guarded<std::vector<Task>> posted;
  bool stopping = false;
  bool in_turn = false;
  bool turn_time_known = false;
  Now turn_time{};

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (most_wait_timer != nullptr) event_free(most_wait_timer);
    if (wake_event != nullptr) event_free(wake_event);
    if (base != nullptr) event_base_free(base);
  }

  Result<void> open();
  void run_posted();
  void turn(int flags);
};

namespace {

event_base* make_base() {
  event_config* config = event_config_new();
  if (config == nullptr) return nullptr;
  // One thread per base: post() crosses threads through an eventfd and a lock of our own.
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_config_set_flag(config, EVENT_BASE_FLAG_IGNORE_ENV);
  event_base* base = event_base_new_with_config(config);
  event_config_free(config);
  return base;
}

void ignore_timeout(int /*fd*/, short /*what*/, void* /*context*/) noexcept {}

}  // namespace

Result<void> EventLoop::State::open() {
  base = make_base();
  if (base == nullptr) return Error(ErrorCode::Unavailable, "libevent gave no event base");
  wake_fd.reset(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake_fd.valid()) return system_error("eventfd", errno);
  wake_event = event_new(
      base, wake_fd.get(), EV_READ | EV_PERSIST,
      [](int, short, void* context) noexcept { static_cast<State*>(context)->run_posted(); }, this);
  most_wait_timer = evtimer_new(base, ignore_timeout, nullptr);
  if (wake_event == nullptr || most_wait_timer == nullptr || event_add(wake_event, nullptr) != 0)
    return Error(ErrorCode::Unavailable, "libevent took no wake-up event");
  return {};
}

void EventLoop::State::run_posted() {
  uint64_t wakes = 0;
  // Read before the swap: a task posted after it writes again and wakes another turn.
  [[maybe_unused]] const ssize_t got = read(wake_fd.get(), &wakes, sizeof wakes);
  std::vector<Task> tasks =
      posted.with([](std::vector<Task>& waiting) { return std::exchange(waiting, {}); });
  for (Task& task : tasks) task();
}

void EventLoop::State::turn(int flags) {
  STORMDOOR_CHECK(!in_turn, "a loop does not run itself from one of its own callbacks");
  in_turn = true;
  turn_time_known = false;
  event_base_loop(base, flags);
  in_turn = false;
}

EventLoop::EventLoop(std::unique_ptr<State> state) : state_(std::move(state)) {}
EventLoop::~EventLoop() = default;

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  auto state = std::make_unique<State>();
  TRY_WHILE("start an event loop", state->open());
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(state)));
}

void EventLoop::run() {
  while (!state_->stopping) state_->turn(EVLOOP_ONCE);
  state_->stopping = false;
}

void EventLoop::run_once(milliseconds most_wait) {
  if (most_wait <= milliseconds::zero()) {
    state_->turn(EVLOOP_ONCE | EVLOOP_NONBLOCK);
    return;
  }
  const timeval wait = to_timeval(most_wait);
  evtimer_add(state_->most_wait_timer, &wait);
  state_->turn(EVLOOP_ONCE);
  evtimer_del(state_->most_wait_timer);
}

void EventLoop::stop() {
  // As a task, so that everything posted before it has run.
  post([state = state_.get()] { state->stopping = true; });
}

void EventLoop::post(Task task) {
  const bool first = state_->posted.with([&](std::vector<Task>& waiting) {
    waiting.push_back(std::move(task));
    return waiting.size() == 1;
  });
  if (!first) return;  // whoever posted the first one has woken the loop
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = write(state_->wake_fd.get(), &one, sizeof one);
}

Now EventLoop::now() const {
  if (!state_->in_turn) return read_clocks();
  if (!state_->turn_time_known) {
    state_->turn_time = read_clocks();
    state_->turn_time_known = true;
  }
  return state_->turn_time;
}

event_base* EventLoop::base() const {
  return state_->base;
}

}  // namespace stormdoor::loop
