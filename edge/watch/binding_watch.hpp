#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bounded_map.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "edge/messages_watch.hpp"
#include "edge/watch/dhcp.hpp"
#include "edge/watch/frame.hpp"

namespace stormdoor::edge::watch {

// Reads from frames which MAC is behind which address: ARP (RFC 826, 5227), neighbour discovery
// (RFC 4861, with the checks of its section 7.1) and DHCPv4 acknowledgements, and tells it. Pure;
// used by one thread.
//
// A sender of 0.0.0.0 or ::, which only asks whether an address is free, teaches nothing, nor do
// group addresses. An advertisement without its link-layer address is no sighting: who sent the
// frame may be a proxy. What clients told DHCP of themselves and servers do not repeat (option 60)
// is remembered until the acknowledgement.
//
// Tells an unchanged binding once in kTellAgainUs, and at most kMostChanges changes of an address
// within that time: after that many everybody knows that it is disputed. Remembers what it told of
// `capacity` addresses, and the vendor classes of as many clients; the one touched longest ago goes
// first, and is told again.
class BindingWatch {
 public:
  static constexpr int64_t kTellAgainUs = 30'000'000;
  static constexpr uint32_t kMostChanges = 8;
  using Tell = std::function<void(const BindingSeen&)>;

  BindingWatch(size_t capacity, Tell tell);

  // `interface`: where it was captured. False when the frame is one of ours to read and malformed.
  bool on_frame(const FrameView& frame, uint32_t interface, int64_t now_us);

  [[nodiscard]] uint64_t evictions() const { return told_.evictions(); }

 private:
  struct Told {
    MacAddress mac;
    uint16_t vlan = 0;
    bool foreign_frame = false;
    bool with_dhcp = false;
    int64_t time_us = 0;
    int64_t changes_since_us = 0;
    uint32_t changes = 0;
  };

  bool on_arp(const FrameView& frame);
  bool on_icmp6(const FrameView& frame);
  bool on_dhcp(const FrameView& frame);
  void see(const FrameView& frame, BindingSeen seen);
  [[nodiscard]] bool is_worth_telling(const BindingSeen& seen);

  Tell tell_;
  BoundedMap<IpAddress, Told> told_;
  BoundedMap<MacAddress, std::string> vendor_classes_;
  uint32_t interface_ = 0;  // of the frame at hand, as is the time
  int64_t now_us_ = 0;
};

}  // namespace stormdoor::edge::watch
