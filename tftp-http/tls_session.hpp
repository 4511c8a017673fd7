#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/mac_address.hpp"
#include "tftp-http/tls_context.hpp"

struct ssl_st;
struct bio_st;

namespace stormdoor::http {

// What a read from a socket, encrypted or not, came to.
struct ReadOutcome {
  enum class Kind : uint8_t {
    Data,    // `bytes` bytes
    NotYet,  // wait until the socket is readable
    End,     // the peer will send no more, but may still read
    Broken,
  };
  Kind kind = Kind::NotYet;
  size_t bytes = 0;
};

// One TLS connection, server side. Reads from its socket; never writes to it: what is to be sent is
// appended to the `out` given with each call, so that the caller sends a handshake's end, an answer
// and the close in one piece. Lives on its connection's thread.
class TlsSession {
 public:
  // Keeps the context alive. `fd` is borrowed.
  TlsSession(std::shared_ptr<const TlsContext> context, int fd);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  enum class Handshake : uint8_t { Done, NotYet, Failed };
  Handshake handshake(WallTime now, std::string& out);
  ReadOutcome read(std::span<char> into, std::string& out);
  // Encrypts all of it.
  [[nodiscard]] bool write(std::span<const std::byte> bytes, std::string& out);
  // Appends the closing alert.
  void close(std::string& out);

  // Whether OpenSSL holds bytes that it has read already: the socket will not become readable for
  // them.
  [[nodiscard]] bool has_pending() const;

  // After the handshake: "TLSv1.3", whether it was resumed, and the MAC that a client certificate
  // of our authorities names.
  [[nodiscard]] std::string_view version() const;
  [[nodiscard]] bool resumed() const;
  [[nodiscard]] std::optional<MacAddress> certificate_mac() const;

 private:
  friend struct TicketCallback;
  friend struct ClientCallback;
  friend struct SocketBio;

  std::shared_ptr<const TlsContext> context_;
  int fd_;
  std::string* out_ = nullptr;  // during a call
  WallTime now_{};
  bool drained_ = false;  // in this call the socket gave less than it was asked for
  ssl_st* ssl_ = nullptr;
};

}  // namespace stormdoor::http
