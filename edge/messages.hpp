#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

// What the privileged parent and its children say to each other: fixed, typed messages over a
// SOCK_SEQPACKET pair, descriptors beside them. A message that is not exactly one of these is fatal
// to its sender: whoever receives it ends the other process.
namespace stormdoor::edge {

enum class MessageType : uint32_t {
  // parent -> server
  Descriptor = 1,     // one descriptor; `text` says which (see descriptor names below)
  Start = 2,          // all descriptors have been sent
  Reload = 3,         // SIGHUP: read the configuration again
  Stop = 4,           // finish and exit 0
  Refused = 5,        // the answer to RequestMaterial when a file cannot be opened; `text` says why
  HelperChannel = 6,  // a helper was started; one end of its packet channel; `text` is its name
  // server -> parent
  Ready = 16,            // serving; for the service manager
  Alive = 17,            // every loop has turned since the last one
  RequestMaterial = 18,  // open the keys and certificates again; answered by Descriptor..., Start
  Failed = 19,           // could not start, and would not the next time; `text` says why
  Status = 20,           // one line for the service manager
  HelperReady = 21,      // this helper (`text`) has said that it works
  HelperSilent = 22,     // this helper says nothing or nonsense: end it
};

struct Message {
  MessageType type = MessageType::Alive;
  std::string text;  // at most kMostMessageText bytes
  UniqueFd descriptor;
};

inline constexpr size_t kMostMessageText = 4000;

// One end of the pair. Used by one thread. Blocking or not is the descriptor's own setting.
class MessageChannel {
 public:
  explicit MessageChannel(UniqueFd socket) : socket_(std::move(socket)) {}

  // A connected pair: ours (close-on-exec) and the child's.
  static Result<std::pair<MessageChannel, UniqueFd>> create_pair();

  // Sends one message; blocks while the peer's queue is full, unless the socket does not.
  Result<void> send(const Message& message);
  Result<void> send(MessageType type, std::string text = {});
  // The next message; nothing when the peer has closed (or, non-blocking, when there is none yet:
  // then `would_block` is set). A malformed one is Corrupt.
  Result<std::optional<Message>> receive(bool* would_block = nullptr);

  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  UniqueFd socket_;
};

}  // namespace stormdoor::edge
