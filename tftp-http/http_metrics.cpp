#include "tftp-http/http_metrics.hpp"

namespace stormdoor::http {
namespace {

Counter& refused(MetricsShard& shard, const char* reason) {
  return shard.counter("stormdoor_http_refused_total",
                       "Connections and requests refused before anything was served",
                       {{"reason", reason}});
}
Counter& handshake(MetricsShard& shard, const char* result) {
  return shard.counter("stormdoor_http_handshakes_total", "TLS handshakes", {{"result", result}});
}
Counter& response(MetricsShard& shard, const char* status) {
  return shard.counter("stormdoor_http_responses_total", "Answers by class of status",
                       {{"status", status}});
}

}  // namespace

HttpMetrics::HttpMetrics(MetricsShard& shard)
    : open(shard.gauge("stormdoor_http_connections_open", "Open HTTP and HTTPS connections")),
      connections(shard.counter("stormdoor_http_connections_total", "Connections accepted")),
      refused_by_rule(refused(shard, "rule")),
      refused_per_source(refused(shard, "too-many-connections")),
      evicted(shard.counter("stormdoor_http_evicted_total",
                            "Idle or slow connections closed to make room for new ones")),
      handshakes(handshake(shard, "full")),
      handshakes_resumed(handshake(shard, "resumed")),
      handshakes_failed(handshake(shard, "failed")),
      handshakes_waiting(shard.gauge("stormdoor_https_waiting",
                                     "Connections that wait to begin their TLS handshake")),
      handshakes_turned_away(refused(shard, "too-many-handshakes")),
      admission_seconds(shard.histogram("stormdoor_https_wait_seconds",
                                        "How long those waited that had to", latency_bounds())),
      requests(shard.counter("stormdoor_http_requests_total", "Requests handed to a handler")),
      bad_requests(refused(shard, "bad-request")),
      responses_2xx(response(shard, "2xx")),
      responses_3xx(response(shard, "3xx")),
      responses_4xx(response(shard, "4xx")),
      responses_5xx(response(shard, "5xx")),
      unfinished(shard.counter("stormdoor_http_unfinished_total", "Answers that were cut off")),
      timeouts(shard.counter("stormdoor_http_timeouts_total",
                             "Connections closed because the client was too slow")),
      bytes_sent(shard.counter("stormdoor_http_sent_bytes_total",
                               "Bytes sent, TLS and headers included")) {}

void HttpMetrics::count_response(int status) {
  if (status < 300)
    responses_2xx.add();
  else if (status < 400)
    responses_3xx.add();
  else if (status < 500)
    responses_4xx.add();
  else
    responses_5xx.add();
}

}  // namespace stormdoor::http
