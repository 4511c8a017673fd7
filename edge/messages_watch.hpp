#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

// What stormdoor-watch and the server say to each other; each is one packet of a PacketChannel.
// What does not decode is Corrupt and fatal to its sender. Texts are foreign: whatever a stranger
// put on the wire, cut to the length that stands beside them, not yet fit for a log.
namespace stormdoor::edge {

inline constexpr size_t kMostWatchPorts = 32;
inline constexpr size_t kMostAccountText = 64;

// ---- watch -> server ----

// A frame said that this MAC is behind this address; acl::Sighting without the acl. An unchanged
// binding is told at most once in 30 seconds.
struct BindingSeen {
  // In acl::BindingSource's order.
  enum class Source : uint8_t { Arp, GratuitousArp, NeighborSolicit, NeighborAdvert, Dhcp };
  MacAddress mac;
  IpAddress address;
  Source source = Source::Arp;
  uint32_t interface = 0;      // index; 0: from a file
  uint16_t vlan = 0;           // the inner tag, 0: none
  bool foreign_frame = false;  // somebody else's Ethernet address stood on the frame
  std::string vendor_class;    // 64
  std::string relay;           // 128
  bool operator==(const BindingSeen&) const = default;
};

// A SIP request and its final answer, joined.
struct SipOutcome {
  enum class Result : uint8_t {
    Refused,       // credentials were given and not accepted
    Registered,    // 2xx to a REGISTER
    Unregistered,  // 2xx to a REGISTER with Expires: 0
    Accepted,      // 2xx to another request with credentials
    Probed,        // no credentials were given; what came back may tell accounts apart
  };
  Result result = Result::Refused;
  IpAddress client;
  uint16_t client_port = 0;
  IpAddress server;
  uint16_t server_port = 0;
  bool tcp = false;
  uint16_t status = 0;
  // What shows that the client can receive at its address (promise 4).
  bool nonce_was_sent_there = false;  // the request answered a nonce sent to that very address
  bool connected = false;             // TCP, and both directions were seen
  uint32_t cseq = 0;
  uint32_t expires_seconds = 0;  // of the registration that was granted
  int64_t time_us = 0;           // of the answer, microseconds since 1970
  std::string method;            // 16
  std::string account;           // kMostAccountText; the user of To for REGISTER, else of From
  // The same credentials have the same: a hash of all the digests of the request, under a key that
  // dies with the watch.
  uint64_t fingerprint = 0;
  // Of the digest, when there were credentials.
  bool alone = false;      // the answer can be about no other digest of the request
  std::string username;    // 64
  std::string realm;       // 128
  std::string nonce;       // 128
  std::string uri;         // 256
  std::string qop;         // 16
  std::string nc;          // 8
  std::string cnonce;      // 128
  std::string algorithm;   // 16
  std::string response;    // 64
  std::string user_agent;  // 128
  std::string call_id;     // 128
  bool operator==(const SipOutcome&) const = default;
};

// A call (RFC 3261 section 12) that passed by: between a phone and a PBX, or two phones. Through a
// proxy it has a leg at each side, with one Call-ID.
struct CallSeen {
  enum class What : uint8_t {
    Begun,  // or its timer was set anew; each leg tells it
    Over,   // all of its legs
  };
  What what = What::Begun;
  IpAddress caller;  // who sent the INVITE on this leg
  uint16_t caller_port = 0;
  IpAddress callee;
  uint16_t callee_port = 0;
  bool tcp = false;
  int64_t time_us = 0;   // microseconds since 1970
  int64_t until_us = 0;  // over then if nothing is heard before (RFC 4028); 0: nobody knows
  std::string from;      // kMostAccountText; the user of From
  std::string called;    // kMostAccountText; of the Request-URI, or "urn:service:sos..."
  std::string call_id;   // 128
  bool operator==(const CallSeen&) const = default;
};

// Since the program started.
struct WatchCounters {
  uint64_t frames = 0;
  uint64_t kernel_drops = 0;  // frames that the kernel had no room for
  uint64_t malformed = 0;     // frames and messages in them
  uint64_t fragments = 0;     // of IP packets
  uint64_t sip_messages = 0;
  uint64_t evictions = 0;  // from the tables of bindings, fragments, nonces and transactions
  uint64_t unsent = 0;     // reports for which the server's channel had no room
  uint64_t queue_accepted = 0;
  uint64_t queue_refused = 0;
  bool operator==(const WatchCounters&) const = default;
};

// Every two seconds: the loop turns.
struct WatchAlive {
  bool operator==(const WatchAlive&) const = default;
};

using WatchReport = std::variant<BindingSeen, SipOutcome, CallSeen, WatchCounters, WatchAlive>;

// ---- server -> watch ----

// Of the packets that the kernel queues from `source`, those that name `account` are refused, or no
// longer. Told anew after each start of the watch.
struct WatchBlame {
  bool add = true;
  IpPrefix source;
  std::string account;  // kMostAccountText
  bool operator==(const WatchBlame&) const = default;
};

struct WatchSettings {
  std::vector<uint16_t> sip_ports;  // at most kMostWatchPorts, UDP and TCP
  bool operator==(const WatchSettings&) const = default;
};

using WatchOrder = std::variant<WatchBlame, WatchSettings>;

[[nodiscard]] std::string encode(const WatchReport& report);
[[nodiscard]] std::string encode(const WatchOrder& order);
Result<WatchReport> decode_watch_report(std::string_view packet);
Result<WatchOrder> decode_watch_order(std::string_view packet);

}  // namespace stormdoor::edge
