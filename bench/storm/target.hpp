#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "bench/storm/fetch.hpp"
#include "bench/storm/tls_client.hpp"

namespace stormdoor::storm {

// The server that the storm falls upon: whatever of the three it offers.
struct Target {
  std::optional<Endpoint> tftp;
  std::optional<Endpoint> http;
  std::optional<Endpoint> https;
  const TlsClient* tls = nullptr;  // for https; outlives the storm
  std::string host;                // Host header and SNI; empty: the address
  std::string folder = "/";        // before every file name, over HTTP and HTTPS

  [[nodiscard]] const std::optional<Endpoint>& endpoint(Transport transport) const;
};

// Where an address in a configuration leads. Only numeric hosts are connected to directly; a name
// means the target's own address.
struct UrlTarget {
  Transport transport = Transport::Https;
  Endpoint server;
  std::string host;
  std::string folder;  // starts and ends with a slash
};

// "https://host:port/folder"; without a scheme (some vendors keep it elsewhere) `fallback` is it.
[[nodiscard]] Result<UrlTarget> read_url(std::string_view url, const Target& target,
                                         Transport fallback);

}  // namespace stormdoor::storm
