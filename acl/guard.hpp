#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
  Identity identity = Identity::Token;  // how phones of its network prove who they are
  [[nodiscard]] bool admitted() const { return decision == Decision::Admit; }
};

// What a reported failure led to.
struct Verdict {
  bool counted = false;  // false: the same mistake again, unproven, or never_block
  std::optional<store::BlockRecord> block;  // a new or lengthened block, to be stored and enforced
};

// Sizes that need a restart. Memory is allocated up front.
struct GuardSizes {
  size_t tracked_sources = 100'000;
  size_t blocks = 100'000;
  size_t evidence_per_source = 16;
};

// The one door: every server asks it, every failed login reaches it. Shared by all workers on
// purpose (the kernel spreads one attacker's connections over them); sharded inside, one short lock
// at a time. Reads no clock, opens no socket, logs nothing: time and events in, verdicts out.
class Guard {
 public:
  Guard(std::shared_ptr<const RuleSet> rules, const GuardSizes& sizes);
  ~Guard();

  [[nodiscard]] Admission admit(const IpAddress& source, Service service, Now now) const;
  Verdict report_failure(const Failure& failure, Now now);
  // A login or an identified fetch that succeeded: part of the story that why() tells.
  void report_success(const IpAddress& source, Service service, std::optional<MacAddress> device,
                      Now now);

  // Rules are replaced whole; counters stay.
  void replace_rules(std::shared_ptr<const RuleSet> rules);
  [[nodiscard]] std::shared_ptr<const RuleSet> rules() const;

  // The block list. restore() is for what the store remembered at start.
  void restore(const std::vector<store::BlockRecord>& blocks, Now now);
  void add_block(const store::BlockRecord& block, Now now);
  bool remove_block(const IpPrefix& source, Service service, Now now);
  [[nodiscard]] std::vector<store::BlockRecord> blocks(Now now) const;
  // Blocks that ended since the last call: to be erased from the store. One caller.
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
