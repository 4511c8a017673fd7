#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/unique_fd.hpp"
#include "bench/storm/tls_client.hpp"

namespace stormdoor::storm {

// A nonblocking connection, plain or with TLS: connecting, shaking hands, reading and writing in
// small steps. Each step says what to wait for. One thread.
class Stream {
 public:
  enum class Wants : uint8_t { Nothing, Read, Write };
  struct Step {
    Wants wants = Wants::Nothing;  // Nothing: the step is done
    size_t bytes = 0;              // read or written
    bool closed = false;           // the peer has ended the stream
    std::string failure;           // not empty: the connection is of no use any more
  };

  // Starts to connect from `source` ("::" leaves the choice to the kernel). `tls` nullptr: plain;
  // else borrowed. `host` is for SNI unless it is an address.
  static Result<Stream> connect(const Endpoint& server, const IpAddress& source,
                                const TlsClient* tls, const std::string& host);
  ~Stream();
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;

  [[nodiscard]] int fd() const { return fd_.get(); }
  // Until it wants nothing: connected, handshake done.
  Step open();
  Step write(std::string_view bytes);
  Step read(std::span<std::byte> room);

 private:
  struct Tls;
  Stream(UniqueFd fd, std::unique_ptr<Tls> tls);
  Step tls_step(int result);

  UniqueFd fd_;
  std::unique_ptr<Tls> tls_;
  bool connected_ = false;
};

}  // namespace stormdoor::storm
