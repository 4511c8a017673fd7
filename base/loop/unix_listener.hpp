#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "base/loop/event_loop.hpp"
#include "base/unique_fd.hpp"

namespace stormdoor::loop {

// Accepts connections on a local socket and says which user is at the other end. Lives on its
// loop's thread; not destroyed from its own callback. Removes the socket's file when it goes.
class UnixListener {
 public:
  struct Peer {
    uid_t uid = 0;
    gid_t gid = 0;
    pid_t pid = 0;
  };
  using OnAccept = std::function<void(UniqueFd connection, const Peer& peer)>;

  // Replaces a socket that an earlier run left behind; anything else at `path` is an error, and so
  // is a socket where somebody still answers.
  static Result<std::unique_ptr<UnixListener>> bind(EventLoop& loop, const std::string& path,
                                                    mode_t mode, OnAccept on_accept);
  // A listening or bound socket of the privileged parent, which also removes its file.
  static Result<std::unique_ptr<UnixListener>> adopt(EventLoop& loop, UniqueFd fd,
                                                     OnAccept on_accept);
  ~UnixListener();
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;

 private:
  struct State;
  explicit UnixListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::loop
