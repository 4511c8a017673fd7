#pragma once

#include <optional>

#include "acl/binding_table.hpp"
#include "acl/guard.hpp"
#include "edge/messages_watch.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::edge {

// From a SIP login as stormdoor-watch saw it to what the guard is told: whose phone it is, what the
// credential was made with, what shows that the address is the sender's. Pure.
//
// Which device: the registered phone that a binding fit as proof says is behind the address; else
// the phone whose own secret made the digest; else whatever else the binding says is there, which
// may be a router with many phones behind it: it fails, but it registers for nobody. A MAC in a
// User-Agent is a claim and not used.
//
// Whose account: the digest's user name, which the PBX has looked up, when the digest stands alone;
// else the account that the request is for.
struct SipFinding {
  acl::Failure failure;            // for Refused
  acl::Registration registration;  // for Registered; its flow also for Unregistered
  bool fresh = false;              // Registered: with what the device has now, not with what it had
  std::optional<MacAddress> device;
  acl::DeviceProof device_proof = acl::DeviceProof::Claimed;
};
[[nodiscard]] SipFinding assess(const SipOutcome& outcome, const hotdesk::Registry& registry,
                                const acl::BindingTable& bindings, Now now);

}  // namespace stormdoor::edge
