#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/ip_address.hpp"
#include "base/loop/event_loop.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::loop {

// Accepts TCP connections and hands over their descriptors, nonblocking and close-on-exec. At most
// 64 per turn of the loop, so that a flood of connections leaves time for the others; when the
// process has no descriptor left it pauses for 100 ms and counts it. Lives on its loop's thread;
// not destroyed from its own callback.
class TcpListener {
 public:
  using OnAccept = std::function<void(UniqueFd connection, const Endpoint& peer)>;

  // Port 0 lets the kernel choose. With `reuse_port` several workers may bind the same.
  static Result<std::unique_ptr<TcpListener>> bind(EventLoop& loop, const Endpoint& local,
                                                   bool reuse_port, OnAccept on_accept);
  // A socket that the privileged parent has bound (listening or not yet).
  static Result<std::unique_ptr<TcpListener>> adopt(EventLoop& loop, UniqueFd fd,
                                                    OnAccept on_accept);
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  [[nodiscard]] const Endpoint& local() const;
  // While paused, connections wait in the kernel's queue.
  void pause();
  void resume();
  // How often descriptors ran out.
  [[nodiscard]] uint64_t out_of_descriptors() const;

 private:
  struct State;
  explicit TcpListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::loop
