#include "bench/storm/http_client.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/crypto/crypto.hpp"

namespace stormdoor::storm {
namespace {

// One read takes a TLS record or a socket's share; the loop comes again for more.
constexpr size_t kReadBytes = size_t{32} * 1024;
constexpr int kReadsPerTurn = 8;

milliseconds retry_after(const HttpResponse& response, milliseconds fallback) {
  for (const std::string_view value : response.values("retry-after")) {
    int after = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), after);
    if (error == std::errc() && after >= 0) return seconds(after);
  }
  return fallback;
}

}  // namespace

HttpClient::HttpClient(StormLoop& storm, const IpAddress& source)
    : storm_(storm), source_(source), deadline_(storm, [this] { on_deadline(); }) {}
HttpClient::~HttpClient() = default;

bool HttpClient::same_peer() const {
  return stream_ && peer_ == request_.server && peer_tls_ == request_.tls;
}

void HttpClient::fetch(HttpRequest request, OnDone on_done) {
  STORMDOOR_CHECK(phase_ == Phase::Idle, "a phone reads one file at a time");
  request_ = std::move(request);
  if (request_.host.empty()) request_.host = request_.server.address.to_string();
  on_done_ = std::move(on_done);
  attempts_ = 0;
  retries_ = 0;
  heard_ = false;
  begin_attempt();
}

void HttpClient::disconnect() {
  io_.reset();
  stream_.reset();
}

void HttpClient::begin_attempt() {
  ++attempts_;
  authorization_.clear();
  reused_ = same_peer();
  deadline_.set(storm_.now().steady + request_.patience.timeout);
  if (reused_) return send_request();
  connect();
}

void HttpClient::connect() {
  disconnect();
  ++connections_;
  phase_ = Phase::Opening;
  auto stream = Stream::connect(request_.server, source_, request_.tls, request_.host);
  if (!stream) {
    // By the deadline, not from within fetch(): the caller is still busy with the file before.
    phase_ = Phase::Failing;
    failure_ = stream.error().message();
    deadline_.set(storm_.now().steady);
    return;
  }
  stream_.emplace(std::move(*stream));
  peer_ = request_.server;
  peer_tls_ = request_.tls;
  io_.emplace(storm_.loop(), stream_->fd(), [this](loop::Readiness) { on_ready(); });
  wait(Stream::Wants::Write);
}

void HttpClient::wait(Stream::Wants wants) {
  io_->wait_for({.read = wants == Stream::Wants::Read, .write = wants == Stream::Wants::Write});
}

void HttpClient::send_request() {
  out_ = fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\n", request_.path, request_.host,
                     request_.server.port);
  if (!request_.user_agent.empty()) out_ += "User-Agent: " + request_.user_agent + "\r\n";
  if (!authorization_.empty()) out_ += "Authorization: " + authorization_ + "\r\n";
  if (request_.closes) out_ += "Connection: close\r\n";
  out_ += "Accept: */*\r\n\r\n";
  written_ = 0;
  response_.emplace(request_.hashed);
  phase_ = Phase::Writing;
  if (write_some()) wait(Stream::Wants::Read);
}

// Whether all has been written and the answer is awaited.
bool HttpClient::write_some() {
  while (written_ < out_.size()) {
    const Stream::Step step = stream_->write(std::string_view(out_).substr(written_));
    if (!step.failure.empty() || step.closed) {
      broken(step.failure.empty() ? "connection closed" : step.failure, true);
      return false;
    }
    if (step.wants != Stream::Wants::Nothing) {
      wait(step.wants);
      return false;
    }
    written_ += step.bytes;
  }
  phase_ = Phase::Reading;
  return true;
}

void HttpClient::on_ready() {
  if (phase_ == Phase::Idle || phase_ == Phase::Waiting) return disconnect();  // it hung up
  if (phase_ == Phase::Opening) {
    const Stream::Step step = stream_->open();
    if (!step.failure.empty() || step.closed)
      return broken(step.failure.empty() ? "connection closed" : step.failure, true);
    if (step.wants != Stream::Wants::Nothing) return wait(step.wants);
    return send_request();
  }
  if (phase_ == Phase::Writing) {
    if (write_some()) wait(Stream::Wants::Read);
    return;
  }
  for (int i = 0; i < kReadsPerTurn; ++i)
    if (!read_some()) return;
}

// Whether there may be more to read now.
bool HttpClient::read_some() {
  std::array<std::byte, kReadBytes> room;
  const Stream::Step step = stream_->read(room);
  if (step.wants != Stream::Wants::Nothing) {
    wait(step.wants);
    return false;
  }
  if (!step.failure.empty() || step.closed) {
    const bool silent = !response_->begun();
    if (step.closed && response_->close()) {
      answered();
    } else if (step.failure.empty()) {
      broken(silent ? "connection closed" : "answer cut short", silent);
    } else {
      broken(step.failure, silent);
    }
    return false;
  }
  const auto used = response_->feed(std::span(room).first(step.bytes));
  if (!used) {
    broken(used.error().message(), false);
    return false;
  }
  deadline_.set(storm_.now().steady + request_.patience.timeout);
  if (!response_->ended()) return true;
  answered();
  return false;
}

void HttpClient::answered() {
  heard_ = true;
  const int status = response_->status();
  if (!response_->keeps_alive()) disconnect();
  if (status == 401 && request_.login && authorization_.empty() && login()) return;
  if (status >= 500 || status == 429) {
    const HttpPatience& patience = request_.patience;
    return failed(fmt::format("HTTP {}", status), patience.heeds_retry_after
                                                      ? retry_after(*response_, patience.between)
                                                      : patience.between);
  }
  FetchResult result;
  result.status = status;
  result.body = response_->take_body();
  if (status == 200) {
    result.outcome = FetchResult::Outcome::Found;
  } else {
    result.reason = fmt::format("HTTP {}", status);
    if (status == 404 || status == 410) result.outcome = FetchResult::Outcome::Missing;
    if (status == 401 || status == 403) result.outcome = FetchResult::Outcome::Refused;
  }
  end(std::move(result));
}

// Whether the challenge could be answered; asks again then.
bool HttpClient::login() {
  authorization_ = answer_challenge(*request_.login, response_->values("www-authenticate"),
                                    request_.path, crypto::random_token(9));
  if (authorization_.empty()) return false;
  if (stream_) {
    send_request();
  } else {
    connect();
  }
  return true;
}

// `silent`: before a byte of the answer.
void HttpClient::broken(const std::string& reason, bool silent) {
  disconnect();
  if (reused_ && silent) {
    // The server had ended a kept connection: no failure, a new one (RFC 9112, 9.3.1).
    reused_ = false;
    return connect();
  }
  failed(reason, request_.patience.between);
}

void HttpClient::failed(std::string reason, milliseconds until_next) {
  if (attempts_ < request_.patience.tries) {
    phase_ = Phase::Waiting;
    deadline_.set(storm_.now().steady + until_next);
    return;
  }
  FetchResult result;
  result.reason = std::move(reason);
  result.hung_up = !heard_;
  if (response_ && response_->ended()) result.status = response_->status();
  end(std::move(result));
}

void HttpClient::on_deadline() {
  if (phase_ == Phase::Idle) return;
  if (phase_ == Phase::Waiting) {
    ++retries_;
    return begin_attempt();
  }
  if (phase_ == Phase::Failing) return failed(failure_, request_.patience.between);
  disconnect();
  failed("time-out", milliseconds{0});
}

void HttpClient::end(FetchResult result) {
  deadline_.clear();
  phase_ = Phase::Idle;
  result.retries = retries_;
  result.most_tries = static_cast<uint32_t>(std::max(attempts_, 1));
  response_.reset();
  // A kept connection is watched for its end while nothing is asked.
  if (stream_) wait(Stream::Wants::Read);
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(std::move(result));
}

}  // namespace stormdoor::storm
