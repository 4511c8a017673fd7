#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "edge/messages_enforce.hpp"
#include "edge/messages_packet.hpp"
#include "edge/messages_watch.hpp"
#include "edge/watch/capture.hpp"
#include "edge/watch/queue_judge.hpp"
#include "edge/watch/watcher.hpp"

namespace stormdoor::edge::watch {

// Remembered bindings, of about 150 bytes each.
inline constexpr size_t kMostAddresses = 16'384;

// The watch's one thread: captured frames in, reports to the server out, and answers to
// stormdoor-enforce about single packets. Never waits for anybody: a report for which the server's
// channel has no room is dropped and counted, frames for which we have no time are dropped and
// counted by the kernel. Makes no system call but those that lock_down() allows.
class WatchLoop {
 public:
  // Both channels and all captures are non-blocking.
  WatchLoop(std::vector<Capture> captures, PacketChannel server,
            std::optional<PacketChannel> enforce, SipWatchSettings sip);

  // Turns until the server's end is closed. An error: a capture broke (its interface went away), or
  // somebody sent what is no message.
  Result<void> run();

 private:
  // At most so much of one descriptor in a turn, so that none starves the others.
  static constexpr int kMostAtOnce = 256;

  Result<void> turn();
  Result<void> read_captures();
  Result<void> read_orders();
  Result<void> read_questions();
  Result<void> follow(const WatchSettings& settings);
  Result<void> follow(const WatchBlame& blame);
  void report(const WatchReport& report);
  void answer(const QueuedPacket& question);
  [[nodiscard]] bool may_pass(const QueuedPacket& question);
  void tell_that_we_live(SteadyTime now);
  [[nodiscard]] int wait_until_next_sign(SteadyTime now) const;

  std::vector<Capture> captures_;
  PacketChannel server_;
  std::optional<PacketChannel> enforce_;
  Watcher watcher_;
  QueueJudge judge_;
  SteadyTime next_sign_{};
  uint64_t unsent_ = 0;
  uint64_t queue_accepted_ = 0;
  uint64_t queue_refused_ = 0;
};

}  // namespace stormdoor::edge::watch
