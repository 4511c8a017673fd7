#include "base/loop/acceptor.hpp"

#include <cerrno>
#include <utility>

namespace stormdoor::loop {
namespace {

constexpr int kMostPerTurn = 64;
constexpr milliseconds kWaitForDescriptors{100};

}  // namespace

Acceptor::Acceptor(EventLoop& loop, UniqueFd fd, OnAccept on_accept)
    : fd_(std::move(fd)),
      on_accept_(std::move(on_accept)),
      readable_(loop, fd_.get(), [this](Readiness) { accept_some(); }),
      retry_(loop, [this] {
        if (!paused_) readable_.wait_for({.read = true});
      }) {
  resume();
}

void Acceptor::pause() {
  paused_ = true;
  readable_.wait_for({});
}

void Acceptor::resume() {
  paused_ = false;
  if (!retry_.running()) readable_.wait_for({.read = true});
}

void Acceptor::accept_some() {
  for (int i = 0; i < kMostPerTurn && !paused_; ++i) {
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    UniqueFd connection(accept4(fd_.get(), reinterpret_cast<sockaddr*>(&peer), &length,
                                SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.valid()) {
      on_accept_(std::move(connection), peer);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      ++out_of_descriptors_;
      readable_.wait_for({});  // still readable: the loop would spin
      retry_.start_once(kWaitForDescriptors);
      return;
    }
    // Anything else (ECONNABORTED, a network error of that connection) concerns one peer only.
  }
}

}  // namespace stormdoor::loop
