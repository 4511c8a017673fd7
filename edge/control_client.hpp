#pragma once

#include <functional>
#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "edge/control_protocol.hpp"

namespace stormdoor::edge {

// The shell's end of the control socket. Blocking; for command-line tools and tests.
class ControlClient {
 public:
  // An error that says whether the daemon does not run or we may not talk to it.
  static Result<ControlClient> connect(const std::string& socket_path);

  // One command and its answer. `attached` receives a descriptor that came with the answer
  // (backup).
  Result<ControlResponse> call(const ControlRequest& request, UniqueFd* attached = nullptr);
  // A command with many answers: until the daemon says there are no more or `use` returns false.
  Result<void> follow(const ControlRequest& request,
                      const std::function<bool(const ControlResponse&)>& use);

 private:
  explicit ControlClient(UniqueFd socket) : socket_(std::move(socket)) {}
  Result<void> send(const ControlRequest& request);
  Result<ControlResponse> receive(UniqueFd* attached);

  UniqueFd socket_;
  FrameReader reader_{kMostResponseBytes};
};

}  // namespace stormdoor::edge
