#include "edge/watch/frame.hpp"

namespace stormdoor::edge::watch {
namespace {

using Kind = FrameView::Kind;

constexpr uint16_t kEtherIpv4 = 0x0800;
constexpr uint16_t kEtherArp = 0x0806;
constexpr uint16_t kEtherIpv6 = 0x86dd;
constexpr uint16_t kEtherVlan = 0x8100;         // 802.1Q
constexpr uint16_t kEtherServiceVlan = 0x88a8;  // 802.1ad
constexpr uint16_t kEtherOldServiceVlan = 0x9100;
constexpr uint16_t kCookedEthernet = 1;  // ARPHRD_ETHER

constexpr uint8_t kHopByHop = 0;
constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kRouting = 43;
constexpr uint8_t kFragment = 44;
constexpr uint8_t kAuthentication = 51;
constexpr uint8_t kIcmp6 = 58;
constexpr uint8_t kDestinationOptions = 60;

void end(FrameView& view, Kind kind) {
  view.kind = kind;
  view.payload = {};
}

// What IP carries: what of it was captured, and how much was sent.
struct Carried {
  Bytes bytes;
  size_t sent = 0;
};

void read_udp(FrameView& view, Carried carried) {
  constexpr size_t kHeader = 8;
  const Bytes packet = carried.bytes;
  if (packet.size() < kHeader) return end(view, Kind::Malformed);
  const size_t length = u16(packet, 4);
  // Receivers drop what claims to be longer than it is.
  if (length < kHeader || (length > carried.sent && !view.first_fragment))
    return end(view, Kind::Malformed);
  view.kind = Kind::Udp;
  view.source_port = u16(packet, 0);
  view.destination_port = u16(packet, 2);
  view.payload = first(from(packet, kHeader), length - kHeader);
}

void read_tcp(FrameView& view, Bytes packet) {
  constexpr size_t kHeader = 20;
  if (packet.size() < kHeader) return end(view, Kind::Malformed);
  const size_t header = size_t{u8(packet, 12)} / 16 * 4;
  if (header < kHeader || header > packet.size()) return end(view, Kind::Malformed);
  view.kind = Kind::Tcp;
  view.source_port = u16(packet, 0);
  view.destination_port = u16(packet, 2);
  view.seq = u32(packet, 4);
  view.tcp_flags = u8(packet, 13);
  view.payload = from(packet, header);
}

void read_transport(FrameView& view, uint8_t protocol, Carried carried) {
  switch (protocol) {
    case kUdp:
      return read_udp(view, carried);
    case kTcp:
      return read_tcp(view, carried.bytes);
    case kIcmp6:
      view.kind = Kind::Icmp6;
      view.payload = carried.bytes;
      return;
    default:
      return end(view, Kind::Other);
  }
}

void read_carried_by_v4(FrameView& view, uint8_t protocol, Carried carried) {
  if (protocol == kIcmp6) return end(view, Kind::Other);  // belongs to IPv6 only
  read_transport(view, protocol, carried);
}

void read_ipv4(FrameView& view, Bytes packet) {
  constexpr size_t kHeader = 20;
  if (packet.size() < kHeader || u8(packet, 0) >> 4 != 4) return end(view, Kind::Malformed);
  const size_t header = size_t{u8(packet, 0) & 0x0fU} * 4;
  size_t total = u16(packet, 2);
  if (total == 0) total = packet.size();  // left to the network card to fill in (segmentation)
  if (header < kHeader || total < header || packet.size() < header)
    return end(view, Kind::Malformed);
  view.source = v4_at(packet, 12);
  view.destination = v4_at(packet, 16);
  view.hop_limit = u8(packet, 8);
  const uint8_t protocol = u8(packet, 9);
  const Carried carried{from(first(packet, total), header), total - header};
  const uint16_t fragment = u16(packet, 6);
  const size_t offset = size_t{fragment & 0x1fffU} * 8;
  const bool is_last = (fragment & 0x2000) == 0;
  if (offset != 0 || !is_last)
    view.piece = {u16(packet, 4), protocol, offset, is_last, carried.bytes, carried.sent};
  if (offset != 0) return end(view, Kind::LaterFragment);
  view.first_fragment = !is_last;
  read_carried_by_v4(view, protocol, carried);
}

struct Extension {
  bool valid = false;
  uint8_t next = 0;
  size_t size = 0;
};

// RFC 8200 section 4; the authentication header counts in other units (RFC 4302 section 2.2).
Extension read_extension(uint8_t type, Bytes rest) {
  if (rest.size() < 8) return {};
  Extension extension{true, u8(rest, 0), 8};
  if (type == kAuthentication)
    extension.size = (size_t{u8(rest, 1)} + 2) * 4;
  else if (type != kFragment)
    extension.size = (size_t{u8(rest, 1)} + 1) * 8;
  extension.valid = extension.size <= rest.size();
  return extension;
}

bool is_extension(uint8_t type) {
  return type == kHopByHop || type == kRouting || type == kFragment || type == kAuthentication ||
         type == kDestinationOptions;
}

// What stands in the fragment header that begins `carried`. An offset of 0 without more is whole.
void read_fragment_header(FrameView& view, Carried carried) {
  constexpr size_t kHeader = 8;
  const uint16_t fragment = u16(carried.bytes, 2);
  const size_t offset = fragment & 0xfff8U;
  const bool is_last = (fragment & 1) == 0;
  view.first_fragment = offset == 0 && !is_last;
  if (offset != 0 || !is_last)
    view.piece = {u32(carried.bytes, 4),        u8(carried.bytes, 0),  offset, is_last,
                  from(carried.bytes, kHeader), carried.sent - kHeader};
}

// `fragmented`: it came in fragments.
void read_carried_by_v6(FrameView& view, uint8_t type, Carried carried, bool fragmented) {
  for (int count = 0; is_extension(type); ++count) {
    if (count == kMostExtensions) return end(view, Kind::Malformed);
    const Extension extension = read_extension(type, carried.bytes);
    if (!extension.valid) return end(view, Kind::Malformed);
    if (type == kFragment) {
      if (view.piece) return end(view, Kind::Malformed);  // a fragment within a fragment
      read_fragment_header(view, carried);
      if (view.piece && view.piece->offset != 0) return end(view, Kind::LaterFragment);
      fragmented = true;
    }
    type = extension.next;
    carried = {from(carried.bytes, extension.size), carried.sent - extension.size};
  }
  // Neighbour discovery is never fragmented (RFC 6980 section 5).
  if (type == kIcmp6 && fragmented) return end(view, Kind::Other);
  read_transport(view, type, carried);
}

void read_ipv6(FrameView& view, Bytes packet) {
  constexpr size_t kHeader = 40;
  if (packet.size() < kHeader || u8(packet, 0) >> 4 != 6) return end(view, Kind::Malformed);
  view.source = v6_at(packet, 8);
  view.destination = v6_at(packet, 24);
  view.hop_limit = u8(packet, 7);
  const Bytes rest = from(packet, kHeader);
  size_t sent = u16(packet, 4);
  if (sent == 0) sent = rest.size();  // a jumbogram, or left to the network card
  read_carried_by_v6(view, u8(packet, 6), {first(rest, sent), sent}, false);
}

void read_ethertype(FrameView& view, uint16_t type, Bytes rest) {
  for (int tags = 0;
       type == kEtherVlan || type == kEtherServiceVlan || type == kEtherOldServiceVlan; ++tags) {
    if (tags == kMostVlanTags) return end(view, Kind::Other);
    if (rest.size() < 4) return end(view, Kind::Malformed);
    view.vlan = u16(rest, 0) & 0x0fff;
    type = u16(rest, 2);
    rest = from(rest, 4);
  }
  switch (type) {
    case kEtherIpv4:
      return read_ipv4(view, rest);
    case kEtherIpv6:
      return read_ipv6(view, rest);
    case kEtherArp:
      view.kind = Kind::Arp;
      view.payload = rest;
      return;
    default:
      return end(view, Kind::Other);
  }
}

void read_ethernet(FrameView& view, Bytes frame) {
  constexpr size_t kHeader = 14;
  if (frame.size() < kHeader) return end(view, Kind::Malformed);
  view.link_source = mac_at(frame, 6);
  read_ethertype(view, u16(frame, 12), from(frame, kHeader));
}

// Type of packet, type of device, length of address, address (8), protocol.
void read_cooked(FrameView& view, Bytes frame) {
  constexpr size_t kHeader = 16;
  if (frame.size() < kHeader) return end(view, Kind::Malformed);
  if (u16(frame, 2) == kCookedEthernet && u16(frame, 4) == 6) view.link_source = mac_at(frame, 6);
  read_ethertype(view, u16(frame, 14), from(frame, kHeader));
}

// Protocol, reserved, interface (4), type of device (2), of packet, length of address, address (8).
void read_cooked2(FrameView& view, Bytes frame) {
  constexpr size_t kHeader = 20;
  if (frame.size() < kHeader) return end(view, Kind::Malformed);
  view.interface = u32(frame, 4);
  if (u16(frame, 8) == kCookedEthernet && u8(frame, 11) == 6) view.link_source = mac_at(frame, 12);
  read_ethertype(view, u16(frame, 0), from(frame, kHeader));
}

void read_ip(FrameView& view, Bytes packet) {
  if (packet.empty()) return end(view, Kind::Malformed);
  if (u8(packet, 0) >> 4 == 6) return read_ipv6(view, packet);
  read_ipv4(view, packet);
}

// The address family in the order of the machine that captured it; the IP header says the same.
void read_loopback(FrameView& view, Bytes frame) {
  constexpr size_t kHeader = 4;
  if (frame.size() < kHeader) return end(view, Kind::Malformed);
  read_ip(view, from(frame, kHeader));
}

}  // namespace

FrameView parse_frame(LinkType link, Bytes captured) {
  FrameView view;
  switch (link) {
    case LinkType::Ethernet:
      read_ethernet(view, captured);
      break;
    case LinkType::LinuxCooked:
      read_cooked(view, captured);
      break;
    case LinkType::LinuxCooked2:
      read_cooked2(view, captured);
      break;
    case LinkType::RawIp:
      read_ip(view, captured);
      break;
    case LinkType::Loopback:
      read_loopback(view, captured);
      break;
  }
  return view;
}

FrameView whole_frame(const FrameView& fragment, uint8_t protocol, Bytes bytes, size_t sent) {
  FrameView view = fragment;
  view.piece.reset();
  view.first_fragment = false;
  if (view.source.is_v4())
    read_carried_by_v4(view, protocol, {bytes, sent});
  else
    read_carried_by_v6(view, protocol, {bytes, sent}, true);
  return view;
}

}  // namespace stormdoor::edge::watch
