#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "tftp-http/http_connection.hpp"

// The beginning and the end of an encrypted connection: from its first byte, through the door, to a
// session that can be read from.
namespace stormdoor::http {

// Before the client has said anything there is no session for it, nor a place at the door.
HttpConnection::Step HttpConnection::knock(Now now) {
  using Word = HandshakeDoor::Answer;
  if (!door_entry_.admitted) {
    char first = 0;
    const ssize_t got = recv(fd_.get(), &first, 1, MSG_PEEK);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      wait({.read = true});
      return Step::Wait;
    }
    const HandshakeDoor::Limits limits{config_->handshakes, config_->handshakes_waiting};
    const Word answer =
        got <= 0 ? Word::Close
                 : worker_.door.knock(*this, peer_.remote.address, door_entry_, limits, now.steady);
    if (answer == Word::Wait) {
      enter(HttpPhase::Queued, config_->times.handshake, now);
      wait({});
      return Step::Wait;
    }
    if (answer == Word::Close) {
      if (got <= 0) worker_.metrics.handshakes_failed.add();
      close();
      return Step::Closed;
    }
  }
  tls_ = std::make_unique<TlsSession>(std::exchange(tls_context_, nullptr), fd_.get());
  return Step::Continue;
}

void HttpConnection::begin_handshake(Now now) {
  const auto keep = shared_from_this();
  // Whoever has hung up meanwhile costs nothing more.
  pollfd hung_up{.fd = fd_.get(), .events = POLLRDHUP, .revents = 0};
  if (poll(&hung_up, 1, 0) > 0) {
    worker_.metrics.handshakes_failed.add();
    return close();
  }
  enter(HttpPhase::Handshake, config_->times.handshake, now);
  run(now);
}

HttpConnection::Step HttpConnection::shake_hands(Now now) {
  const auto result = tls_->handshake(now.wall, worker_.out);
  if (result == TlsSession::Handshake::Done) {
    handshaking_ = false;
    (tls_->resumed() ? worker_.metrics.handshakes_resumed : worker_.metrics.handshakes).add();
    peer_.certificate_mac = tls_->certificate_mac();
    enter(HttpPhase::Header, config_->times.header, now);
    request_began_ = now.steady;
    // Tickets wait in `out` for the answer.
    return Step::Continue;
  }
  // The flight, or the alert that says what was wrong.
  const Step flushed = flush(now);
  if (result == TlsSession::Handshake::NotYet) {
    if (flushed == Step::Continue) wait({.read = true});
    return flushed == Step::Closed ? flushed : Step::Wait;
  }
  worker_.metrics.handshakes_failed.add();
  close();
  return Step::Closed;
}

// So that the client can tell our closing from somebody's cutting the wire.
void HttpConnection::say_goodbye() {
  std::string alert;
  tls_->close(alert);
  if (!alert.empty()) send(fd_.get(), alert.data(), alert.size(), MSG_NOSIGNAL);
}

}  // namespace stormdoor::http
