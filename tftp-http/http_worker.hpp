#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop/event_loop.hpp"
#include "tftp-http/handshake_door.hpp"
#include "tftp-http/http_config.hpp"
#include "tftp-http/http_connection_table.hpp"
#include "tftp-http/http_handler.hpp"
#include "tftp-http/http_metrics.hpp"
#include "tftp-http/http_source_counts.hpp"
#include "tftp-http/http_wakes.hpp"

namespace stormdoor::http {

inline constexpr size_t kHttpPieceBytes = size_t{64} * 1024;

// What all connections of one worker share: the server's parts, its settings, and room to work in,
// so that a connection that waits holds no buffers. HttpServer owns it.
struct HttpWorker {
  loop::EventLoop& loop;
  HttpHandler& handler;
  HttpGate& gate;
  HttpSourceCounts& sources;
  HttpMetrics metrics;
  std::shared_ptr<const HttpConfig> config;
  HttpConnectionTable table;
  HttpWakes wakes;
  HandshakeDoor door{loop, metrics};
  bool draining = false;
  std::function<void()> on_closed;  // a connection has gone

  // Valid only within one call into one connection.
  HttpRequest request;
  std::string out;    // to the socket
  std::string plain;  // to be encrypted into `out`
  std::vector<std::byte> piece = std::vector<std::byte>(kHttpPieceBytes);

  // The Date header's value.
  [[nodiscard]] std::string_view date(WallTime now) {
    const auto second = std::chrono::floor<seconds>(now);
    if (second != date_second_ || date_.empty()) {
      date_ = format_http_date(now);
      date_second_ = second;
    }
    return date_;
  }

  std::string date_{};
  std::chrono::sys_seconds date_second_{};
};

}  // namespace stormdoor::http
