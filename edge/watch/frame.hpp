#pragma once

#include <cstdint>
#include <optional>

#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "edge/watch/bytes.hpp"

namespace stormdoor::edge::watch {

// How the bytes of a capture begin.
enum class LinkType : uint8_t {
  Ethernet,
  LinuxCooked,   // LINKTYPE_LINUX_SLL, of the device "any"
  LinuxCooked2,  // LINKTYPE_LINUX_SLL2
  RawIp,         // an IP header; also what the kernel's packet queue hands over
  Loopback,      // BSD: four bytes say which IP
};

// What of an IP packet came with one fragment.
struct Piece {
  uint32_t id = 0;
  uint8_t protocol = 0;  // of what the packet carries, as this piece says
  size_t offset = 0;
  bool is_last = false;
  Bytes bytes;      // those that were captured
  size_t sent = 0;  // how many there were
};

// What one captured frame says, as far as stormdoor-watch cares. Borrows the captured bytes.
//
// Read as an enemy's: nothing beyond what was captured, at most two VLAN tags (802.1Q, 802.1ad), at
// most kMostExtensions IPv6 extension headers. Checksums of IP, UDP and TCP are not looked at:
// frames that this machine sends itself are captured before its network card fills them in.
struct FrameView {
  enum class Kind : uint8_t {
    Other,          // whole, and nothing of ours
    Malformed,      // lengths that contradict each other or the capture
    LaterFragment,  // of an IP packet; says nothing by itself (fragments.hpp)
    Arp,            // `payload`: the ARP packet (RFC 826)
    Icmp6,          // `payload`: the message, from its type on
    Udp,
    Tcp,
  };
  Kind kind = Kind::Other;
  std::optional<MacAddress> link_source;
  uint16_t vlan = 0;       // the inner tag's number, 0: none
  uint32_t interface = 0;  // LinuxCooked2 only
  // Of IP packets.
  IpAddress source;
  IpAddress destination;
  uint8_t hop_limit = 0;
  bool first_fragment = false;  // more follow: `payload` is only the beginning
  std::optional<Piece> piece;   // of fragments, also the first
  // Of UDP and TCP.
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint32_t seq = 0;
  uint8_t tcp_flags = 0;
  // Without padding of the link; shorter than it was sent when the capture cut it.
  Bytes payload;
};

inline constexpr int kMostVlanTags = 2;
inline constexpr int kMostExtensions = 8;

[[nodiscard]] FrameView parse_frame(LinkType link, Bytes captured);

// The frame of a packet that was put together again: `fragment` is one of its fragments, the packet
// carries `sent` bytes of `protocol`, which begin with `bytes`.
[[nodiscard]] FrameView whole_frame(const FrameView& fragment, uint8_t protocol, Bytes bytes,
                                    size_t sent);

}  // namespace stormdoor::edge::watch
