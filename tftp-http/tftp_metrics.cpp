#include "tftp-http/tftp_metrics.hpp"

namespace stormdoor::tftp {
namespace {

Counter& request(MetricsShard& shard, const char* result) {
  return shard.counter("stormdoor_tftp_requests_total", "TFTP requests, by what became of them",
                       {{"result", result}});
}

Counter& transfer(MetricsShard& shard, const char* end) {
  return shard.counter("stormdoor_tftp_transfers_total", "TFTP transfers, by how they ended",
                       {{"end", end}});
}

}  // namespace

TftpMetrics::TftpMetrics(MetricsShard& shard)
    : found(request(shard, "found")),
      not_found(request(shard, "not-found")),
      refused(request(shard, "refused")),
      busy(request(shard, "busy")),
      illegal(request(shard, "illegal")),
      silenced(request(shard, "silenced")),
      repeated(request(shard, "repeated")),
      complete(transfer(shard, "complete")),
      timed_out(transfer(shard, "timed-out")),
      given_up_by_peer(transfer(shard, "given-up-by-peer")),
      wrong_port(transfer(shard, "wrong-port")),
      evicted(transfer(shard, "evicted")),
      unreadable(transfer(shard, "unreadable")),
      active(shard.gauge("stormdoor_tftp_transfers", "TFTP transfers under way")),
      bytes(shard.counter("stormdoor_tftp_sent_bytes_total", "UDP payload sent by TFTP")),
      packets(shard.counter("stormdoor_tftp_sent_packets_total", "Packets sent by TFTP")),
      retransmissions(shard.counter("stormdoor_tftp_retransmissions_total",
                                    "TFTP packets that were sent again")),
      timeouts(shard.counter("stormdoor_tftp_timeouts_total",
                             "Times that a TFTP peer was waited for in vain")),
      strays(shard.counter("stormdoor_tftp_stray_packets_total",
                           "Packets at TFTP ports that belong to no transfer")),
      dropped(shard.counter("stormdoor_tftp_unsent_packets_total",
                            "TFTP packets that the kernel did not take")) {}

}  // namespace stormdoor::tftp
