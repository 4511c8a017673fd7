#include "tftp-http/http_config.hpp"

#include <chrono>

#include "base/config_reader.hpp"

namespace stormdoor::http {
namespace {

size_t read_count(const ConfigTable& table, std::string_view key, size_t fallback, size_t least,
                  size_t most) {
  return static_cast<size_t>(table.integer(key, static_cast<int64_t>(fallback),
                                           static_cast<int64_t>(least),
                                           static_cast<int64_t>(most)));
}

HttpRequestLimits read_request_limits(const ConfigTable& http) {
  HttpRequestLimits limits;
  limits.request_line_bytes = http.size("request_line", limits.request_line_bytes, 256, 64 * 1024);
  limits.head_bytes = http.size("request_head", limits.head_bytes, 1024, 64 * 1024);
  limits.header_count = read_count(http, "request_headers", limits.header_count, 8, 1000);
  return limits;
}

HttpTimes read_times(const ConfigTable& http) {
  using namespace std::chrono_literals;
  HttpTimes times;
  times.handshake = http.duration("handshake_time", times.handshake, 100ms, 5min);
  times.header = http.duration("header_time", times.header, 100ms, 5min);
  times.answer = http.duration("answer_time", times.answer, 1s, 10min);
  times.stall = http.duration("stall_time", times.stall, 1s, 10min);
  times.request = http.duration("request_time", times.request, 1s, 24h);
  times.idle = http.duration("idle_time", times.idle, 100ms, 1h);
  return times;
}

}  // namespace

HttpConfig read_http_config(const ConfigTable& http) {
  HttpConfig config;
  config.request = read_request_limits(http);
  config.times = read_times(http);
  config.connections = read_count(http, "connections", config.connections, 16, 1'000'000);
  config.connections_per_source =
      read_count(http, "connections_per_source", config.connections_per_source, 1, 1'000'000);
  config.requests_per_connection =
      read_count(http, "requests_per_connection", config.requests_per_connection, 1, 1'000'000);
  config.handshakes = read_count(http, "handshakes", config.handshakes, 1, 100'000);
  config.handshakes_waiting =
      read_count(http, "handshakes_waiting", config.handshakes_waiting, 1, 1'000'000);
  config.progress_bytes = http.size("progress", config.progress_bytes, 1, 1 << 20);
  const milliseconds second = seconds(1), day = std::chrono::hours(24);
  const auto in_seconds = [](milliseconds time) {
    return static_cast<uint32_t>(time / seconds(1));
  };
  config.retry_after_least = in_seconds(
      http.duration("retry_after_least", seconds(config.retry_after_least), second, day));
  config.retry_after_most =
      in_seconds(http.duration("retry_after_most", seconds(config.retry_after_most), second, day));
  if (config.retry_after_least > config.retry_after_most)
    http.error_at("retry_after_least",
                  "is longer than retry_after_most; it should be at most as long");
  if (config.request.request_line_bytes > config.request.head_bytes)
    http.error_at("request_line", "is more than request_head, which includes it");
  return config;
}

}  // namespace stormdoor::http
