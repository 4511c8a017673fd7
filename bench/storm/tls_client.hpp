#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"

namespace stormdoor::storm {

// How simulated phones speak TLS: one context for all phones of a loop. Each connection makes a
// full handshake, as after a boot, unless it `resumes`. A certificate chain that has been verified
// is remembered by its leaf, so that thousands of phones verify it once. Creating one makes the
// process ignore SIGPIPE: OpenSSL writes to sockets by write(2).
class TlsClient {
 public:
  enum class Version : uint8_t { Any, Tls12, Tls13 };  // Any: 1.2 or 1.3
  struct Options {
    std::string ca_file;      // authorities in PEM; empty: whoever answers is believed
    bool check_names = true;  // with authorities: whether the certificate must be for the host
    Version version = Version::Any;
    std::string certificate_file = {}, key_file = {};  // of the phone; empty: none
    // Each connection takes up the latest session of any (all phones are one to the server then).
    bool resumes = false;
  };
  static Result<std::unique_ptr<TlsClient>> create(const Options& options);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // How many handshakes took an earlier session up.
  [[nodiscard]] uint64_t resumed() const;

  struct State;
  [[nodiscard]] State& state() const { return *state_; }

 private:
  explicit TlsClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::storm
