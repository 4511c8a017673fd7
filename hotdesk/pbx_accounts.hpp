#pragma once

#include <string>
#include <vector>

#include "base/secret.hpp"
#include "hotdesk/registry.hpp"

// What a registrar has to know so that the phones of a registry can register. Pure; any thread.
namespace stormdoor::hotdesk {

// One SIP account as phones are told it.
struct PbxAccount {
  std::string account;  // key: an extension, or a phone's device account
  Secret secret;
  std::string display_name;  // the user's name, or the label of the phone's location; may be empty
  bool device = false;       // a phone's own account, for while nobody is logged in there
  std::string emergency_number = {};  // of a device account: its location's; else empty
  bool operator==(const PbxAccount&) const = default;
};

// Every user who has a secret, and the device accounts of the phones that register with them: those
// that are nobody's, and hot-desk phones at which nobody is logged in. By account, each once.
[[nodiscard]] std::vector<PbxAccount> pbx_accounts(const Registry& registry);

// What leads from one such list to another.
struct PbxDifference {
  std::vector<PbxAccount> added, changed;
  std::vector<std::string> removed;

  [[nodiscard]] bool none() const { return added.empty() && changed.empty() && removed.empty(); }
  bool operator==(const PbxDifference&) const = default;
};

// Both as pbx_accounts() gives them.
[[nodiscard]] PbxDifference difference(const std::vector<PbxAccount>& from,
                                       const std::vector<PbxAccount>& to);

}  // namespace stormdoor::hotdesk
