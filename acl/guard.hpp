#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acl/acl_config.hpp"
#include "acl/failure.hpp"
#include "acl/rule_set.hpp"
#include "acl/service.hpp"
#include "base/clock.hpp"
#include "base/store/records.hpp"

namespace stormdoor::acl {

enum class Decision : uint8_t {
  Admit,
  NotAllowed,  // the source's network does not offer this service
  Blocked,
  Throttled,  // too many unproven TFTP failures: served again after a while, never blocked
};

// May this source use this service now? Cheap: once per request and connection.
struct Admission {
  Decision decision = Decision::Admit;
  Identity identity = Identity::Token;              // how phones of its network prove who they are
  FirstContact first_contact = FirstContact::Stub;  // what a phone without a token gets there
  // Blocked and Throttled: when to come back; milliseconds::max() for "when an administrator says".
  milliseconds retry_after{0};
  [[nodiscard]] bool admitted() const { return decision == Decision::Admit; }
};

// One sentence for whoever was refused: for an HTTP body, a TFTP error, a phone's screen.
[[nodiscard]] std::string refusal(const Admission& admission, Service service);

// What a reported failure led to.
struct Verdict {
  bool counted = false;   // false: the same mistake again, unproven, or already blocked
  bool repeated = false;  // the same mistake as before
  // How far the source now is: `failures` of `limit` (the sweep's when `sweep`).
  uint32_t failures = 0;
  uint32_t limit = 0;
  bool sweep = false;
  std::optional<store::BlockRecord> block;  // a new block, to be stored and enforced
};

// The one door: every server asks it, every failed login reaches it. Shared by all workers on
// purpose (the kernel spreads one attacker's connections over them); sharded inside, one short lock
// at a time. Reads no clock, opens no socket, logs nothing: time and events in, verdicts out.
class Guard {
 public:
  Guard(std::shared_ptr<const RuleSet> rules, const GuardSizes& sizes);
  ~Guard();

  // `proof` is None for a TFTP request: only then does the throttle apply.
  [[nodiscard]] Admission admit(const IpAddress& source, Service service, Now now,
                                PathProof proof = PathProof::Connected) const;
  Verdict report_failure(const Failure& failure, Now now);
  // A login or an identified fetch that succeeded: part of the story that why() tells.
  void report_success(const IpAddress& source, Service service, std::optional<MacAddress> device,
                      Now now);

  // Rules are replaced whole; counters stay. A block that the new rules forbid (never_block) is
  // lifted, and handed out by take_expired().
  void replace_rules(std::shared_ptr<const RuleSet> rules);
  [[nodiscard]] std::shared_ptr<const RuleSet> rules() const;

  // The block list. restore() is for what the store remembered at start: also blocks that have
  // ended, of which the repeats still count.
  void restore(const std::vector<store::BlockRecord>& blocks, Now now);
  // An administrator's block; replaces one of the same source and service. ResourceExhausted when
  // there are more of them than the list holds.
  Result<void> add_block(const store::BlockRecord& block, Now now);
  // False when there was none in force. To be erased from the store as well.
  bool remove_block(const IpPrefix& source, Service service, Now now);
  [[nodiscard]] std::vector<store::BlockRecord> blocks(Now now) const;  // those in force
  // What the list has forgotten since the last call: to be erased from the store. A block that
  // ended is forgotten only when it no longer lengthens the next one. One caller.
  std::vector<store::BlockRecord> take_expired(Now now);

  // Why this address is (not) refused, in an administrator's words: the network's rule, the limits
  // with their counts, the events that led there, what ends it. Lines, most important first.
  [[nodiscard]] std::vector<std::string> why(const IpAddress& address, Now now) const;

  struct Counters {
    uint64_t admitted = 0, refused = 0, throttled = 0, failures = 0, repeated_mistakes = 0,
             blocks_made = 0, evictions = 0;
  };
  [[nodiscard]] Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::acl
