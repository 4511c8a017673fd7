#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "edge/watch/frame.hpp"

struct pcap;

namespace stormdoor::edge::watch {

// The filter for bindings and SIP, untagged and behind up to two VLAN tags (where the kind of link
// can tell), as tcpdump spells it. Where it finds no ports (later fragments, IPv6 extensions), all
// is let through. SIP that comes in with one of our `own` addresses as its source is forged, and
// left out.
[[nodiscard]] std::string capture_filter(const std::vector<uint16_t>& sip_ports, bool with_tags,
                                         const std::vector<IpAddress>& own = {});

// Frames of one interface, or of a file: libpcap. Used by one thread; never blocks.
//
// Live, it hands frames over at once (no batching in the kernel, for which a block would wait), has
// room for kRingBytes of them, and sees kSnapBytes of each: longer segments, which network cards
// put together, lose their end. What comes while the room is full is lost and counted.
class Capture {
 public:
  static constexpr int kSnapBytes = 9'000;
  static constexpr int kRingBytes = 32 << 20;

  // Needs CAP_NET_RAW. Frames wait from now on, filtered.
  static Result<Capture> open_live(const std::string& interface,
                                   const std::vector<uint16_t>& sip_ports,
                                   const std::vector<IpAddress>& own);
  static Result<Capture> open_file(const std::string& path, const std::vector<uint16_t>& sip_ports);

  // The same filter for other ports. Works also after the process was locked down.
  Result<void> set_sip_ports(const std::vector<uint16_t>& sip_ports);

  using Use = std::function<void(Bytes captured, int64_t time_us)>;
  // Calls use() for at most `most` frames that are there. 0: none for now, or the file's end.
  Result<size_t> read(int most, const Use& use);

  // How many frames found no room, since it was opened.
  uint64_t count_drops();

  [[nodiscard]] int descriptor() const;
  [[nodiscard]] LinkType link_type() const { return link_type_; }
  [[nodiscard]] uint32_t interface() const { return interface_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };
  using Handle = std::unique_ptr<pcap, Close>;

  Capture(Handle handle, std::string name) : handle_(std::move(handle)), name_(std::move(name)) {}
  Result<void> find_link_type();
  [[nodiscard]] Error error(std::string_view what) const;

  Handle handle_;
  std::string name_;
  std::vector<IpAddress> own_;
  LinkType link_type_ = LinkType::Ethernet;
  uint32_t interface_ = 0;
  uint64_t drops_ = 0;
};

}  // namespace stormdoor::edge::watch
