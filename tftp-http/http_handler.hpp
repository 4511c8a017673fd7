#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "tftp-http/http_request.hpp"
#include "tftp-http/http_response.hpp"

namespace stormdoor::http {

// Who is at the other end of a connection.
struct HttpPeer {
  Endpoint remote;
  bool tls = false;
  // Proven by a client certificate of the configured authority (tls_context.hpp).
  std::optional<MacAddress> certificate_mac;
};

class HttpConnection;

// The right to answer one request later, from the same thread. When the connection has gone
// meanwhile, send() does nothing but call the response's on_done(false). Dropped unsent, it answers
// 500.
class HttpReply {
 public:
  HttpReply(std::weak_ptr<HttpConnection> connection, uint64_t request_number)
      : connection_(std::move(connection)), request_number_(request_number) {}
  HttpReply(HttpReply&&) noexcept = default;
  HttpReply& operator=(HttpReply&&) = delete;
  ~HttpReply();

  void send(HttpResponse response);

 private:
  std::weak_ptr<HttpConnection> connection_;
  uint64_t request_number_;
};

// An answer whose body comes bit by bit and has no end that is known, as server-sent events have:
// it ends with the connection. From the same thread. Dropped, it ends the answer.
class HttpStream {
 public:
  static constexpr size_t kMostUnsentBytes = size_t{256} * 1024;

  HttpStream(std::weak_ptr<HttpConnection> connection, uint64_t request_number)
      : connection_(std::move(connection)), request_number_(request_number) {}
  HttpStream(HttpStream&&) noexcept = default;
  HttpStream& operator=(HttpStream&&) noexcept;
  ~HttpStream();

  // False: the client has gone; or it is cut off now, because kMostUnsentBytes wait for it.
  bool write(std::string_view bytes);

 private:
  void end();

  std::weak_ptr<HttpConnection> connection_;
  uint64_t request_number_;
};

// One request waiting for its answer. Lives as long as the call to handle(); so do all its views.
class HttpExchange {
 public:
  HttpExchange(HttpConnection& connection, const HttpRequest& request, const HttpPeer& peer,
               std::string_view body, Now now)
      : connection_(connection), request_(request), peer_(peer), body_(body), now_(now) {}

  [[nodiscard]] const HttpRequest& request() const { return request_; }
  [[nodiscard]] const HttpPeer& peer() const { return peer_; }
  [[nodiscard]] std::string_view body() const { return body_; }
  [[nodiscard]] Now now() const { return now_; }

  // Answers now. Once, and not after later().
  void respond(HttpResponse response);
  // Promises an answer for later; it must come within HttpTimes::answer.
  [[nodiscard]] HttpReply later();
  // Answers now with a body that begins like the response's and goes on for as long as the stream
  // lives. HttpTimes::stall holds for what was written, HttpTimes::request between two writes.
  [[nodiscard]] HttpStream stream(HttpResponse response);
  // Whether later() was called.
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  HttpConnection& connection_;
  const HttpRequest& request_;
  const HttpPeer& peer_;
  std::string_view body_;
  Now now_;
  bool taken_ = false;
};

// What is behind the server. One per worker, called on its thread; must not block.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  // Must call respond() or later() on the exchange; a handler that does neither is answered for
  // with 500.
  virtual void handle(HttpExchange& exchange) = 0;
  // For the Allow header and to refuse the rest with 405 before handle() sees them.
  [[nodiscard]] virtual std::string_view allowed_methods() const { return "GET, HEAD"; }
  // How long a body this request may have, if that is less than HttpRequestLimits allow; 413 before
  // it is read.
  [[nodiscard]] virtual size_t most_body_bytes(const HttpRequest& /*request*/, Now /*now*/) const {
    return SIZE_MAX;
  }
};

// Decides by source, before a byte is read or a handshake is paid for, and again before each
// further request of a connection.
class HttpGate {
 public:
  virtual ~HttpGate() = default;
  // Nothing: come in. Else a sentence for people that says why not. Over plain HTTP they get to
  // read it (403); a TLS connection is closed before its handshake, which costs us most.
  virtual std::optional<std::string> refuse(const IpAddress& source, Now now) = 0;
};

}  // namespace stormdoor::http
