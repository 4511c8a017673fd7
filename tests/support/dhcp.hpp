#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/mac_address.hpp"
#include "tests/support/office_network.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::test {

// dnsmasq as the DHCP server of the network's edge (place "edge") or of the office behind its
// router
// ("nat"), with the lines that etc/dhcp/dnsmasq.conf shows an administrator: what phones are told
// of stormdoor is what those lines say. Cisco phones get addresses that end in .200 to .250, all
// others those in .100 to .199; whoever asks first gets the lowest that is free.
class DhcpServer {
 public:
  // `provisioning_url`: what stands there as "https://pbx-edge.example/prov/".
  DhcpServer(const OfficeNetwork& network, const std::string& place,
             const std::string& provisioning_url);
  // Each message with its options.
  [[nodiscard]] std::string log() const;

 private:
  TempDir directory_;
  ChildProcess process_;
};

// A phone's network port at a place, with the phone's MAC and ISC's dhclient, which knows of the
// network only what DHCP says. Packets from its address leave through it alone, and nobody else
// answers for it. Lives at most as long as the network.
class DhcpPhone {
 public:
  struct Lease {
    std::string address;
    std::string tftp_server_name;  // option 66, as the server wrote it
  };
  // `vendor_class`: option 60. It asks as soon as it is plugged in, which is now.
  DhcpPhone(const OfficeNetwork& network, const std::string& place, const MacAddress& mac,
            const std::string& vendor_class);
  ~DhcpPhone();  // pulls the cable; the server is not told
  DhcpPhone(const DhcpPhone&) = delete;
  DhcpPhone& operator=(const DhcpPhone&) = delete;

  // Waits for the lease. Nothing when no server gave one in time, or one without option 66.
  [[nodiscard]] std::optional<Lease> lease_in_time() const;
  // Gives it back, and has no address from then on.
  void release();

 private:
  [[nodiscard]] std::vector<std::string> client(std::vector<std::string> options) const;
  [[nodiscard]] std::optional<Lease> lease() const;

  const OfficeNetwork& network_;
  std::string place_;
  std::string port_;
  TempDir directory_;
  ChildProcess client_;
};

}  // namespace stormdoor::test
