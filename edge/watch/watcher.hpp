#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "edge/messages_watch.hpp"
#include "edge/watch/binding_watch.hpp"
#include "edge/watch/frame.hpp"
#include "edge/watch/sip_packet.hpp"

namespace stormdoor::edge::watch {

// Captured bytes in, reports out: reads each frame once and hands it to whoever understands it.
// Pure; used by one thread. Bounded as its parts are.
class Watcher {
 public:
  // What reads SIP: gets what was sent from or to a SIP port.
  using OnSip = std::function<void(const SipPacket&)>;

  // Remembers at most `addresses` bindings that it told.
  Watcher(size_t addresses, BindingWatch::Tell tell, OnSip on_sip);

  void set_sip_ports(std::vector<uint16_t> ports) { sip_ports_ = std::move(ports); }
  // `interface`: the index of where it was captured, 0 if unknown.
  void on_frame(LinkType link, Bytes captured, uint32_t interface, int64_t now_us);

  // Frames, malformed, fragments and evictions; the others count elsewhere.
  [[nodiscard]] WatchCounters counters() const;

 private:
  [[nodiscard]] bool is_sip_port(uint16_t port) const;

  BindingWatch bindings_;
  OnSip on_sip_;
  std::vector<uint16_t> sip_ports_;
  WatchCounters counters_;
};

// The datagram or segment in a frame of kind Udp or Tcp.
[[nodiscard]] SipPacket sip_packet_of(const FrameView& frame, int64_t now_us);

}  // namespace stormdoor::edge::watch
