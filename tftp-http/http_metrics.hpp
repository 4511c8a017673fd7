#pragma once

#include "base/metrics.hpp"

namespace stormdoor::http {

// What one worker's HTTP server counts.
struct HttpMetrics {
  explicit HttpMetrics(MetricsShard& shard);

  // Counts a response under its class of status.
  void count_response(int status);

  Gauge& open;                  // connections
  Counter& connections;         // accepted
  Counter& refused_by_rule;     // by HttpGate
  Counter& refused_per_source;  // over connections_per_source
  Counter& evicted;             // closed to make room
  Counter& handshakes;          // finished
  Counter& handshakes_resumed;  // of them, by a ticket
  Counter& handshakes_failed;
  Gauge& handshakes_waiting;        // to begin (HandshakeDoor)
  Counter& handshakes_turned_away;  // because too many waited
  Histogram& admission_seconds;     // of those that waited
  Counter& requests;
  Counter& bad_requests;  // refused by the parser
  Counter& responses_2xx;
  Counter& responses_3xx;
  Counter& responses_4xx;
  Counter& responses_5xx;
  Counter& unfinished;  // answers that were cut off
  Counter& timeouts;
  Counter& bytes_sent;
};

}  // namespace stormdoor::http
