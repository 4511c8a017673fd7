#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include "base/clock.hpp"

namespace stormdoor::http {

class HttpConnection;

// What a connection is waiting for; each has its own deadline (HttpTimes). Queued: to begin its
// handshake; Paced: for its turn on a link, which is our doing and no stall.
enum class HttpPhase : uint8_t {
  Handshake,
  Queued,
  Header,
  Answer,
  Sending,
  Idle,
  Linger,
  Streaming,
  Paced
};
inline constexpr size_t kHttpPhases = 9;

// Owns a worker's connections, in one list per phase, the longest waiting first. All connections in
// one phase have the same patience, so the next deadline is always at the front of a list: entering
// a phase and looking for expired ones cost the same with one connection as with ten thousand.
// (When a reload shortens a patience, those in front keep the old one and hold up the rest at most
// that long.)
class HttpConnectionTable {
 public:
  using Pointer = std::shared_ptr<HttpConnection>;
  struct Entry {
    Pointer connection;
    SteadyTime since;
    SteadyTime deadline;
  };
  // A connection's own place in the table.
  struct Place {
    std::list<Entry>::iterator entry;
    HttpPhase phase;
  };

  Place add(Pointer connection, HttpPhase phase, SteadyTime now, milliseconds patience);
  // Moves to the end of that phase's list, with a new deadline.
  void enter(Place& place, HttpPhase phase, SteadyTime now, milliseconds patience);
  void remove(const Place& place);

  // One whose deadline has passed, or nothing.
  [[nodiscard]] Pointer expired(SteadyTime now) const;
  // Whom to close for a newcomer: idle longest; else waited for longest, if at least `least_wait`.
  [[nodiscard]] Pointer to_evict(SteadyTime now, milliseconds least_wait) const;
  // Every connection in a phase, as a copy: closing one changes the list.
  [[nodiscard]] std::vector<Pointer> in_phase(HttpPhase phase) const;
  [[nodiscard]] size_t size() const { return size_; }

 private:
  [[nodiscard]] std::list<Entry>& list(HttpPhase phase) { return lists_[size_t(phase)]; }
  [[nodiscard]] const std::list<Entry>& list(HttpPhase phase) const {
    return lists_[size_t(phase)];
  }

  std::array<std::list<Entry>, kHttpPhases> lists_;
  size_t size_ = 0;
};

}  // namespace stormdoor::http
