#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/loop/timer.hpp"
#include "tftp-http/fair_queue.hpp"
#include "tftp-http/http_metrics.hpp"

namespace stormdoor::http {

class HttpConnection;

// Decides which TLS connection begins its handshake, before anything is paid for it. A few begin in
// one turn of the loop, so that handshakes under way and requests on open connections are answered
// in between; those that are too many for a turn wait without a TLS session, under 1 KB each, and
// networks (/24, /48) take turns. Nobody waits while the worker has nothing else to do: how long a
// client takes for its half, a desk phone a fifth of a second, holds up only itself. What a
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
    size_t per_turn;
    size_t waiting;
  };

  HandshakeDoor(loop::EventLoop& loop, HttpMetrics& metrics);

  // The connection may begin; or it waits at `place` until its begin_handshake() is called; or it
  // was the one to go.
  enum class Answer : uint8_t { Begin, Wait, Close };
  struct Entry {
    bool admitted = false;
    std::optional<Queue::Place> place;
    SteadyTime since{};
  };
  Answer knock(HttpConnection& connection, const IpAddress& source, Entry& entry, Limits limits,
               SteadyTime now);
  // It has closed. Nothing for one that does not wait.
  void leave(Entry& entry);

  [[nodiscard]] size_t waiting() const { return queue_.size(); }

 private:
  // Whether one more may begin in the turn that began at `turn`; if so it has.
  bool take_room(SteadyTime turn);
  void let_in();
  void begin(HttpConnection& connection, Now now);

  loop::EventLoop& loop_;
  HttpMetrics& metrics_;
  loop::Timer timer_;  // of zero, while somebody waits
  size_t most_per_turn_ = 1;
  SteadyTime turn_{};
  size_t begun_in_turn_ = 0;
  Queue queue_;
};

}  // namespace stormdoor::http
