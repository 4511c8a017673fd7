#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "edge/messages_watch.hpp"
#include "edge/watch/binding_watch.hpp"
#include "edge/watch/fragments.hpp"
#include "edge/watch/frame.hpp"
#include "edge/watch/sip_packet.hpp"
#include "edge/watch/sip_watch.hpp"

namespace stormdoor::edge::watch {

// Captured bytes in, reports out: reads each frame once, puts fragments together, and hands what is
// whole to whoever understands it.
// Pure; used by one thread. Bounded as its parts are.
class Watcher {
 public:
  using Tell = std::function<void(const WatchReport&)>;

  // Remembers at most `addresses` bindings that it told.
  Watcher(size_t addresses, SipWatchSettings sip, Tell tell);

  void set_sip_ports(std::vector<uint16_t> ports) { sip_.set_ports(std::move(ports)); }
  // `interface`: the index of where it was captured, 0 if unknown.
  void on_frame(LinkType link, Bytes captured, uint32_t interface, int64_t now_us);

  // Of frames, messages and tables; the others count elsewhere.
  [[nodiscard]] WatchCounters counters() const;

 private:
  Fragments fragments_;
  BindingWatch bindings_;
  SipWatch sip_;
  WatchCounters counters_;
};

// The datagram or segment in a frame of kind Udp or Tcp.
[[nodiscard]] SipPacket sip_packet_of(const FrameView& frame, int64_t now_us);

}  // namespace stormdoor::edge::watch
