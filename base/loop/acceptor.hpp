#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>

#include "base/loop/io_event.hpp"
#include "base/loop/timer.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::loop {

// What TcpListener and UnixListener share: accept in batches, and wait when descriptors run out.
class Acceptor {
 public:
  using OnAccept = std::function<void(UniqueFd connection, const sockaddr_storage& peer)>;

  // `fd` listens already and is nonblocking.
  Acceptor(EventLoop& loop, UniqueFd fd, OnAccept on_accept);

  [[nodiscard]] int fd() const { return fd_.get(); }
  void pause();
  void resume();
  [[nodiscard]] uint64_t out_of_descriptors() const { return out_of_descriptors_; }

 private:
  void accept_some();

  UniqueFd fd_;
  OnAccept on_accept_;
  IoEvent readable_;
  Timer retry_;
  bool paused_ = false;
  uint64_t out_of_descriptors_ = 0;
};

}  // namespace stormdoor::loop
