#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ip_address.hpp"

namespace stormdoor::edge::watch {

// TCP flags as the header has them (RFC 9293 section 3.1).
inline constexpr uint8_t kTcpFin = 0x01;
inline constexpr uint8_t kTcpSyn = 0x02;
inline constexpr uint8_t kTcpRst = 0x04;
inline constexpr uint8_t kTcpAck = 0x10;

// One UDP datagram or TCP segment that may carry SIP, as a frame or the kernel's packet queue had
// it. Borrows the bytes it was parsed from. It is whole: fragments are put together before
// (fragments.hpp).
struct SipPacket {
  IpAddress source;
  IpAddress destination;
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  bool tcp = false;
  uint32_t seq = 0;       // TCP: of the first byte of `payload`, or of SYN
  uint8_t tcp_flags = 0;  // 0 for UDP
  std::span<const std::byte> payload;
  int64_t time_us = 0;  // microseconds since the epoch, from the capture
};

}  // namespace stormdoor::edge::watch
