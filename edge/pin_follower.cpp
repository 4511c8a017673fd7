#include "edge/pin_follower.hpp"

#include <utility>

namespace stormdoor::edge {

PinFollower::PinFollower(loop::EventLoop& loop, const std::string& path, Tell tell)
    : loop_(loop),
      tell_(std::move(tell)),
      self_(std::make_shared<PinFollower*>(this)),
      timer_(loop, [this] { look(); }),
      watcher_(path) {
  timer_.start_every(kPeriod);
  look();
}

PinFollower::~PinFollower() {
  *self_ = nullptr;
}

void PinFollower::tell_again() {
  thread_.run([this] { watcher_.forget(); });
}

void PinFollower::look() {
  if (std::exchange(looking_, true)) return;  // a disk that hangs
  const bool taken = thread_.run([this, self = self_] {
    loop_.post([self, seen = watcher_.look()] {
      if (*self == nullptr) return;
      (*self)->looking_ = false;
      if (seen) (*self)->tell_(*seen);
    });
  });
  if (!taken) looking_ = false;
}

}  // namespace stormdoor::edge
