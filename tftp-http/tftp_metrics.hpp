#pragma once

#include "base/metrics.hpp"

namespace stormdoor::tftp {

// What one worker's TFTP server counts.
struct TftpMetrics {
  explicit TftpMetrics(MetricsShard& shard);

  // Requests by what became of them.
  Counter& found;
  Counter& not_found;
  Counter& refused;   // not for this source; an upload
  Counter& busy;      // a bound was reached
  Counter& illegal;   // not a request that we can serve: mail mode, malformed
  Counter& silenced;  // the unproven budget of its group was used up
  Counter& repeated;  // for a transfer that is already there
  // Transfers by how they ended.
  Counter& complete;
  Counter& timed_out;
  Counter& given_up_by_peer;  // it sent an error
  Counter& wrong_port;        // acknowledged at a port that is not its own
  Counter& evicted;           // made room, or was replaced by a new request of the same endpoint
  Counter& unreadable;        // the file failed us
  Gauge& active;
  Counter& bytes;            // sent, UDP payload
  Counter& packets;          // sent
  Counter& retransmissions;  // of those
  Counter& timeouts;
  Counter& strays;   // packets that belong to no transfer
  Counter& dropped;  // answers that the kernel did not take
};

}  // namespace stormdoor::tftp
