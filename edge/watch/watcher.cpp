#include "edge/watch/watcher.hpp"

#include <algorithm>
#include <utility>

namespace stormdoor::edge::watch {

SipPacket sip_packet_of(const FrameView& frame, int64_t now_us) {
  SipPacket packet;
  packet.source = frame.source;
  packet.destination = frame.destination;
  packet.source_port = frame.source_port;
  packet.destination_port = frame.destination_port;
  packet.tcp = frame.kind == FrameView::Kind::Tcp;
  packet.seq = frame.seq;
  packet.tcp_flags = frame.tcp_flags;
  packet.payload = frame.payload;
  packet.time_us = now_us;
  return packet;
}

Watcher::Watcher(size_t addresses, BindingWatch::Tell tell, OnSip on_sip)
    : bindings_(addresses, std::move(tell)), on_sip_(std::move(on_sip)) {}

void Watcher::on_frame(LinkType link, Bytes captured, uint32_t interface, int64_t now_us) {
  ++counters_.frames;
  const FrameView frame = parse_frame(link, captured);
  if (frame.kind == FrameView::Kind::LaterFragment) ++counters_.fragments;
  if (frame.kind == FrameView::Kind::Malformed || !bindings_.on_frame(frame, interface, now_us)) {
    ++counters_.malformed;
    return;
  }
  const bool has_ports = frame.kind == FrameView::Kind::Udp || frame.kind == FrameView::Kind::Tcp;
  if (has_ports && (is_sip_port(frame.source_port) || is_sip_port(frame.destination_port)))
    on_sip_(sip_packet_of(frame, now_us));
}

WatchCounters Watcher::counters() const {
  WatchCounters counters = counters_;
  counters.evictions = bindings_.evictions();
  return counters;
}

bool Watcher::is_sip_port(uint16_t port) const {
  return std::ranges::find(sip_ports_, port) != sip_ports_.end();
}

}  // namespace stormdoor::edge::watch
