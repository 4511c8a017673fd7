#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

// Frames, byte by byte, from the inside out.
namespace stormdoor::test {

inline std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}
inline std::string raw(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}
inline std::string be16(uint32_t value) {
  return raw({int(value >> 8 & 255), int(value & 255)});
}
inline std::string be32(uint32_t value) {
  return be16(value >> 16) + be16(value & 0xffff);
}
inline MacAddress mac(std::string_view text) {
  return *MacAddress::parse(text);
}
inline IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}
inline std::string wire(const MacAddress& address) {
  return {reinterpret_cast<const char*>(address.bytes().data()), 6};
}
inline std::string wire(const IpAddress& address) {
  const std::string all(reinterpret_cast<const char*>(address.bytes().data()), 16);
  return address.is_v4() ? all.substr(12) : all;
}

inline const MacAddress kPhoneMac = mac("00:0f:d3:05:48:48");
inline const MacAddress kOtherMac = mac("00:0f:d3:05:48:49");

inline std::string ethernet(uint32_t type, const std::string& payload,
                            const MacAddress& source = kPhoneMac) {
  return std::string(6, '\xff') + wire(source) + be16(type) + payload;
}
// What stands behind the type of a tagged frame.
inline std::string vlan(uint32_t id, uint32_t type, const std::string& payload) {
  return be16(0xa000 | id) + be16(type) + payload;
}

struct Ipv4 {
  IpAddress source = ip("10.20.0.7");
  IpAddress destination = ip("10.20.0.1");
  uint32_t protocol = 17;
  uint32_t fragment = 0;     // flags and offset
  std::string options = {};  // a multiple of four bytes
  int total = -1;            // -1: right
  uint32_t id = 1;
};
inline std::string ipv4(const Ipv4& head, const std::string& payload) {
  const size_t header = 20 + head.options.size();
  const size_t total = head.total < 0 ? header + payload.size() : size_t(head.total);
  return raw({int(0x40 | header / 4), 0}) + be16(uint32_t(total)) + be16(head.id) +
         be16(head.fragment) + raw({64, int(head.protocol)}) + be16(0) + wire(head.source) +
         wire(head.destination) + head.options + payload;
}
inline std::string ipv6(const IpAddress& source, const IpAddress& destination, int next,
                        const std::string& payload, int hop_limit = 255) {
  return raw({0x60, 0, 0, 0}) + be16(uint32_t(payload.size())) + raw({next, hop_limit}) +
         wire(source) + wire(destination) + payload;
}
inline std::string udp(uint32_t source, uint32_t destination, const std::string& payload,
                       int length = -1) {
  return be16(source) + be16(destination) +
         be16(length < 0 ? uint32_t(payload.size() + 8) : uint32_t(length)) + be16(0) + payload;
}
inline std::string tcp(uint32_t source, uint32_t destination, uint32_t seq, int flags,
                       const std::string& payload, int header_words = 5) {
  return be16(source) + be16(destination) + be32(seq) + be32(0) + raw({header_words << 4, flags}) +
         be16(1000) + be32(0) + payload;
}

inline std::string arp(uint32_t operation, const MacAddress& sender, const IpAddress& sender_ip,
                       const IpAddress& target_ip) {
  return be16(1) + be16(0x0800) + raw({6, 4}) + be16(operation) + wire(sender) + wire(sender_ip) +
         std::string(6, '\0') + wire(target_ip);
}

// With the right checksum (RFC 4443 section 2.3).
inline std::string icmp6(const IpAddress& source, const IpAddress& destination,
                         std::string message) {
  message[2] = message[3] = 0;
  const std::string all =
      wire(source) + wire(destination) + be32(uint32_t(message.size())) + be32(58) + message;
  uint32_t sum = 0;
  for (size_t i = 0; i < all.size(); ++i) sum += uint32_t(uint8_t(all[i])) << (i % 2 == 0 ? 8 : 0);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  const std::string checksum = be16(~sum & 0xffff);
  return message.replace(2, 2, checksum);
}
inline std::string link_layer_option(int type, const MacAddress& address) {
  return raw({type, 1}) + wire(address);
}
inline std::string solicit(const IpAddress& target, const std::string& options) {
  return raw({135, 0, 0, 0}) + be32(0) + wire(target) + options;
}
inline std::string advert(const IpAddress& target, const std::string& options, int flags = 0x60) {
  return raw({136, 0, 0, 0, flags, 0, 0, 0}) + wire(target) + options;
}

struct Dhcp {
  int operation = 2;
  MacAddress client = kPhoneMac;
  IpAddress your = ip("10.20.0.7");
  IpAddress relay = ip("0.0.0.0");
  std::string file = {}, server_name = {};  // as options, when overloaded
  std::string options = raw({53, 1, 5});
};
inline std::string option(int code, const std::string& value) {
  return raw({code, int(value.size())}) + value;
}
inline std::string dhcp(const Dhcp& message) {
  const auto field = [](std::string text, size_t size) {
    text.resize(size);
    return text;
  };
  return raw({message.operation, 1, 6, 0}) + be32(0x3d11) + be32(0) + be32(0) + wire(message.your) +
         be32(0) + wire(message.relay) + field(wire(message.client), 16) +
         field(message.server_name, 64) + field(message.file, 128) + be32(0x63825363) +
         message.options + raw({255});
}

}  // namespace stormdoor::test
