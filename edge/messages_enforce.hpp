#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/ip_address.hpp"

// What the server and stormdoor-enforce say to each other, and stormdoor-enforce and
// stormdoor-watch about single packets. Each is one packet of a PacketChannel. What does not decode
// is Corrupt and fatal to its sender.
namespace stormdoor::edge {

inline constexpr size_t kMostEnforceOps = 2'000;   // of one EnforceBatch or EnforceFlows
inline constexpr size_t kMostEnforcePorts = 32;    // of one service and protocol
inline constexpr size_t kMostQueuedBytes = 2'048;  // of a packet that is asked about
inline constexpr size_t kMostEnforceText = 400;    // of an EnforceProblem
inline constexpr uint32_t kMostEnforceSeconds = 1U
                                                << 27;  // four years; more would be until removed
inline constexpr size_t kEnforceServices = 5;

// The sets of the kernel's table. The first five are the services, in acl::Service's order.
enum class EnforceSet : uint8_t {
  BlockedProvisioning = 0,
  BlockedDeskLogin = 1,
  BlockedSip = 2,
  BlockedPortal = 3,
  BlockedApi = 4,
  Contested = 5,  // SIP from there is asked about, packet by packet, except registered flows
  Metered = 6,    // SIP from there passes at a rate, except registered flows
};
inline constexpr size_t kEnforceSets = 7;
inline constexpr std::array<std::string_view, kEnforceSets> kEnforceSetNames = {
    "blocked_provisioning", "blocked_desk_login", "blocked_sip", "blocked_portal",
    "blocked_api",          "contested",          "metered"};
[[nodiscard]] constexpr std::string_view to_string(EnforceSet set) {
  return kEnforceSetNames[static_cast<size_t>(set)];
}

enum class EnforceAction : uint8_t {
  Drop,
  Reject,  // TCP reset, ICMP port unreachable
};

// ---- server -> enforce ----

// Applies at once and atomically, keeping what is in the sets. A service without ports cannot be
// refused. Answered by an EnforceReport, or by an EnforceProblem when the kernel refuses it.
struct EnforceSettings {
  struct Ports {
    std::vector<uint16_t> udp, tcp;  // each at most kMostEnforcePorts
    bool operator==(const Ports&) const = default;
  };
  std::array<Ports, kEnforceServices> services;  // in acl::Service's order
  EnforceAction action = EnforceAction::Drop;
  bool hook_input = true;    // packets to this machine
  bool hook_forward = true;  // packets that it routes
  bool use_queue = false;    // ask stormdoor-watch about contested sources; otherwise meter them
  uint16_t queue_number = 0;
  uint32_t metered_per_minute = 60;  // packets of one element of Metered; 1 to 60,000
  uint32_t metered_burst = 30;       // 1 to 60,000
  bool operator==(const EnforceSettings&) const = default;
};

// Adding what is there sets its timeout anew; removing what is not there is done. Prefixes of one
// set may overlap: each is an element of its own, and the longest-lived that covers a source holds.
struct EnforceElement {
  EnforceSet set = EnforceSet::BlockedSip;
  IpPrefix prefix;
  uint32_t timeout_seconds = 0;  // 0: until removed
  bool operator==(const EnforceElement&) const = default;
};

// A registered flow, which keeps passing to the SIP ports: the client's end and the protocol.
struct EnforceFlow {
  IpAddress address;
  uint16_t port = 0;
  bool tcp = false;
  uint32_t timeout_seconds = 0;  // 0: until removed
  bool operator==(const EnforceFlow&) const = default;
};

enum class EnforceOp : uint8_t { Add, Remove };

// Both are applied as one: all of it is in the kernel or none. Answered by EnforceApplied.
struct EnforceBatch {
  struct Op {
    EnforceOp op = EnforceOp::Add;
    EnforceElement element;
    bool operator==(const Op&) const = default;
  };
  uint64_t sequence = 0;
  std::vector<Op> ops;  // at most kMostEnforceOps
  bool operator==(const EnforceBatch&) const = default;
};
struct EnforceFlows {
  struct Op {
    EnforceOp op = EnforceOp::Add;
    EnforceFlow flow;
    bool operator==(const Op&) const = default;
  };
  uint64_t sequence = 0;
  std::vector<Op> ops;  // at most kMostEnforceOps
  bool operator==(const EnforceFlows&) const = default;
};

// The complete intended contents, in parts: Begin, any number of Part, End, all of one generation.
// At End the difference to the kernel is applied as one and reported (EnforceReport). Batches sent
// in between are newer than the parts and win over them. A new Begin forgets an unfinished sync.
struct EnforceSync {
  enum class Stage : uint8_t { Begin, Part, End };
  uint64_t generation = 0;
  Stage stage = Stage::Begin;
  std::vector<EnforceElement> elements;  // these and the flows: at most kMostEnforceOps
  std::vector<EnforceFlow> flows;
  bool operator==(const EnforceSync&) const = default;
};

using EnforceOrder = std::variant<EnforceSettings, EnforceBatch, EnforceFlows, EnforceSync>;

// ---- enforce -> server ----

// The batch or the flows of that number are in force. `microseconds`: from reading the order to the
// kernel's answer.
struct EnforceApplied {
  uint64_t sequence = 0;
  uint32_t microseconds = 0;
  bool operator==(const EnforceApplied&) const = default;
};

// After settings, after a sync, and whenever enforce has itself found the kernel's sets to differ
// from what it was told (it looks every second) and mended them.
struct EnforceReport {
  uint64_t generation = 0;                        // of the sync it answers; 0 when it answers none
  std::array<uint64_t, kEnforceSets> elements{};  // known to be in force now
  uint64_t flows = 0;
  // Promise 11: what the last comparison found before it was mended, and in all since start.
  uint32_t missing = 0, foreign = 0;
  uint64_t missing_ever = 0, foreign_ever = 0;
  uint64_t adopted = 0;       // elements and flows found at start, of more than 20,000 these
  bool queue_in_use = false;  // false though asked for: no watcher, or a kernel without queues
  uint64_t queued = 0, refused_by_verdict = 0, unanswered = 0;  // packets, since start
  bool operator==(const EnforceReport&) const = default;
};

// Something that an administrator should know; one line. Nothing was applied of the order that
// caused it, which is not answered otherwise; a sync mends the rest.
struct EnforceProblem {
  std::string text;       // at most kMostEnforceText bytes
  uint64_t sequence = 0;  // of the batch or flows that failed; 0 for anything else
  bool operator==(const EnforceProblem&) const = default;
};

// Every two seconds: the loop turns.
struct EnforceAlive {
  bool operator==(const EnforceAlive&) const = default;
};

using EnforceNews = std::variant<EnforceApplied, EnforceReport, EnforceProblem, EnforceAlive>;

// ---- enforce <-> watch ----

// A packet of a contested source that waits in the kernel, from its IP header on, cut to
// kMostQueuedBytes. Without an answer within 200 ms it is dropped.
struct QueuedPacket {
  uint32_t id = 0;
  std::string bytes;
  bool operator==(const QueuedPacket&) const = default;
};
struct QueueAnswer {
  uint32_t id = 0;
  bool accept = false;
  bool operator==(const QueueAnswer&) const = default;
};

[[nodiscard]] std::string encode(const EnforceOrder& order);
[[nodiscard]] std::string encode(const EnforceNews& news);
[[nodiscard]] std::string encode(const QueuedPacket& packet);
[[nodiscard]] std::string encode(const QueueAnswer& answer);

Result<EnforceOrder> decode_enforce_order(std::string_view packet);
Result<EnforceNews> decode_enforce_news(std::string_view packet);
Result<QueuedPacket> decode_queued_packet(std::string_view packet);
Result<QueueAnswer> decode_queue_answer(std::string_view packet);

}  // namespace stormdoor::edge
