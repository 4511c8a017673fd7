#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "edge/pbx_config.hpp"
#include "hotdesk/pbx_accounts.hpp"

namespace stormdoor::edge {

// Where accounts are handed over: a registrar's database or file. Used by one thread at a time,
// which it blocks for as long as disks and commands take.
class PbxTarget {
 public:
  virtual ~PbxTarget() = default;
  // Makes these the accounts that the PBX has of us, and returns once it has them, as far as it can
  // be asked. The first call compares with all that is there, later ones write what differs; after
  // an error, and after what others changed, everything is compared again. `stop` ends commands
  // early. No error holds a secret.
  virtual Result<void> apply(const std::vector<hotdesk::PbxAccount>& accounts,
                             const std::atomic<bool>& stop) = 0;
};

// Of a configuration whose target is not Off.
[[nodiscard]] std::unique_ptr<PbxTarget> make_pbx_target(const PbxAccountsConfig& config);

}  // namespace stormdoor::edge
