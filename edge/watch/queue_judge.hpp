#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/ip_address.hpp"
#include "base/keyed_hash.hpp"
#include "edge/watch/fair_map.hpp"
#include "edge/watch/sip_message.hpp"
#include "edge/watch/sip_packet.hpp"

namespace stormdoor::edge::watch {

inline constexpr size_t kMostBlamedAccount = 64;  // what is longer is cut before it is compared

struct QueueJudgeSettings {
  size_t blamed = 4'096;
  size_t blamed_per_source = 256;
  size_t sources = 16'384;  // whose unreadable packets are metered
  uint32_t unreadable_per_second = 10;
  uint32_t unreadable_burst = 20;
};

// Decides about packets to SIP from contested addresses, which the kernel has queued (promise 5):
// what names a blamed account is refused, so that others behind the same address get through. A
// name is the user of From, To, Request-URI or Contact or of a digest, without regard to case, and
// of a digest also what stands before "@". Owned by the watch program, used by one thread.
//
//   no payload, line ends only (handshakes, keep-alives)     passes
//   a request that names a blamed account                    refused, however irregular
//   other messages, whole and regular                        pass
//   everything else: pieces of a TCP stream, what others     passes within a token bucket per
//   may read differently, what is no SIP                     source
//
// A stream is not put together here: an attacker who cuts his requests into pieces gets as many
// pieces as the bucket lets through, and his login fails or is seen by SipWatch as ever.
//
// Bounds (promise 12): FairMaps of the settings' sizes. A forgotten pair is told again by the
// server when it fails again; a forgotten bucket starts full.
class QueueJudge final {
 public:
  enum class Verdict : uint8_t { Accept, Refuse };

  explicit QueueJudge(const QueueJudgeSettings& settings);

  void blame(const IpPrefix& source, std::string_view account);
  void forgive(const IpPrefix& source, std::string_view account);
  [[nodiscard]] size_t blamed() const { return blamed_.size(); }

  // `packet.time_us` is when it came.
  Verdict judge(const SipPacket& packet);

 private:
  struct Blamed {
    IpPrefix source;
  };
  struct Bucket {
    int64_t time_us = 0;
    int64_t spent_us = 0;  // of the time that a full bucket takes to fill
  };
  enum class Reading : uint8_t { Clean, Blamed, Unclear };

  [[nodiscard]] Reading read(const SipPacket& packet) const;
  [[nodiscard]] bool names_blamed(const SipMessage& message, const IpAddress& source) const;
  [[nodiscard]] bool is_blamed(const IpAddress& source, std::string_view account) const;
  [[nodiscard]] uint64_t key(const IpPrefix& source, std::string_view account) const;
  void count_prefixes();
  bool take_token(const SipPacket& packet);

  QueueJudgeSettings settings_;
  HashKey hash_key_ = HashKey::random();
  FairMap<uint64_t, Blamed> blamed_;
  std::map<int, size_t> v4_lengths_, v6_lengths_;  // of the prefixes in blamed_
  FairMap<IpAddress, Bucket> buckets_;
};

}  // namespace stormdoor::edge::watch
