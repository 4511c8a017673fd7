#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "tftp-http/http_connection.hpp"

// The way of an answer to the socket. What the handshake left, the head, the first piece and the
// closing alert go out in one system call.
namespace stormdoor::http {
namespace {

constexpr uint64_t kMostPerTurn =
    uint64_t{1024} * 1024;  // then the other connections have their turn
constexpr size_t kMostUnsent =
    size_t{256} * 1024;  // only a peer that provokes TLS alerts gets there

bool would_block() {
  return errno == EAGAIN || errno == EINTR;
}

}  // namespace

void HttpConnection::respond(HttpResponse response) {
  STORMDOOR_CHECK(!answer_, "a request has one answer");
  prepare(std::move(response), false);
}

void HttpConnection::respond_endlessly(HttpResponse response) {
  STORMDOOR_CHECK(!answer_, "a request has one answer");
  response.close = true;
  prepare(std::move(response), worker_.request.method != "HEAD");
}

void HttpConnection::prepare(HttpResponse response, bool endless) {
  const HttpRequest& request = worker_.request;
  answering_ = false;
  HeadFacts facts;
  facts.endless = endless;
  facts.date = worker_.date(worker_.loop.now().wall);
  facts.part = {response.status, 0, response.body.size()};
  if (request_known_) {
    facts.keep_alive = request.keep_alive && !response.close && !worker_.draining &&
                       requests_ < config_->requests_per_connection;
    facts.minor_version = request.minor_version;
    if (response.content && response.status == 200)
      facts.part = choose_part(request, *response.content);
  }
  auto answer = std::make_unique<Answer>();
  answer->close = !facts.keep_alive;
  answer->endless = endless;
  append_head(answer->head, response, facts);
  const bool has_body = !(request_known_ && request.method == "HEAD");
  answer->left = has_body ? facts.part.length : 0;
  const uint64_t size = response.content ? response.content->size() : response.body.size();
  answer->gives_all = facts.part.status == 304 || (has_body && facts.part.length == size);
  answer->offset = facts.part.first;
  answer->content = std::move(response.content);
  answer->body = std::move(response.body);
  if (answer->left > 0) answer->pass = std::move(response.pass);
  answer->on_done = std::move(response.on_done);
  worker_.metrics.count_response(facts.part.status);
  answer_ = std::move(answer);
}

// Sent on a turn of its own, so that a handler may write to one connection while it handles
// another.
bool HttpConnection::write_stream(uint64_t request_number, std::string_view bytes) {
  if (!place_ || !answer_ || !answer_->endless || requests_ != request_number) return false;
  if (answer_->left + bytes.size() > HttpStream::kMostUnsentBytes) {
    answer_->endless = false;  // nothing more is taken for it
    worker_.loop.post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->close();
    });
    return false;
  }
  answer_->body.erase(0, std::exchange(answer_->offset, 0));
  answer_->body.append(bytes);
  answer_->left += bytes.size();
  run_soon();
  return true;
}

void HttpConnection::end_stream(uint64_t request_number) {
  if (!place_ || !answer_ || !answer_->endless || requests_ != request_number) return;
  answer_->endless = false;
  run_soon();
}

void HttpConnection::run_soon() {
  worker_.loop.post([weak = weak_from_this()] {
    if (const auto self = weak.lock(); self && self->place_) self->run(self->worker_.loop.now());
  });
}

// All that was written is on its way: waits for more, and notices when the client leaves.
HttpConnection::Step HttpConnection::wait_for_stream(Now now) {
  answer_->body.clear();
  answer_->offset = 0;
  if (place_->phase != HttpPhase::Streaming)
    enter(HttpPhase::Streaming, config_->times.request, now);
  std::array<char, 1024> ignored;
  const ReadOutcome got = read_some(ignored);
  if (got.kind == ReadOutcome::Kind::Data) return Step::Continue;
  if (got.kind != ReadOutcome::Kind::NotYet) {
    close();
    return Step::Closed;
  }
  if (const Step flushed = flush(now); flushed != Step::Continue) return flushed;
  wait({.read = true});
  return Step::Wait;
}

// Posted, so that a handler may answer one connection while it handles another.
void HttpConnection::respond_later(uint64_t request_number, HttpResponse response) {
  worker_.loop.post([weak = weak_from_this(), request_number, response = std::move(response)] {
    const auto self = weak.lock();
    const bool awaited =
        self && self->place_ && self->answering_ && self->requests_ == request_number;
    if (!awaited) {
      if (response.on_done) response.on_done(false);
      return;
    }
    self->parse_again();
    self->respond(response);
    self->run(self->worker_.loop.now());
  });
}

// The bytes of a request stay in `in_` until it is answered.
void HttpConnection::parse_again() {
  parser_.reset();
  const auto state = parser_.parse(in_, config_->request, worker_.request);
  STORMDOOR_CHECK(state == HttpRequestParser::State::Complete, "it was complete before");
  request_known_ = true;
}

HttpConnection::Step HttpConnection::send_answer(Now now) {
  const bool has_all = answer_->head.empty() && answer_->left == 0 && unsent_.empty();
  if (answer_->endless && has_all) return wait_for_stream(now);
  if (place_->phase == HttpPhase::Streaming) request_began_ = now.steady;  // as if asked for anew
  if (time_left(now) <= milliseconds(0)) {
    worker_.metrics.timeouts.add();
    close();
    return Step::Closed;
  }
  if (place_->phase != HttpPhase::Sending) enter_sending(now);
  for (uint64_t sent_before = sent_; sent_ - sent_before < kMostPerTurn;) {
    if (!unsent_.empty())
      if (const Step flushed = flush(now); flushed != Step::Continue) return flushed;
    if (answer_->head.empty() && answer_->left == 0)
      return answer_->endless ? wait_for_stream(now) : finish_answer(now);
    // The head goes out at once: it says that we are there.
    if (answer_->head.empty() && allowance(now) == 0) return wait_for_turn(now);
    const Step step = tls_ ? send_encrypted(now) : send_plain(now);
    if (step != Step::Continue) return step;
  }
  wait({.write = true});
  return Step::Wait;
}

HttpConnection::Step HttpConnection::send_encrypted(Now now) {
  // Head and body in one record, if they fit.
  worker_.plain = std::exchange(answer_->head, {});
  const auto room = kHttpPieceBytes - std::min(worker_.plain.size(), kHttpPieceBytes);
  const auto piece = next_piece(std::min<uint64_t>(room, allowance(now)));
  bool good = piece.has_value();
  if (good && worker_.plain.empty()) {
    good = tls_->write(*piece, worker_.out);
  } else if (good) {
    worker_.plain.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    good = tls_->write(std::as_bytes(std::span(worker_.plain)), worker_.out);
  }
  if (!good) {
    close();
    return Step::Closed;
  }
  spend(piece->size());
  if (!is_last_piece()) return flush(now);
  tls_->close(worker_.out);
  return flush(now, MSG_MORE);
}

HttpConnection::Step HttpConnection::send_plain(Now now) {
  worker_.out.append(std::exchange(answer_->head, {}));
  const bool from_file = answer_->content && answer_->content->descriptor() >= 0;
  // A small file goes with its head; a large one from the page cache to the socket.
  const uint64_t most = std::min(kMostPerTurn, allowance(now));
  if (from_file && answer_->left > kHttpPieceBytes && most > 0) {
    if (const Step flushed = flush(now, MSG_MORE); flushed != Step::Continue) return flushed;
    return send_file(most, now);
  }
  const auto piece = next_piece(most);
  if (!piece) {
    close();
    return Step::Closed;
  }
  return send_both(*piece, now);
}

// `out` and a piece that stays where it is.
HttpConnection::Step HttpConnection::send_both(std::span<const std::byte> piece, Now now) {
  std::string& out = worker_.out;
  std::array<iovec, 2> parts{iovec{out.data(), out.size()},
                             iovec{const_cast<std::byte*>(piece.data()), piece.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  const int flags = is_last_piece() ? MSG_MORE : 0;
  const ssize_t result = sendmsg(fd_.get(), &message, MSG_NOSIGNAL | flags);
  if (result < 0 && !would_block()) {
    close();
    return Step::Closed;
  }
  const size_t sent = result < 0 ? 0 : static_cast<size_t>(result);
  note_sent(sent, now);
  const size_t of_out = std::min(sent, out.size());
  const size_t of_piece = sent - of_out;
  spend(of_piece);
  // next_piece() has taken the whole piece; give back what was not sent.
  answer_->offset -= piece.size() - of_piece;
  answer_->left += piece.size() - of_piece;
  unsent_.assign(out, of_out);
  unsent_from_ = 0;
  out.clear();
  if (unsent_.empty() && of_piece == piece.size()) return Step::Continue;
  wait({.write = true});
  return Step::Wait;
}

HttpConnection::Step HttpConnection::send_file(uint64_t most, Now now) {
  auto offset = static_cast<off_t>(answer_->offset);
  const size_t count = std::min(answer_->left, most);
  const ssize_t sent = sendfile(fd_.get(), answer_->content->descriptor(), &offset, count);
  if (sent < 0 && would_block()) {
    wait({.write = true});
    return Step::Wait;
  }
  // Nothing at all: the file was cut short. The client sees it by Content-Length.
  if (sent <= 0) {
    close();
    return Step::Closed;
  }
  note_sent(static_cast<size_t>(sent), now);
  spend(static_cast<uint64_t>(sent));
  answer_->offset += static_cast<uint64_t>(sent);
  answer_->left -= static_cast<uint64_t>(sent);
  return Step::Continue;
}

// Taken from the answer, and the connection ends behind it.
bool HttpConnection::is_last_piece() const {
  return answer_->left == 0 && answer_->close && !answer_->endless;
}

// The next bytes of the body, at most `most`; nothing when they cannot be read.
std::optional<std::span<const std::byte>> HttpConnection::next_piece(size_t most) {
  Answer& answer = *answer_;
  size_t size = std::min<uint64_t>(answer.left, most);
  std::span<const std::byte> piece;
  if (size == 0) {
    return piece;
  } else if (!answer.content || answer.content->descriptor() < 0) {
    const auto all =
        answer.content ? answer.content->in_memory() : std::as_bytes(std::span(answer.body));
    piece = all.subspan(answer.offset, size);
  } else {
    size = std::min(size, worker_.piece.size());
    const auto got = answer.content->read(answer.offset, std::span(worker_.piece).first(size));
    if (!got || *got == 0) return {};
    piece = std::span<const std::byte>(worker_.piece).first(*got);
  }
  answer.offset += piece.size();
  answer.left -= piece.size();
  return piece;
}

// Sends what waits in `unsent_` and `out`; what the socket does not take stays in `unsent_`.
HttpConnection::Step HttpConnection::flush(Now now, int flags) {
  std::string& out = worker_.out;
  if (!unsent_.empty() && !out.empty()) {
    unsent_.append(out);
    out.clear();
  }
  const std::string_view bytes =
      unsent_.empty() ? std::string_view(out) : std::string_view(unsent_).substr(unsent_from_);
  if (bytes.empty()) return Step::Continue;
  const ssize_t result = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | flags);
  const size_t sent = result < 0 ? 0 : static_cast<size_t>(result);
  if ((result < 0 && !would_block()) || bytes.size() - sent > kMostUnsent) {
    close();
    return Step::Closed;
  }
  note_sent(sent, now);
  if (sent == bytes.size()) {
    out.clear();
    unsent_ = {};
    unsent_from_ = 0;
    return Step::Continue;
  }
  if (unsent_.empty()) {
    unsent_.assign(bytes.substr(sent));
    unsent_from_ = 0;
    out.clear();
  } else {
    unsent_from_ += sent;
  }
  wait({.write = true});
  return Step::Wait;
}

HttpConnection::Step HttpConnection::finish_answer(Now now) {
  const auto answer = std::move(answer_);
  if (answer->on_done) answer->on_done(answer->gives_all);
  in_.erase(0, std::exchange(used_, 0));
  if (in_.empty()) in_ = {};  // an idle connection holds no buffer
  wanted_ = 0;
  parser_.reset();
  request_known_ = false;
  if (answer->close && (answer->linger || !in_.empty())) {
    shutdown(fd_.get(), SHUT_WR);
    enter(HttpPhase::Linger, config_->times.linger, now);
    return Step::Continue;
  }
  if (answer->close) {
    // The last piece waited for this, so that both go out as one packet. A stream has had none.
    if (tls_) say_goodbye();
    shutdown(fd_.get(), SHUT_WR);
    close();
    return Step::Closed;
  }
  const bool more = !in_.empty() || peer_ended_ || (tls_ && tls_->has_pending());
  enter(more ? HttpPhase::Header : HttpPhase::Idle,
        more ? config_->times.header : config_->times.idle, now);
  request_began_ = now.steady;
  if (more) return Step::Continue;
  wait({.read = true});
  return Step::Wait;
}

// A client that takes `progress_bytes` within `stall` may go on, until `request` is over.
void HttpConnection::enter_sending(Now now) {
  enter(HttpPhase::Sending, std::min(config_->times.stall, time_left(now)), now);
}

milliseconds HttpConnection::time_left(Now now) const {
  return std::chrono::ceil<milliseconds>(request_began_ + config_->times.request - now.steady);
}

void HttpConnection::note_sent(size_t bytes, Now now) {
  worker_.metrics.bytes_sent.add(bytes);
  sent_ += bytes;
  sent_in_phase_ += bytes;
  if (place_->phase == HttpPhase::Sending && sent_in_phase_ >= config_->progress_bytes)
    enter_sending(now);
}

}  // namespace stormdoor::http
