#pragma once

#include <cstddef>
#include <cstdint>

#include "base/config_reader.hpp"
#include "tftp-http/tftp_book.hpp"
#include "tftp-http/tftp_transfer.hpp"
#include "tftp-http/tftp_unproven_budget.hpp"

namespace stormdoor::tftp {

// What a restart is needed for. All of it is per worker.
struct TftpSizes {
  // Everything from the well-known port, for NAT and containers: windows of 1, and nothing proves
  // that a peer receives what is sent to it (promise 4 does not hold; `status` says so).
  bool single_port = false;
  // Random ports that transfers share, for IPv4 and as many for IPv6; one descriptor each. A forger
  // has one guess per transfer which of them is its.
  size_t transfer_ports = 512;
  uint64_t request_queue_bytes = 32 << 20;  // of the well-known port, in the kernel
  TransferBook::Limits transfers;
  UnprovenBudget::Limits unproven;
  bool operator==(const TftpSizes&) const = default;
};

// What a reload changes, for transfers that begin afterwards.
struct TftpRules {
  size_t path_mtu = 1500;  // no answer is longer, so none is fragmented
  uint16_t most_window = 64;
  milliseconds first_timeout{1000};
  milliseconds least_timeout{100};
  milliseconds most_timeout{8000};
  milliseconds give_up{20'000};
  bool operator==(const TftpRules&) const = default;
};

struct TftpConfig {
  TftpSizes sizes;
  TftpRules rules;
};

// The [tftp] table but for `listen`, which belongs to whoever opens the ports.
[[nodiscard]] TftpConfig read_tftp_config(const ConfigTable& tftp);

}  // namespace stormdoor::tftp
