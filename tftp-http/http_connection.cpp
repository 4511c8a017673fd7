#include "tftp-http/http_connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/text.hpp"

// Reading: from the accepted socket to a request in the handler's hands. http_connection_send.cpp
// has the way back.
namespace stormdoor::http {
namespace {

constexpr size_t kReadBytes = size_t{16} * 1024;
constexpr int kMostStepsPerTurn = 64;                 // then the other connections have their turn
constexpr size_t kMostDiscarded = size_t{64} * 1024;  // of what a refused client still sends

ReadOutcome read_socket(int fd, std::span<char> into) {
  using Kind = ReadOutcome::Kind;
  const ssize_t got = recv(fd, into.data(), into.size(), 0);
  if (got > 0) return {Kind::Data, static_cast<size_t>(got)};
  if (got == 0) return {Kind::End, 0};
  return {errno == EAGAIN || errno == EINTR ? Kind::NotYet : Kind::Broken, 0};
}

bool allows(std::string_view methods, std::string_view method) {
  for (const std::string_view allowed : split(methods, ','))
    if (trim(allowed) == method) return true;
  return false;
}

}  // namespace

HttpConnection::HttpConnection(HttpWorker& worker, UniqueFd fd, const Endpoint& remote,
                               std::shared_ptr<const TlsContext> tls)
    : worker_(worker),
      config_(worker.config),
      fd_(std::move(fd)),
      peer_{remote, tls != nullptr, {}},
      tls_context_(std::move(tls)),
      handshaking_(peer_.tls) {}

HttpConnection::~HttpConnection() = default;

void HttpConnection::start(Now now) {
  const HttpPhase phase = handshaking_ ? HttpPhase::Handshake : HttpPhase::Header;
  const milliseconds patience = handshaking_ ? config_->times.handshake : config_->times.header;
  place_ = worker_.table.add(shared_from_this(), phase, now.steady, patience);
  request_began_ = now.steady;
  // What the client has sent with its connection is usually here already.
  run(now);
}

void HttpConnection::start_refused(HttpResponse response, Now now) {
  place_ =
      worker_.table.add(shared_from_this(), HttpPhase::Sending, now.steady, config_->times.stall);
  request_began_ = now.steady;
  response.close = true;
  respond(std::move(response));
  answer_->linger = true;
  run(now);
}

void HttpConnection::run(Now now) {
  const auto keep = shared_from_this();
  worker_.out.clear();
  for (int steps = 0; place_; ++steps) {
    if (steps == kMostStepsPerTurn) {
      // What is in `out` leaves now: whoever has the next turn clears it.
      if (flush(now) != Step::Closed) run_soon();
      return;
    }
    if (take_step(now) != Step::Continue) return;
  }
}

HttpConnection::Step HttpConnection::take_step(Now now) {
  if (handshaking_) return tls_ ? shake_hands(now) : knock(now);
  if (answer_) return send_answer(now);
  if (answering_) {
    // What the handshake left in `out` does not wait for the answer: the next one's turn clears it.
    const Step flushed = flush(now);
    if (flushed == Step::Continue) wait({});
    return flushed == Step::Closed ? flushed : Step::Wait;
  }
  if (place_->phase == HttpPhase::Linger) return drain_input();
  return next_request(now);
}

HttpConnection::Step HttpConnection::next_request(Now now) {
  if (in_.size() < std::max<size_t>(wanted_, 1)) return read_more(now);
  switch (parser_.parse(in_, config_->request, worker_.request)) {
    case HttpRequestParser::State::NeedMore:
      return read_more(now);
    case HttpRequestParser::State::Complete:
      return handle_request(now);
    case HttpRequestParser::State::Refused:
      break;
  }
  worker_.metrics.bad_requests.add();
  request_known_ = false;
  refuse(parser_.refusal().status, parser_.refusal().reason);
  return Step::Continue;
}

HttpConnection::Step HttpConnection::read_more(Now now) {
  if (peer_ended_ || (worker_.draining && in_.empty() && requests_ > 0)) {
    close();
    return Step::Closed;
  }
  std::array<char, kReadBytes> buffer;
  const ReadOutcome got = read_some(buffer);
  switch (got.kind) {
    case ReadOutcome::Kind::Data:
      if (place_->phase == HttpPhase::Idle) {
        enter(HttpPhase::Header, config_->times.header, now);
        request_began_ = now.steady;
      }
      in_.append(buffer.data(), got.bytes);
      return Step::Continue;
    case ReadOutcome::Kind::NotYet: {
      const Step flushed = flush(now);
      if (flushed == Step::Continue) wait({.read = true});
      return flushed == Step::Closed ? flushed : Step::Wait;
    }
    case ReadOutcome::Kind::End:
      peer_ended_ = true;
      return Step::Continue;
    case ReadOutcome::Kind::Broken:
      break;
  }
  close();
  return Step::Closed;
}

// A head is complete; `worker_.request` is it.
HttpConnection::Step HttpConnection::handle_request(Now now) {
  const HttpRequest& request = worker_.request;
  request_known_ = true;
  if (is_refused(request, now)) return Step::Continue;
  if (in_.size() < parser_.head_bytes() + request.body_bytes) return wait_for_body(now);
  ++requests_;
  worker_.metrics.requests.add();
  dispatch(now);
  return Step::Continue;
}

bool HttpConnection::is_refused(const HttpRequest& request, Now now) {
  const std::string_view methods = worker_.handler.allowed_methods();
  if (!allows(methods, request.method)) {
    HttpResponse response = HttpResponse::text(
        405, fmt::format("Only {} can be used here; files are not taken from phones.", methods));
    response.headers.emplace_back("Allow", methods);
    response.close = true;
    respond(std::move(response));
    answer_->linger = true;
    return true;
  }
  if (request.body_bytes > config_->request.body_bytes ||
      (request.body_bytes > 0 &&
       request.body_bytes > worker_.handler.most_body_bytes(request, now))) {
    refuse(413, "The body of the request is larger than is taken here.");
    return true;
  }
  // The first request was admitted with its connection.
  if (requests_ == 0) return false;
  const auto reason = worker_.gate.refuse(peer_.remote.address, now);
  if (!reason) return false;
  worker_.metrics.refused_by_rule.add();
  refuse(403, *reason);
  return true;
}

HttpConnection::Step HttpConnection::wait_for_body(Now now) {
  const HttpRequest& request = worker_.request;
  constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
  const bool first_time = wanted_ == 0;
  wanted_ = parser_.head_bytes() + request.body_bytes;
  const bool go_on = first_time && request.expects_continue;
  parser_.reset();  // parsed again when the body is here
  request_known_ = false;
  if (go_on) {
    if (tls_ && !tls_->write(std::as_bytes(std::span(kGoOn)), worker_.out)) {
      close();
      return Step::Closed;
    }
    if (!tls_) worker_.out.append(kGoOn);
    if (const Step flushed = flush(now); flushed != Step::Continue) return flushed;
  }
  return Step::Continue;
}

void HttpConnection::dispatch(Now now) {
  const HttpRequest& request = worker_.request;
  const std::string_view body =
      std::string_view(in_).substr(parser_.head_bytes(), request.body_bytes);
  used_ = parser_.head_bytes() + body.size();
  const uint64_t number = requests_;
  enter(HttpPhase::Answer, config_->times.answer, now);
  answering_ = true;
  HttpExchange exchange(*this, request, peer_, body, now);
  worker_.handler.handle(exchange);
  STORMDOOR_CHECK(place_ && number == requests_,
                  "a handler answers, it does not close connections");
  if (!answer_ && !exchange.taken()) respond(HttpResponse::text(500, "No answer was found."));
  request_known_ = false;
}

// An answer to what could not be read or is not wanted: nothing after it would be understood.
void HttpConnection::refuse(int status, std::string_view sentence) {
  HttpResponse response = HttpResponse::text(status, sentence);
  response.close = true;
  respond(std::move(response));
  answer_->linger = true;
}

void HttpConnection::on_deadline(Now now) {
  const auto keep = shared_from_this();
  if (answer_ && (place_->phase == HttpPhase::Header || place_->phase == HttpPhase::Answer)) {
    // Answered in the last step of this turn, before the time was over: sent in the next.
    enter_sending(now);
    return;
  }
  worker_.metrics.timeouts.add();
  if (place_->phase == HttpPhase::Answer) {
    answering_ = false;
    ++requests_;  // a late HttpReply has the old number
    HttpResponse response = HttpResponse::text(503, "The answer took too long; try again.");
    response.headers.emplace_back("Retry-After", fmt::format("{}", config_->retry_after_most));
    response.close = true;
    respond(std::move(response));
    run(now);
  } else if (place_->phase == HttpPhase::Header && !in_.empty()) {
    refuse(408, "The request took too long to arrive.");
    run(now);
  } else {
    close();
  }
}

void HttpConnection::close() {
  if (!place_) return;
  const auto keep = shared_from_this();
  if (tls_ && !handshaking_ && !answer_ && unsent_.empty()) say_goodbye();
  event_.reset();
  worker_.door.leave(door_entry_);
  worker_.table.remove(*std::exchange(place_, std::nullopt));
  worker_.sources.remove(peer_.remote.address);
  worker_.metrics.open.add(-1);
  fd_.reset();
  if (const auto answer = std::move(answer_)) {
    worker_.metrics.unfinished.add();
    if (answer->on_done) answer->on_done(false);
  }
  worker_.on_closed();
}

void HttpConnection::enter(HttpPhase phase, milliseconds patience, Now now) {
  worker_.table.enter(*place_, phase, now.steady, patience);
  sent_in_phase_ = 0;
}

void HttpConnection::wait(loop::Readiness readiness) {
  if (readiness.read == waiting_.read && readiness.write == waiting_.write) return;
  waiting_ = readiness;
  if (!event_)
    event_.emplace(worker_.loop, fd_.get(), [this](loop::Readiness) { run(worker_.loop.now()); });
  event_->wait_for(readiness);
}

ReadOutcome HttpConnection::read_some(std::span<char> into) {
  return tls_ ? tls_->read(into, worker_.out) : read_socket(fd_.get(), into);
}

// After a refusal: what the client still sends is read away, so that its kernel does not throw our
// answer away with a reset (RFC 9112 section 9.6).
HttpConnection::Step HttpConnection::drain_input() {
  std::array<char, kReadBytes> buffer;
  while (discarded_ < kMostDiscarded) {
    const ReadOutcome got = read_socket(fd_.get(), buffer);
    if (got.kind == ReadOutcome::Kind::NotYet) {
      wait({.read = true});
      return Step::Wait;
    }
    if (got.kind != ReadOutcome::Kind::Data) break;
    discarded_ += got.bytes;
  }
  close();
  return Step::Closed;
}

}  // namespace stormdoor::http
