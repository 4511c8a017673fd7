#include "base/loop/poll_set.hpp"

#include <sys/epoll.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/loop/io_event.hpp"

namespace stormdoor::loop {

struct PollSet::State {
  static constexpr int kRounds = 4;

  UniqueFd epoll;
  OnReadable on_readable;
  std::vector<epoll_event> events;
  std::vector<uint32_t> tags;
  IoEvent readable;

  State(EventLoop& loop, UniqueFd epoll_, size_t most_ready, OnReadable callback)
      : epoll(std::move(epoll_)),
        on_readable(std::move(callback)),
        events(most_ready),
        readable(loop, epoll.get(), [this](Readiness) { collect(); }) {
    tags.reserve(most_ready);
    readable.wait_for({.read = true});
  }

  // Answers draw answers: often enough the next ones are there before the loop has gone around. A
  // few times only, for timers and others on the loop.
  void collect() {
    for (int round = 0; round < kRounds; ++round) {
      const int ready = epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), 0);
      if (ready <= 0) return;
      tags.clear();
      for (int i = 0; i < ready; ++i) tags.push_back(events[i].data.u32);
      on_readable(tags);
    }
  }
};

PollSet::PollSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
PollSet::~PollSet() = default;

Result<std::unique_ptr<PollSet>> PollSet::create(EventLoop& loop, size_t most_ready,
                                                 OnReadable on_readable) {
  STORMDOOR_CHECK(most_ready > 0, "nothing would ever be reported");
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return system_error("epoll_create1", errno);
  return std::unique_ptr<PollSet>(new PollSet(
      std::make_unique<State>(loop, std::move(epoll), most_ready, std::move(on_readable))));
}

Result<void> PollSet::add(int fd, uint32_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = tag;
  if (epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return system_error("epoll_ctl", errno);
  return {};
}

}  // namespace stormdoor::loop
