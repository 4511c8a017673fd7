#pragma once

#include <optional>
#include <string>

#include "base/mac_address.hpp"
#include "tests/support/office_network.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::test {

// dnsmasq as the DHCP server on the network's edge, with the lines that etc/dhcp/dnsmasq.conf shows
// an administrator: what phones are told of stormdoor is what those lines say. Cisco phones get
// addresses from 203.0.113.200 to .250, all others those from .100 to .199; whoever asks first
// gets the lowest that is free.
class DhcpServer {
 public:
  // `provisioning_url`: what stands there as "https://pbx-edge.example/prov/".
  DhcpServer(const OfficeNetwork& network, const std::string& provisioning_url);
  // Each message with its options.
  [[nodiscard]] std::string log() const;

 private:
  TempDir directory_;
  ChildProcess process_;
};

// A phone's network port at a place, with the phone's MAC and busybox's udhcpc, whose address is
// whatever DHCP says. Packets from that address leave through it alone, and nobody else answers
// for it. Lives at most as long as the network.
class DhcpPhone {
 public:
  // `vendor_class`: option 60.
  DhcpPhone(const OfficeNetwork& network, const std::string& place, const MacAddress& mac,
            const std::string& vendor_class);
  ~DhcpPhone();  // pulls the cable; the server is not told
  DhcpPhone(const DhcpPhone&) = delete;
  DhcpPhone& operator=(const DhcpPhone&) = delete;

  // Waits for the address that it asks for as soon as it is plugged in. Nothing when no server gave
  // one in time.
  std::optional<std::string> lease_in_time();
  // Gives it back, and has no address from then on.
  void release();

 private:
  [[nodiscard]] std::optional<std::string> lease() const;

  const OfficeNetwork& network_;
  std::string place_;
  std::string port_;
  TempDir directory_;
  ChildProcess client_;
};

}  // namespace stormdoor::test
