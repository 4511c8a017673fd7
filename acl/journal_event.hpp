#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "acl/failure.hpp"
#include "acl/guard.hpp"
#include "acl/service.hpp"
#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "base/store/records.hpp"

namespace stormdoor::acl {

// What the journal knows how to say. Stored as a number: append only.
enum class JournalKind : uint8_t {
  Started = 0,  // a stretch begins: counters are empty, fingerprints have another key
  Failure = 1,  // one failed attempt, and what the guard said to it
  Success = 2,  // a login or an identified fetch
  Block = 3,    // by a limit or by an administrator
  Unblock = 4,  // an administrator's, or a block judged anew
  LeaseOpened = 5,
  LeaseClosed = 6,
  LeaseExpired = 7,  // its phone has not come back
  RulesLoaded = 8,
  BindingConflict = 9,  // another MAC claims an address
  Gap = 10,             // `count` events could not be written
};
inline constexpr JournalKind kLastJournalKind = JournalKind::Gap;
[[nodiscard]] std::string_view to_string(JournalKind kind);

// One thing that the guard was told or has decided. Which fields mean something depends on the
// kind; the others stand at their defaults and take no room on disk.
//
// Holds no secret: a fingerprint is a hash under a key that dies with the process, so equal ones
// are the same mistake within one stretch, and the disk tells nobody what was tried.
struct JournalEvent {
  static constexpr size_t kMostAccountBytes = 64;  // both are cut, not refused
  static constexpr size_t kMostTextBytes = 200;

  WallTime time;
  JournalKind kind = JournalKind::Failure;
  Service service = Service::Provisioning;

  std::optional<IpAddress> source;
  uint16_t port = 0;  // 0: not known
  bool tcp = false;
  std::optional<MacAddress> device;
  std::string account;  // foreign text

  FailureKind failure = FailureKind::WrongPassword;
  PathProof proof = PathProof::None;
  DeviceProof device_proof = DeviceProof::Claimed;
  Standing standing = Standing::Unknown;
  uint64_t fingerprint = 0;
  // What the guard said to a failure.
  struct Said {
    bool counted = false, repeated = false, forgiven = false, sweep = false;
    uint32_t failures = 0, limit = 0;
    bool operator==(const Said&) const = default;
  };
  Said said;

  std::optional<IpPrefix> prefix;  // of a block
  WallTime until;                  // of a block or a lease; WallTime::max(): until removed
  bool by_administrator = false;
  uint64_t count = 0;  // of a Gap
  std::string text;    // reason, for people

  bool operator==(const JournalEvent&) const = default;
};

[[nodiscard]] JournalEvent journal_failure(const Failure& failure, const Verdict& verdict,
                                           WallTime time);
[[nodiscard]] JournalEvent journal_success(const IpAddress& source, Service service,
                                           std::optional<MacAddress> device, WallTime time,
                                           DeviceProof proof = DeviceProof::Claimed);
[[nodiscard]] JournalEvent journal_block(const store::BlockRecord& block, WallTime time);
[[nodiscard]] JournalEvent journal_unblock(const store::BlockRecord& block, WallTime time);
// LeaseOpened, LeaseClosed or LeaseExpired; its first account stands for all.
[[nodiscard]] JournalEvent journal_lease(JournalKind kind, const store::LeaseRecord& lease,
                                         WallTime time);
// Started, RulesLoaded and the like.
[[nodiscard]] JournalEvent journal_note(JournalKind kind, std::string text, WallTime time);

// The failure and the block as the guard had them.
[[nodiscard]] Failure failure_of(const JournalEvent& event);
[[nodiscard]] store::BlockRecord block_of(const JournalEvent& event);

}  // namespace stormdoor::acl
