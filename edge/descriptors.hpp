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
  Tftp,           // a bound UDP socket, one per worker and address
  Http,           // a listening TCP socket, one per worker and address
  Https,          // the same
  Status,         // a listening TCP socket for /metrics and /healthz
  Control,        // the listening local socket
  MasterKey,      // the key file, open for reading
  TlsEcdsaChain,  // PEM files, open for reading
  TlsEcdsaKey,
  TlsRsaChain,
  TlsRsaKey,
  TlsClientAuthority,
  TlsTicketKey,
};

struct DescriptorName {
  DescriptorRole role = DescriptorRole::Tftp;
  size_t worker = 0;

  [[nodiscard]] std::string to_string() const;  // "tftp 0"
  static std::optional<DescriptorName> parse(std::string_view text);
};

struct Listeners {
  std::vector<Endpoint> tftp, http, https, status;
};

// Binds every address, TFTP and HTTP ones once per worker (SO_REUSEPORT). All or nothing; the error
// names the address. Port 0 becomes one port that all workers share.
Result<std::vector<NamedDescriptor>> open_listeners(const Listeners& listeners, size_t workers);

}  // namespace stormdoor::edge
