#include "tftp-http/handshake_door.hpp"

#include <utility>

#include "tftp-http/http_connection.hpp"

namespace stormdoor::http {
namespace {

IpAddress network_of(const IpAddress& source) {
  return IpPrefix(source, source.is_v4() ? 24 : 48).address();
}

}  // namespace

HandshakeDoor::HandshakeDoor(loop::EventLoop& loop, HttpMetrics& metrics)
    : loop_(loop), metrics_(metrics), timer_(loop, [this] { let_in(); }) {}

HandshakeDoor::Answer HandshakeDoor::knock(HttpConnection& connection, const IpAddress& source,
                                           Entry& entry, Limits limits, SteadyTime now) {
  most_per_turn_ = limits.per_turn;
  if (queue_.size() == 0 && take_room(now)) {
    entry.admitted = true;
    return Answer::Begin;
  }
  if (queue_.size() == 0) timer_.start_once(milliseconds(0));
  entry.place = queue_.push(network_of(source), &connection);
  entry.since = now;
  metrics_.handshakes_waiting.add(1);
  if (queue_.size() <= limits.waiting) return Answer::Wait;
  metrics_.handshakes_turned_away.add();
  HttpConnection* const victim = queue_.newest_of_fullest();
  if (victim == &connection) return Answer::Close;
  victim->close();
  return Answer::Wait;
}

void HandshakeDoor::leave(Entry& entry) {
  if (!entry.place) return;
  queue_.remove(*std::exchange(entry.place, std::nullopt));
  metrics_.handshakes_waiting.add(-1);
}

bool HandshakeDoor::take_room(SteadyTime turn) {
  if (std::exchange(turn_, turn) != turn) begun_in_turn_ = 0;
  if (begun_in_turn_ >= most_per_turn_) return false;
  ++begun_in_turn_;
  return true;
}

void HandshakeDoor::let_in() {
  const Now now = loop_.now();
  while (queue_.size() > 0 && take_room(now.steady)) begin(**queue_.pop(), now);
  if (queue_.size() > 0) timer_.start_once(milliseconds(0));
}

void HandshakeDoor::begin(HttpConnection& connection, Now now) {
  metrics_.handshakes_waiting.add(-1);
  Entry& entry = connection.door_entry();
  entry.place.reset();
  entry.admitted = true;
  metrics_.admission_seconds.observe(
      std::chrono::duration<double>(now.steady - entry.since).count());
  connection.begin_handshake(now);
}

}  // namespace stormdoor::http
