#include "edge/watch/watcher.hpp"

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

Watcher::Watcher(size_t addresses, SipWatchSettings sip, Tell tell)
    : bindings_(addresses, [tell](const BindingSeen& seen) { tell(seen); }),
      sip_(
          std::move(sip), [tell](const SipOutcome& outcome) { tell(outcome); },
          [tell](const CallSeen& call) { tell(call); }) {}

void Watcher::on_frame(LinkType link, Bytes captured, uint32_t interface, int64_t now_us) {
  ++counters_.frames;
  FrameView frame = parse_frame(link, captured);
  while (frame.piece) {
    ++counters_.fragments;
    const auto whole = fragments_.add(frame, now_us);
    if (!whole) return;
    frame = *whole;
  }
  if (frame.kind == FrameView::Kind::Malformed || !bindings_.on_frame(frame, interface, now_us)) {
    ++counters_.malformed;
    return;
  }
  if (frame.kind == FrameView::Kind::Udp || frame.kind == FrameView::Kind::Tcp)
    sip_.on_packet(sip_packet_of(frame, now_us));
}

WatchCounters Watcher::counters() const {
  WatchCounters counters = counters_;
  const SipWatchCounters sip = sip_.counters();
  counters.sip_messages = sip.messages;
  counters.malformed += sip.malformed;
  counters.evictions = bindings_.evictions() + fragments_.evictions() + sip.evictions;
  return counters;
}

}  // namespace stormdoor::edge::watch
