#include "tftp-http/handshake_door.hpp"

#include <utility>

#include "tftp-http/http_connection.hpp"

namespace stormdoor::http {
namespace {

constexpr milliseconds kLook{10};     // for slots whose handshakes are slow
constexpr int kMostBegunPerTurn = 8;  // a few milliseconds of cryptography

IpAddress network_of(const IpAddress& source) {
  return IpPrefix(source, source.is_v4() ? 24 : 48).address();
}

}  // namespace

HandshakeDoor::HandshakeDoor(loop::EventLoop& loop, HttpMetrics& metrics)
    : loop_(loop), metrics_(metrics), timer_(loop, [this] { let_in(); }) {}

HandshakeDoor::Answer HandshakeDoor::knock(HttpConnection& connection, const IpAddress& source,
                                           Entry& entry, Limits limits, SteadyTime now) {
  most_running_ = limits.running;
  if (queue_.size() == 0 && slots_.counted(now) < limits.running) {
    entry.ticket = slots_.take(now);
    return Answer::Begin;
  }
  entry.place = queue_.push(network_of(source), &connection);
  entry.since = now;
  metrics_.handshakes_waiting.add(1);
  if (queue_.size() == 1 && !soon_) timer_.start_once(kLook);
  if (queue_.size() <= limits.waiting) return Answer::Wait;
  metrics_.handshakes_turned_away.add();
  HttpConnection* const victim = queue_.newest_of_fullest();
  if (victim == &connection) return Answer::Close;
  victim->close();
  return Answer::Wait;
}

void HandshakeDoor::leave(Entry& entry) {
  if (entry.place) {
    queue_.remove(*std::exchange(entry.place, std::nullopt));
    metrics_.handshakes_waiting.add(-1);
  }
  if (entry.ticket == 0) return;
  slots_.give_back(std::exchange(entry.ticket, 0));
  if (queue_.size() > 0 && !std::exchange(soon_, true)) timer_.start_once(milliseconds(0));
}

void HandshakeDoor::let_in() {
  soon_ = false;
  const Now now = loop_.now();
  int most = kMostBegunPerTurn;
  while (most-- > 0 && slots_.counted(now.steady) < most_running_) {
    const auto next = queue_.pop();
    if (!next) return;
    begin(**next, now);
  }
  if (queue_.size() == 0) return;
  soon_ = slots_.counted(now.steady) < most_running_;
  timer_.start_once(soon_ ? milliseconds(0) : kLook);
}

void HandshakeDoor::begin(HttpConnection& connection, Now now) {
  metrics_.handshakes_waiting.add(-1);
  Entry& entry = connection.door_entry();
  entry.place.reset();
  metrics_.admission_seconds.observe(
      std::chrono::duration<double>(now.steady - entry.since).count());
  entry.ticket = slots_.take(now.steady);
  connection.begin_handshake(now);
}

}  // namespace stormdoor::http
