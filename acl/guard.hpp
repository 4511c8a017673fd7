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
  // False: the same mistake again, unproven, already blocked, or never_block.
  bool counted = false;
  bool repeated = false;  // the same mistake as before
  // How far the source now is: `failures` of `limit` (the sweep's when `sweep`).
  uint32_t failures = 0;
  uint32_t limit = 0;
  bool sweep = false;
  std::optional<store::BlockRecord> block;  // a new block, to be stored and enforced
};

// The one door: every server asks it, every failed login reaches it. Shared by all workers on
// purpose (the kernel spreads one attacker's connections over them); sharded inside by source, one
// short lock at a time. Reads no clock, opens no socket, logs nothing: time and events in, verdicts
// out.
//
// What counts (promises 3 and 4): a failure over a proven path counts toward the limit of its
// service, each different mistake once. Files of unknown or foreign phones are told apart by their
// MAC, and so many different ones are a sweep as well. A failure that proves nothing (TFTP) only
// feeds the throttle. Nothing that a source does lets it be forgotten sooner than others like it;
// the bounds stand at FailureTracker, BlockList, UnprovenMeter and EvidenceBook.
class Guard {
 public:
  Guard(const std::shared_ptr<const RuleSet>& rules, const GuardSizes& sizes);
  ~Guard();

  // `proof` is None for a TFTP request: only then does the throttle apply.
  [[nodiscard]] Admission admit(const IpAddress& source, Service service, Now now,
                                PathProof proof = PathProof::Connected) const;
  Verdict report_failure(const Failure& failure, Now now);
  // A login or an identified fetch that succeeded over a proven path: part of the story that why()
  // tells, and what keeps TFTP open for this source when others around it are throttled. It clears
  // no counter: behind a shared address the healthy phone and the guesser are not the same.
  void report_success(const IpAddress& source, Service service, std::optional<MacAddress> device,
                      Now now);

  // Rules are replaced whole; counters stay. A block that the new rules forbid (never_block) is
  // lifted, and handed out by take_expired().
  void replace_rules(std::shared_ptr<const RuleSet> rules);
  [[nodiscard]] std::shared_ptr<const RuleSet> rules() const;

  // The block list. restore() is for what the store remembered at start: also blocks that have
  // ended, of which the repeats still count. Returns how many found no room (the list has become
  // smaller than the administrators' blocks are many).
  size_t restore(const std::vector<store::BlockRecord>& blocks, Now now);
  // An administrator's block; replaces one of the same source and service. ResourceExhausted when
  // there are more of them than the list holds.
  Result<void> add_block(const store::BlockRecord& block, Now now);
  // False when there was none in force. take_expired() hands out what was removed, too; who must
  // know that it is durable erases it from the store himself.
  bool remove_block(const IpPrefix& source, Service service, Now now);
  [[nodiscard]] std::vector<store::BlockRecord> blocks(Now now) const;  // those in force
  // What the list has forgotten since the last call: to be erased from the store. A block that
  // ended is forgotten only when it no longer lengthens the next one. One caller.
  std::vector<store::BlockRecord> take_expired(Now now);

  // Why this address is (not) refused, in an administrator's words: the network's rule, the limits
  // with their counts, the events that led there, what ends it. Lines, most important first; what
  // strangers sent is made printable.
  [[nodiscard]] std::vector<std::string> why(const IpAddress& address, Now now) const;

  struct Counters {
    uint64_t admitted = 0, refused = 0, throttled = 0, failures = 0, repeated_mistakes = 0,
             blocks_made = 0, evictions = 0;
    uint64_t unproven = 0;         // failures that only the throttle heard of
    uint64_t sweeps = 0;           // blocks_made by [mac_sweep]
    uint64_t tracked_sources = 0;  // now, with each service apart
  };
  [[nodiscard]] Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::acl
