#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "edge/watch/bytes.hpp"

namespace stormdoor::edge::watch {

// What a DHCPv4 message says about a client (RFC 2131, 2132). Texts are cut and fit to be shown.
struct DhcpMessage {
  enum class Type : uint8_t { Discover = 1, Offer, Request, Decline, Ack, Nak, Release, Inform };
  bool is_reply = false;  // from a server
  Type type = Type::Discover;
  uint32_t transaction = 0;
  MacAddress client;
  IpAddress your_address;    // what the client gets; 0.0.0.0: nothing
  IpAddress relay_address;   // giaddr; 0.0.0.0: no relay on the way
  std::string vendor_class;  // option 60, at most 64 bytes
  std::string circuit;       // option 82, sub-option 1 (RFC 3046), at most 48 bytes
  std::string remote;        // and 2
};

// The UDP payload of port 67 or 68. Nothing when it is no DHCP message about an Ethernet client, or
// contradicts itself: options that run over the end or say their type twice are refused. Options in
// the fields `file` and `sname` (option 52) are read too.
[[nodiscard]] std::optional<DhcpMessage> parse_dhcp(Bytes payload);

}  // namespace stormdoor::edge::watch
