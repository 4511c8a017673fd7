#include "edge/watch/binding_watch.hpp"

#include <utility>

namespace stormdoor::edge::watch {
namespace {

constexpr uint16_t kDhcpServer = 67;
constexpr uint16_t kDhcpClient = 68;
constexpr uint8_t kSolicit = 135;
constexpr uint8_t kAdvert = 136;
constexpr uint8_t kSourceLinkLayer = 1;
constexpr uint8_t kTargetLinkLayer = 2;

bool is_multicast_v6(const IpAddress& address) {
  return address.bytes()[0] == 0xff;
}

// Whoever could be a neighbour.
bool can_be_held(const IpAddress& address) {
  if (address.is_unspecified() || address.is_loopback()) return false;
  if (!address.is_v4()) return !is_multicast_v6(address);
  const uint32_t value = address.v4_value();
  return value >> 28 != 0xE && value != 0xFFFFFFFF;
}

uint32_t add_words(Bytes bytes, uint32_t sum) {
  size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) sum += u16(bytes, at);
  if (at < bytes.size()) sum += uint32_t{u8(bytes, at)} << 8;
  return sum;
}

// RFC 4443 section 2.3: over a pseudo-header and the message, its checksum included.
bool has_right_checksum(const FrameView& frame) {
  constexpr uint32_t kIcmp6 = 58;
  uint32_t sum = kIcmp6 + static_cast<uint32_t>(frame.payload.size());
  for (const IpAddress* address : {&frame.source, &frame.destination})
    sum = add_words(std::as_bytes(std::span(address->bytes())), sum);
  sum = add_words(frame.payload, sum);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

// Options of neighbour discovery (RFC 4861 section 4.6): type, length in units of eight bytes.
// False when one has length 0 or runs over the end.
bool find_link_layer(Bytes options, uint8_t wanted, std::optional<MacAddress>& found) {
  while (!options.empty()) {
    if (options.size() < 8) return false;
    const size_t size = size_t{u8(options, 1)} * 8;
    if (size == 0 || size > options.size()) return false;
    if (u8(options, 0) == wanted && size == 8 && !found) found = mac_at(options, 2);
    options = from(options, size);
  }
  return true;
}

// "ff02::1:ff" and the last three bytes (RFC 4291 section 2.7.1).
bool is_solicited_node(const IpAddress& address) {
  const IpAddress begin = IpPrefix(address, 104).address();
  return begin == IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff});
}

std::string relay_text(const DhcpMessage& message) {
  std::string text;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    if (!text.empty()) text += ' ';
    text.append(name).append(value);
  };
  if (!message.relay_address.is_unspecified()) add("via ", message.relay_address.to_string());
  add("circuit ", message.circuit);
  add("remote ", message.remote);
  return text;
}

}  // namespace

BindingWatch::BindingWatch(size_t capacity, Tell tell)
    : tell_(std::move(tell)), told_(capacity), vendor_classes_(capacity) {}

bool BindingWatch::on_frame(const FrameView& frame, uint32_t interface, int64_t now_us) {
  interface_ = interface;
  now_us_ = now_us;
  switch (frame.kind) {
    case FrameView::Kind::Arp:
      return on_arp(frame);
    case FrameView::Kind::Icmp6:
      return on_icmp6(frame);
    case FrameView::Kind::Udp:
      if (frame.source_port == kDhcpServer || frame.destination_port == kDhcpServer)
        return on_dhcp(frame);
      return true;
    default:
      return true;
  }
}

bool BindingWatch::on_arp(const FrameView& frame) {
  constexpr size_t kSize = 28;
  constexpr uint16_t kEthernet = 1;
  constexpr uint16_t kIpv4 = 0x0800;
  const Bytes arp = frame.payload;
  if (arp.size() < kSize) return false;
  if (u16(arp, 0) != kEthernet || u16(arp, 2) != kIpv4 || u8(arp, 4) != 6 || u8(arp, 5) != 4)
    return false;
  const uint16_t operation = u16(arp, 6);
  if (operation != 1 && operation != 2) return true;
  const IpAddress target = v4_at(arp, 24);
  BindingSeen seen;
  seen.mac = mac_at(arp, 8);
  seen.address = v4_at(arp, 14);
  seen.source =
      seen.address == target ? BindingSeen::Source::GratuitousArp : BindingSeen::Source::Arp;
  see(frame, std::move(seen));
  return true;
}

bool BindingWatch::on_icmp6(const FrameView& frame) {
  constexpr size_t kFixed = 24;
  const Bytes message = frame.payload;
  if (message.empty()) return false;
  const bool solicit = u8(message, 0) == kSolicit;
  if (!solicit && u8(message, 0) != kAdvert) return true;
  // RFC 4861 sections 7.1.1 and 7.1.2, point by point.
  if (frame.hop_limit != 255 || message.size() < kFixed || u8(message, 1) != 0) return false;
  if (!has_right_checksum(frame)) return false;
  const IpAddress target = v6_at(message, 8);
  if (is_multicast_v6(target)) return false;
  std::optional<MacAddress> mac;
  if (!find_link_layer(from(message, kFixed), solicit ? kSourceLinkLayer : kTargetLinkLayer, mac))
    return false;
  const bool from_nobody = frame.source.is_unspecified();
  if (solicit && from_nobody && (mac || !is_solicited_node(frame.destination))) return false;
  const bool solicited = (u8(message, 4) & 0x40) != 0;
  if (!solicit && is_multicast_v6(frame.destination) && solicited) return false;
  if (!mac) return true;
  BindingSeen seen;
  seen.mac = *mac;
  seen.address = solicit ? frame.source : target;
  seen.source =
      solicit ? BindingSeen::Source::NeighborSolicit : BindingSeen::Source::NeighborAdvert;
  see(frame, std::move(seen));
  return true;
}

bool BindingWatch::on_dhcp(const FrameView& frame) {
  const auto message = parse_dhcp(frame.payload);
  if (!message) return false;
  if (!message->is_reply) {
    if (!message->vendor_class.empty()) vendor_classes_[message->client] = message->vendor_class;
    return true;
  }
  const bool from_server =
      frame.source_port == kDhcpServer &&
      (frame.destination_port == kDhcpClient || frame.destination_port == kDhcpServer);
  if (!from_server || message->type != DhcpMessage::Type::Ack) return true;
  BindingSeen seen;
  seen.mac = message->client;
  seen.address = message->your_address;
  seen.source = BindingSeen::Source::Dhcp;
  seen.relay = relay_text(*message);
  seen.vendor_class = message->vendor_class;
  // What the client says of itself is worth more than what a server repeats or offers.
  if (const std::string* own = vendor_classes_.find(message->client)) seen.vendor_class = *own;
  see(frame, std::move(seen));
  return true;
}

void BindingWatch::see(const FrameView& frame, BindingSeen seen) {
  if (!can_be_held(seen.address) || seen.mac.is_zero() || seen.mac.is_multicast()) return;
  seen.interface = frame.interface != 0 ? frame.interface : interface_;
  seen.vlan = frame.vlan;
  // A DHCP server's frame is a server's or a relay's.
  seen.foreign_frame = seen.source != BindingSeen::Source::Dhcp && frame.link_source &&
                       *frame.link_source != seen.mac;
  if (is_worth_telling(seen)) tell_(seen);
}

bool BindingWatch::is_worth_telling(const BindingSeen& seen) {
  Told& told = told_[seen.address];
  const bool is_dhcp = seen.source == BindingSeen::Source::Dhcp;
  const bool same = told.mac == seen.mac && told.vlan == seen.vlan &&
                    told.foreign_frame == seen.foreign_frame && (told.with_dhcp || !is_dhcp);
  // A clock that was set back must not silence anybody.
  const auto is_recent = [&](int64_t then) {
    return now_us_ >= then && now_us_ - then < kTellAgainUs;
  };
  if (same && is_recent(told.time_us)) return false;
  if (!same) {
    if (told.changes == 0 || !is_recent(told.changes_since_us)) {
      told.changes = 0;
      told.changes_since_us = now_us_;
    }
    if (told.changes >= kMostChanges) return false;
    ++told.changes;
  }
  told.with_dhcp = is_dhcp || (told.with_dhcp && same);
  told.mac = seen.mac;
  told.vlan = seen.vlan;
  told.foreign_frame = seen.foreign_frame;
  told.time_us = now_us_;
  return true;
}

}  // namespace stormdoor::edge::watch
