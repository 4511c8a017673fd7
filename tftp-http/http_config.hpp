#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "tftp-http/http_request.hpp"

namespace stormdoor {
class ConfigTable;
}

namespace stormdoor::http {

// How long a client may take for each step; then its connection is closed.
struct HttpTimes {
  milliseconds handshake{10'000};   // from accept to the end of the TLS handshake
  milliseconds header{10'000};      // from its beginning to a complete request (answered with 408)
  milliseconds answer{30'000};      // for our own handler (answered with 503)
  milliseconds stall{30'000};       // to take `progress_bytes` of an answer, or what is left of it
  milliseconds request{1'800'000};  // from its first byte to the last of the answer
  milliseconds idle{15'000};        // between two requests
  milliseconds linger{2'000};       // for what a refused client still sends
  bool operator==(const HttpTimes&) const = default;
};

// One worker's HTTP server. All of it is applied by a reload, to new connections.
struct HttpConfig {
  HttpRequestLimits request;
  HttpTimes times;
  size_t connections = 10'000;            // per worker
  size_t connections_per_source = 1'024;  // over all workers; a source is a /32 or a /64
  size_t requests_per_connection = 1'000;
  size_t handshakes = 128;           // TLS handshakes begun in one turn of a worker's loop
  size_t handshakes_waiting = 8192;  // and connections that wait to begin theirs
  size_t progress_bytes = 16'384;
  // Retry-After of a 503, in seconds: spread evenly between these.
  uint32_t retry_after_least = 5;
  uint32_t retry_after_most = 30;
  bool operator==(const HttpConfig&) const = default;
};

// Reads the table [http] (without its listeners, which are the daemon's).
HttpConfig read_http_config(const ConfigTable& table);

}  // namespace stormdoor::http
