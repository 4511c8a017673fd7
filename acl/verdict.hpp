#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "acl/acl_config.hpp"
#include "acl/evidence_book.hpp"
#include "acl/healthy_book.hpp"
#include "acl/service.hpp"
#include "base/clock.hpp"
#include "base/store/records.hpp"

// What the Guard answers.
namespace stormdoor::acl {

enum class Decision : uint8_t {
  Admit,
  OnlyProven,  // admitted, but only who proves which phone it is gets anything; a wrong proof
               // counts nothing more
  NotAllowed,  // the source's network does not offer this service
  Blocked,
  Throttled,  // too many unproven TFTP failures: served again after a while, never blocked
};

// May this source use this service now? Cheap: once per request and connection.
struct Admission {
  Decision decision = Decision::Admit;
  Identity identity = Identity::Token;              // how phones of its network prove who they are
  FirstContact first_contact = FirstContact::Stub;  // what a phone without a token gets there
  // Blocked, OnlyProven and Throttled: when to come back; milliseconds::max() for "when an
  // administrator says".
  milliseconds retry_after{0};
  // Some accounts or phones of this source are refused: ask again with the account.
  bool contested = false;
  [[nodiscard]] bool admitted() const {
    return decision == Decision::Admit || decision == Decision::OnlyProven;
  }
};

// One sentence for whoever was refused: for an HTTP body, a TFTP error, a phone's screen.
[[nodiscard]] std::string refusal(const Admission& admission, Service service);

// A source whose SIP answers are to be metered, until when.
struct Metering {
  IpPrefix source;
  WallTime until;
  bool operator==(const Metering&) const = default;
};

// What a reported failure led to.
struct Verdict {
  // False: the same mistake again, unproven, excused, already blocked, or never_block.
  bool counted = false;
  bool repeated = false;            // the same mistake as before
  Excuse excuse = Excuse::None;     // why it was not held against the source
  std::optional<MacAddress> phone;  // whose excuse it is: Stale (where known), Forgiven, Exhausted
  // How far the source now is: `failures` of `limit` (the sweep's when `sweep`).
  uint32_t failures = 0;
  uint32_t limit = 0;
  bool sweep = false;
  // A new block, to be stored and enforced: of the source, or of `account` there.
  std::optional<store::BlockRecord> block;
  std::optional<Metering> meter;  // of report_probe() only
};

// What the kernel should hold. A Refusal with an account concerns only SIP requests (or files) that
// name it.
struct Refusal {
  IpPrefix source;
  Service service = Service::Sip;
  std::string account;
  WallTime until;  // WallTime::max(): until removed
  bool operator==(const Refusal&) const = default;
};
struct Enforcement {
  std::vector<Refusal> blocked;       // whole sources
  std::vector<Refusal> contested;     // sources of which accounts are refused, with each account
  std::vector<Metering> metered;      // SIP only
  std::vector<Registration> healthy;  // flows of all of these that keep passing
};

// One step from one Enforcement to the next.
struct EnforcementChange {
  enum class Kind : uint8_t { Refuse, Release, Meter, FlowWell, FlowGone };
  Kind kind = Kind::Refuse;
  Refusal refusal;            // Refuse, Release
  Metering metering;          // Meter
  Registration registration;  // FlowWell; of FlowGone only the flow counts
};
struct EnforcementChanges {
  std::vector<EnforcementChange> changes;  // of one source, in order
  bool overflowed = false;                 // some were lost: take enforcement() as a whole
};

// An answer to other guards: leave this address to us.
struct Exemption {
  std::string reason;  // one sentence
  WallTime until;
};

}  // namespace stormdoor::acl
