#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/loop/timer.hpp"
#include "tftp-http/fair_queue.hpp"
#include "tftp-http/handshake_slots.hpp"
#include "tftp-http/http_metrics.hpp"

namespace stormdoor::http {

class HttpConnection;

// Decides which TLS connection begins its handshake, before anything is paid for it. While
// `handshakes` of HttpConfig are under way (HandshakeSlots), those whose first bytes have come wait
// without a TLS session, under 1 KB each; then networks (/24, /48) take turns, a few handshakes in
// one turn of the loop, so that requests on open connections are answered in between. What a
// connection wants is not known before it is decrypted, so within a network the oldest is first.
// Whether a phone resumes a session is not looked at either: its hello would have to be parsed
// twice.
//
// Bounds: `handshakes_waiting`; one more closes the newest of the network that has most there.
// Nothing else can be said before TLS. Nobody waits longer than `handshake_time`. One per worker.
class HandshakeDoor {
 public:
  using Queue = FairQueue<HttpConnection*>;

  struct Limits {
    size_t running;
    size_t waiting;
  };

  HandshakeDoor(loop::EventLoop& loop, HttpMetrics& metrics);

  // The connection may begin, and holds `ticket`; or it waits at `place` until its
  // begin_handshake() is called; or it was the one to go.
  enum class Answer : uint8_t { Begin, Wait, Close };
  struct Entry {
    HandshakeSlots::Ticket ticket = 0;
    std::optional<Queue::Place> place;
    SteadyTime since{};
  };
  Answer knock(HttpConnection& connection, const IpAddress& source, Entry& entry, Limits limits,
               SteadyTime now);
  // Its handshake has ended, or it has closed. Nothing for one that never knocked.
  void leave(Entry& entry);

  [[nodiscard]] size_t waiting() const { return queue_.size(); }

 private:
  void let_in();
  void begin(HttpConnection& connection, Now now);

  loop::EventLoop& loop_;
  HttpMetrics& metrics_;
  loop::Timer timer_;  // runs while somebody waits
  bool soon_ = false;  // at once, because a slot is free
  size_t most_running_ = 0;
  HandshakeSlots slots_;
  Queue queue_;
};

}  // namespace stormdoor::http
