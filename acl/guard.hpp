#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acl/acl_config.hpp"
#include "acl/failure.hpp"
#include "acl/healthy_book.hpp"
#include "acl/rule_set.hpp"
#include "acl/service.hpp"
#include "acl/verdict.hpp"
#include "base/clock.hpp"
#include "base/store/records.hpp"

namespace stormdoor::acl {

// The one door: every server asks it, every failed login reaches it. Shared by all workers on
// purpose (the kernel spreads one attacker's connections over them); sharded inside by source, one
// short lock at a time. Reads no clock, opens no socket, logs nothing: time and events in, verdicts
// out.
//
// What counts (promises 1 to 5), in this order. A digest that we know to be right, or a phone's own
// previous secret: recorded, never counted. What a lease forgives: the same; past its budget or
// deadline only the old account from that source is refused. What proves nothing (TFTP) feeds the
// throttle; SIP, nothing. All else counts toward the limit of its service, each different mistake
// once, for its source and for the device that it proves to be; files of many different unknown or
// foreign phones are a sweep as well, the file of a decoy at once.
//
// Who is blamed (promise 5): the source, unless healthy phones share it (or an account that was
// well there fails where others were: an office that is all refused); then the account (or MAC)
// that failed most, and the source only for several identities that were never well there, for one
// more when kMostStrangers of those are refused there, or for a sweep. Registered flows pass either
// way, and provisioning stays open to who proves itself. A flow ceases to be healthy when a limit
// is reached, or a refused account is named, by somebody else's failures on it.
//
// Nothing that a source does lets it be forgotten sooner than others like it; the bounds stand at
// FailureTracker, BlockList, HealthyBook, LeaseBook, UnprovenMeter, ProbeMeter and EvidenceBook.
class Guard {
 public:
  Guard(const std::shared_ptr<const RuleSet>& rules, const GuardSizes& sizes);
  ~Guard();

  // `proof` is None for a TFTP request: only then does the throttle apply. With an `account` (for
  // provisioning the MAC, as MacAddress::to_string() has it) also what is refused below the source.
  [[nodiscard]] Admission admit(const IpAddress& source, Service service, Now now,
                                PathProof proof = PathProof::Connected,
                                std::string_view account = {}) const;
  // Shadow mode: everything is decided, and admit() refuses nothing but what the networks do not
  // offer; it counts what it would have refused. The rules' enforce = "shadow" does the same, and
  // "off" does not even decide.
  void set_shadow(bool shadow);

  Verdict report_failure(const Failure& failure, Now now);
  // A SIP request without credentials that led nowhere. Over UDP its source is only a claim: many
  // of them ask for its answers to be metered, and nothing more.
  Verdict report_probe(const IpAddress& source, Now now);
  // A login or an identified fetch that succeeded over a proven path: part of the story that why()
  // tells, and what keeps TFTP open for this source when others around it are throttled. It clears
  // no counter: behind a shared address the healthy phone and the guesser are not the same. With a
  // proof of the device better than its word the phone is healthy there, and known to be there.
  void report_success(const IpAddress& source, Service service, std::optional<MacAddress> device,
                      Now now, DeviceProof proof = DeviceProof::Claimed);
  // A SIP registration that succeeded. `fresh`: with what the device was given after its lease was
  // opened; this closes the lease.
  void report_registered(const Registration& registration, bool fresh, Now now);
  void report_unregistered(const Flow& flow, Now now);
  // A binding, or whatever else is better than the phone's own word, says that it is there.
  // Returns what was lifted, as open_lease() does.
  std::vector<store::BlockRecord> phone_seen(const MacAddress& phone, const IpAddress& address,
                                             Now now);

  // Leases (promises 1 and 2). Opening one judges anew, without this phone's failures, what they
  // had led to where it is known to be, within the window before; what the rest does not justify is
  // lifted, and returned (take_expired() hands it out as well). Refused when the book is full.
  Result<std::vector<store::BlockRecord>> open_lease(const store::LeaseRecord& lease, Now now);
  std::optional<store::LeaseRecord> close_lease(const MacAddress& phone);
  // Of its lease; empty: it has none.
  [[nodiscard]] std::optional<WallTime> lease_deadline(const MacAddress& phone) const;
  [[nodiscard]] std::vector<store::LeaseRecord> leases() const;  // by MAC, also past ones
  // For the store: those that changed; those that are over (the phone is back, close_lease(), or
  // long past), to be erased. For people: those whose deadline passed, told once. One caller.
  std::vector<store::LeaseRecord> take_changed_leases();
  std::vector<store::LeaseRecord> take_closed_leases(Now now);
  std::vector<store::LeaseRecord> take_expired_leases(Now now);
  // What was taken of the first two did not get to the store: it will be taken again.
  void leases_not_stored(const std::vector<store::LeaseRecord>& changed,
                         const std::vector<store::LeaseRecord>& closed);
  // Every second or so: closes the leases of phones that fetched their new configuration with proof
  // and have been quiet for kQuietTime since.
  static constexpr milliseconds kQuietTime = seconds(30);
  void tick(Now now);

  // For other guards that ask before they block an address: a lease may concern it, or healthy
  // phones share it and the blame lies below it. Within microseconds.
  [[nodiscard]] std::optional<Exemption> excused(const IpAddress& address, Now now) const;

  // What the kernel should hold, as a whole and as it changes. take_enforcement_changes() is cheap
  // when there are none. One caller.
  [[nodiscard]] Enforcement enforcement(Now now) const;
  EnforcementChanges take_enforcement_changes(Now now);
  // Nobody will ask for them: they need not be kept.
  void keep_no_enforcement_changes();
  [[nodiscard]] std::vector<Registration> healthy_flows(const IpAddress& address, Now now) const;
  // Every registration that holds: to be kept for a restart.
  [[nodiscard]] std::vector<Registration> registrations(Now now) const;

  // Rules are replaced whole; counters stay. A block that the new rules forbid (never_block) is
  // lifted, and handed out by take_expired().
  void replace_rules(std::shared_ptr<const RuleSet> rules);
  [[nodiscard]] std::shared_ptr<const RuleSet> rules() const;

  // The block list. restore() is for what the store remembered at start: also blocks that have
  // ended, of which the repeats still count; leases; and registrations that have not expired.
  // Nothing is forgiven or blocked that was not before. Returns how many blocks and leases found no
  // room (the list has become smaller than the administrators' blocks are many).
  size_t restore(const std::vector<store::BlockRecord>& blocks,
                 const std::vector<store::LeaseRecord>& leases,
                 const std::vector<Registration>& registrations, Now now);
  size_t restore(const std::vector<store::BlockRecord>& blocks, Now now) {
    return restore(blocks, {}, {}, now);
  }
  // An administrator's block; replaces one of the same source and service. ResourceExhausted when
  // there are more of them than the list holds.
  Result<void> add_block(const store::BlockRecord& block, Now now);
  // False when there was none in force. take_expired() hands out what was removed, too; who must
  // know that it is durable erases it from the store himself.
  bool remove_block(const IpPrefix& source, Service service, Now now,
                    std::string_view account = {});
  [[nodiscard]] std::vector<store::BlockRecord> blocks(Now now) const;  // those in force
  // Also those that have ended and of which the repeats still count: what restore() wants.
  [[nodiscard]] std::vector<store::BlockRecord> blocks_to_restore() const;
  // One of those.
  [[nodiscard]] std::optional<store::BlockRecord> block_to_restore(
      const IpPrefix& source, Service service, std::string_view account = {}) const;
  // What the list has forgotten since the last call: to be erased from the store. A block that
  // ended is forgotten only when it no longer lengthens the next one. One caller.
  std::vector<store::BlockRecord> take_expired(Now now);

  // Why this address is (not) refused, in an administrator's words: the network's rule, the limits
  // with their counts, the events that led there, what ends it. Lines, most important first; what
  // strangers sent is made printable.
  [[nodiscard]] std::vector<std::string> why(const IpAddress& address, Now now) const;
  // The same of a phone, and of an account: its lease, and what is said where it was seen.
  [[nodiscard]] std::vector<std::string> why(const MacAddress& phone, Now now) const;
  [[nodiscard]] std::vector<std::string> why(std::string_view account, Now now) const;

  struct Counters {
    uint64_t admitted = 0, refused = 0, throttled = 0, failures = 0, repeated_mistakes = 0,
             blocks_made = 0, evictions = 0;
    uint64_t unproven = 0;         // failures that only the throttle heard of
    uint64_t excused = 0;          // failures that were not held against their source
    uint64_t would_refuse = 0;     // in shadow mode
    uint64_t metered = 0;          // sources whose answers were to be metered
    uint64_t leases = 0;           // now, also past ones
    uint64_t sweeps = 0;           // blocks_made by [mac_sweep]
    uint64_t tracked_sources = 0;  // now, with each service apart
  };
  [[nodiscard]] Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::acl
