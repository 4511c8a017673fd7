#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::acl {

// Where a binding was learned. The later ones are worth more.
enum class BindingSource : uint8_t {
  Arp,              // a request or reply that named it
  GratuitousArp,    // it announced itself
  NeighborSolicit,  // IPv6 neighbour discovery
  NeighborAdvert,
  Dhcp,    // a server acknowledged that address to that MAC
  Kernel,  // this machine's own neighbour table
};
[[nodiscard]] std::string_view to_string(BindingSource source);

struct Sighting {
  MacAddress mac;
  IpAddress address;
  BindingSource source = BindingSource::Arp;
  uint32_t interface = 0;  // index
  uint16_t vlan = 0;       // the inner tag, 0: none
  // Somebody else's Ethernet address stood on the frame that claimed this.
  bool foreign_frame = false;
  std::string vendor_class;  // DHCP option 60, printable, cut to 64 bytes
  std::string relay;         // DHCP option 82, printable hexadecimal or text, cut to 128 bytes
};

// Which MAC was last seen behind which address, and who disputes it. Shared by all threads;
// sharded by address, one short lock at a time. Holds at most `capacity` addresses; when a shard is
// full, the /24 (/48) that holds most of it forgets its oldest, so that one link's flood costs that
// link. Each address remembers its last kHistory holders.
//
// A binding is fit as proof (promise 7) when it is younger than `fit_for`, nobody else claimed the
// address within that time, and no frame of it was foreign. One exception, or every phone that
// inherits an address would wait for hours: a DHCP acknowledgement for somebody who did not hold
// the address before hands it over, and only what others claim after it disputes it. Whoever can
// forge that could as well claim an address that nobody has: the switch port is the limit of what
// a wire can prove.
//
// Teaches nothing: an address that is unspecified (RFC 5227 probes), loopback, multicast or
// broadcast; a MAC that is zero or a group. A kernel sighting, made when a request arrives, is the
// second witness: if it names another MAC, that is a dispute like any other.
class BindingTable {
 public:
  static constexpr size_t kHistory = 4;
  static constexpr size_t kMostAddressesOfMac = 8;
  explicit BindingTable(size_t capacity, milliseconds fit_for = std::chrono::hours(4));
  ~BindingTable();

  struct Learned {
    bool is_new = false;    // another holder than before, or none before
    bool conflict = false;  // it disputes a binding that was fit until now
    std::optional<MacAddress> before;
  };
  Learned learn(const Sighting& sighting, Now now);

  struct Holder {
    MacAddress mac;
    BindingSource source = BindingSource::Arp;  // the best one so far
    WallTime first, last;
    uint32_t interface = 0;
    uint16_t vlan = 0;
    bool foreign_frame = false;  // within `fit_for`
    std::string vendor_class, relay;
  };
  struct Binding {
    IpAddress address;
    std::vector<Holder> holders;  // newest first, at most kHistory
    bool conflict = false;        // somebody disputes it
    bool fit = false;
  };
  // The MAC behind this address, if a binding fit as proof says so.
  [[nodiscard]] std::optional<MacAddress> proven_mac(const IpAddress& address, Now now) const;
  [[nodiscard]] std::optional<Binding> find(const IpAddress& address, Now now) const;
  // Where this MAC was seen, newest first, at most kMostAddressesOfMac.
  [[nodiscard]] std::vector<IpAddress> addresses_of(const MacAddress& mac) const;
  // At most `most`, by address.
  [[nodiscard]] std::vector<Binding> all(size_t most, Now now) const;

  struct Counters {
    uint64_t addresses = 0, sightings = 0, conflicts = 0, evictions = 0;
  };
  [[nodiscard]] Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace stormdoor::acl
