#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/unique_fd.hpp"
#include "edge/supervisor.hpp"

namespace stormdoor::edge {

// What a descriptor that crosses from the parent to the server is for.
enum class DescriptorRole {
  Tftp,         // a bound UDP socket, one per worker and address
  Http,         // a listening TCP socket, one per worker and address
  Https,        // the same
  LegacyHttps,  // the same, for phones that need TLS older than 1.2
  Status,       // a listening TCP socket for /metrics, /healthz and /api/v1
  StatusHttps,  // the same, over TLS
  Portal,       // a listening TCP socket for the portal, over TLS
  Control,      // the listening local socket
  MasterKey,    // the key file, open for reading
  // PEM files, open for reading; the number tells identities apart, not workers.
  TlsChain,
  TlsKey,
  TlsAuthority,        // our own authority's certificate, for people to import
  ApiToken,            // a text file, open for reading
  TlsClientAuthority,  // who signs phones' client certificates
};

struct DescriptorName {
  DescriptorRole role = DescriptorRole::Tftp;
  size_t number = 0;  // of the worker, or of the identity

  [[nodiscard]] std::string to_string() const;  // "tftp 0"
  static std::optional<DescriptorName> parse(std::string_view text);
};

struct Listeners {
  std::vector<Endpoint> tftp, http, https, legacy_https, status, status_https, portal;
  bool operator==(const Listeners&) const = default;
};

// Binds every address, TFTP and HTTP ones once per worker (SO_REUSEPORT). All or nothing; the error
// names the address. Port 0 becomes one port that all workers share.
// The TFTP sockets' queues get `request_queue_bytes`, which only the privileged may ask for.
Result<std::vector<NamedDescriptor>> open_listeners(const Listeners& listeners, size_t workers,
                                                    uint64_t request_queue_bytes);

}  // namespace stormdoor::edge
