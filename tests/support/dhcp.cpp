#include "tests/support/dhcp.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/support/text_files.hpp"

namespace stormdoor::test {
namespace {

constexpr const char* kSnippet = STORMDOOR_SOURCE_DIR "/etc/dhcp/dnsmasq.conf";

// {0}: the network's first three bytes, {1}: the interface.
constexpr const char* kServer = R"(port=0
interface={1}
bind-interfaces
user=root
no-ping
no-resolv
no-hosts
log-dhcp
dhcp-authoritative
dhcp-sequential-ip
dhcp-range=tag:cisco,{0}.200,{0}.250,255.255.255.0,1h
dhcp-range=tag:!cisco,{0}.100,{0}.199,255.255.255.0,1h
)";

// What a phone asks for, as soon as it is plugged in.
constexpr const char* kClient = R"(send vendor-class-identifier "{}";
request subnet-mask, tftp-server-name;
initial-delay 0;
initial-interval 1;
)";

// What dhclient runs when its lease begins and ends. An address has routes of its own, so that what
// is sent from it carries this phone's MAC, though other phones' ports stand beside it.
constexpr const char* kScript = R"(#!/bin/sh
table=$((1000 + $(cat "/sys/class/net/$interface/ifindex")))
forget() {
  rm -f "$LEASE"
  ip address flush dev "$interface"
  ip neighbour flush dev "$interface"
  while ip rule delete table "$table" 2>/dev/null; do :; done
}
case $reason in
EXPIRE|FAIL|RELEASE|STOP) forget ;;
BOUND|REBOOT)
  forget
  ip address add "$new_ip_address/$new_subnet_mask" dev "$interface" noprefixroute
  ip route replace default dev "$interface" src "$new_ip_address" table "$table"
  ip rule add from "$new_ip_address" table "$table"
  printf '%s\n' "$new_ip_address" "$new_tftp_server_name" > "$LEASE.new"
  mv "$LEASE.new" "$LEASE"
  ;;
esac
)";

constexpr const char* kPort = R"(cd /proc/sys/net/ipv4/conf
echo 1 > all/arp_ignore; echo 2 > all/arp_announce; echo 0 > all/rp_filter
ip link add link eth0 name {0} address {1} type macvlan mode bridge
echo 0 > {0}/rp_filter
ip link set {0} addrgenmode none up
)";

}  // namespace

DhcpServer::DhcpServer(const OfficeNetwork& network, const std::string& place,
                       const std::string& provisioning_url) {
  const bool is_router = place == "nat";
  std::string lines =
      fmt::format(kServer, is_router ? "192.168.7" : "203.0.113", is_router ? "br0" : "eth0");
  lines += replaced(replaced(text_of(kSnippet), "192.0.2.10", network.address("edge")),
                    "https://pbx-edge.example/prov/", provisioning_url);
  const std::string config = directory_.write("dnsmasq.conf", lines);
  process_ =
      ChildProcess(network.at(place, {"dnsmasq", "--keep-in-foreground", "--conf-file=" + config,
                                      "--log-facility=-", "--pid-file=" + directory_.file("pid"),
                                      "--dhcp-leasefile=" + directory_.file("leases")}),
                   {}, directory_.file("log"));
  const auto listens = [&] {
    return network.run(place, {"ss", "-Hlun", "sport = :67"}).out.find(":67") != std::string::npos;
  };
  EXPECT_TRUE(wait_until(listens)) << log();
}

std::string DhcpServer::log() const {
  return text_of(directory_.file("log"));
}

DhcpPhone::DhcpPhone(const OfficeNetwork& network, const std::string& place, const MacAddress& mac,
                     const std::string& vendor_class)
    : network_(network), place_(place) {
  static std::atomic<int> made{0};
  port_ = fmt::format("phone{}", ++made);
  const auto plugged =
      network.run(place, {"sh", "-ec", fmt::format(kPort, port_, mac.to_string())});
  EXPECT_EQ(plugged.status, 0) << plugged.err;
  directory_.write("config", fmt::format(kClient, vendor_class));
  std::filesystem::permissions(directory_.write("script", kScript), std::filesystem::perms(0755));
  client_ = ChildProcess(network.at(place, client({"-1", "-d"})), {}, directory_.file("log"));
}

DhcpPhone::~DhcpPhone() {
  client_ = {};
  (void)network_.run(place_, {"ip", "link", "delete", port_});
}

std::vector<std::string> DhcpPhone::client(std::vector<std::string> options) const {
  options.insert(options.begin(), "dhclient");
  options.insert(options.end(), {"-cf", directory_.file("config"), "-sf", directory_.file("script"),
                                 "-lf", directory_.file("leases"), "-pf", directory_.file("pid"),
                                 "-e", "LEASE=" + directory_.file("lease"), port_});
  return options;
}

std::optional<DhcpPhone::Lease> DhcpPhone::lease_in_time() const {
  if (!wait_until([&] { return lease().has_value(); }))
    ADD_FAILURE() << text_of(directory_.file("log"));
  return lease();
}

// A client that releases waits a whole second for one that it finds running.
void DhcpPhone::release() {
  client_ = {};
  std::filesystem::remove(directory_.file("pid"));
  const auto released = network_.run(place_, client({"-r"}));
  EXPECT_EQ(released.status, 0) << released.err;
  EXPECT_FALSE(lease()) << released.err;
}

std::optional<DhcpPhone::Lease> DhcpPhone::lease() const {
  std::ifstream file(directory_.file("lease"));
  Lease lease;
  std::getline(file, lease.address);
  std::getline(file, lease.tftp_server_name);
  if (lease.address.empty() || lease.tftp_server_name.empty()) return {};
  return lease;
}

}  // namespace stormdoor::test
