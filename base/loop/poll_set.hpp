#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "base/loop/event_loop.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::loop {

// Many descriptors behind one event of the loop: all that are readable are reported together, and a
// few times per turn while some are, so that their owner decides in which order to serve them. What
// it leaves unread is reported again. Borrows the descriptors; a
// closed one leaves by itself. Lives on its loop's thread.
class PollSet {
 public:
  // The tags of the readable ones, at most `most_ready` per turn; the others stay readable and come
  // first in the next.
  using OnReadable = std::function<void(std::span<const uint32_t> tags)>;

  static Result<std::unique_ptr<PollSet>> create(EventLoop& loop, size_t most_ready,
                                                 OnReadable on_readable);
  ~PollSet();
  PollSet(const PollSet&) = delete;
  PollSet& operator=(const PollSet&) = delete;

  Result<void> add(int fd, uint32_t tag);

 private:
  struct State;
  explicit PollSet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::loop
