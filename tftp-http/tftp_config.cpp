#include "tftp-http/tftp_config.hpp"

#include <chrono>

namespace stormdoor::tftp {
namespace {

size_t read_count(const ConfigTable& table, std::string_view key, size_t fallback, size_t least,
                  size_t most) {
  return static_cast<size_t>(table.integer(key, static_cast<int64_t>(fallback),
                                           static_cast<int64_t>(least),
                                           static_cast<int64_t>(most)));
}

TftpSizes read_sizes(const ConfigTable& tftp) {
  TftpSizes s;
  s.single_port = tftp.boolean("single_port", s.single_port);
  s.transfer_ports = read_count(tftp, "transfer_ports", s.transfer_ports, 16, 16'384);
  s.request_queue_bytes = tftp.size("request_queue", s.request_queue_bytes, 64 << 10, 1ULL << 30);
  s.transfers.transfers = read_count(tftp, "transfers", s.transfers.transfers, 16, 1'000'000);
  s.transfers.per_source =
      read_count(tftp, "transfers_per_source", s.transfers.per_source, 1, 1'000'000);
  s.transfers.unproven =
      read_count(tftp, "unproven_transfers", s.transfers.unproven, 16, 1'000'000);
  s.transfers.unproven_per_source = read_count(tftp, "unproven_transfers_per_source",
                                               s.transfers.unproven_per_source, 1, 1'000'000);
  s.transfers.unproven_per_group = read_count(tftp, "unproven_transfers_per_group",
                                              s.transfers.unproven_per_group, 1, 1'000'000);
  s.unproven.burst_bytes = tftp.size("unproven_burst", s.unproven.burst_bytes, 4 << 10, 1ULL << 30);
  s.unproven.bytes_per_second =
      tftp.size("unproven_per_second", s.unproven.bytes_per_second, 512, 1ULL << 30);
  return s;
}

TftpRules read_rules(const ConfigTable& tftp) {
  using namespace std::chrono_literals;
  TftpRules r;
  r.path_mtu = read_count(tftp, "path_mtu", r.path_mtu, 576, 65'535);
  r.most_window = static_cast<uint16_t>(read_count(tftp, "most_window", r.most_window, 1, 1024));
  r.first_timeout = tftp.duration("first_timeout", r.first_timeout, 50ms, 60s);
  r.least_timeout = tftp.duration("least_timeout", r.least_timeout, 20ms, 60s);
  r.most_timeout = tftp.duration("most_timeout", r.most_timeout, 100ms, 120s);
  r.give_up = tftp.duration("give_up", r.give_up, 1s, 10min);
  return r;
}

}  // namespace

TftpConfig read_tftp_config(const ConfigTable& tftp) {
  TftpConfig config{read_sizes(tftp), read_rules(tftp)};
  const TftpRules& r = config.rules;
  if (r.least_timeout > r.most_timeout)
    tftp.error_at("least_timeout", "is longer than most_timeout; it should be at most as long");
  if (r.give_up < r.first_timeout)
    tftp.error_at("give_up",
                  "is shorter than first_timeout, so that nothing would ever be sent again; it "
                  "should be several times as long");
  const TransferBook::Limits& t = config.sizes.transfers;
  if (t.unproven > t.transfers)
    tftp.error_at("unproven_transfers", "is more than transfers; it should be at most as many");
  return config;
}

}  // namespace stormdoor::tftp
