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

constexpr const char* kServer = R"(port=0
interface=eth0
bind-interfaces
user=root
no-ping
no-resolv
no-hosts
log-dhcp
dhcp-authoritative
dhcp-sequential-ip
dhcp-range=tag:cisco,203.0.113.200,203.0.113.250,255.255.255.0,1h
dhcp-range=tag:!cisco,203.0.113.100,203.0.113.199,255.255.255.0,1h
)";

// What udhcpc runs when its lease begins and ends. An address has routes of its own, so that what
// is sent from it carries this phone's MAC, though other phones' ports stand beside it.
constexpr const char* kScript = R"(#!/bin/sh
table=$((1000 + $(cat "/sys/class/net/$interface/ifindex")))
forget() {
  rm -f "$LEASE_FILE"
  ip address flush dev "$interface"
  ip neighbour flush dev "$interface"
  while ip rule delete table "$table" 2>/dev/null; do :; done
}
case $1 in
deconfig) forget ;;
bound)
  forget
  ip address add "$ip/$mask" dev "$interface" noprefixroute
  ip route replace default dev "$interface" src "$ip" table "$table"
  ip rule add from "$ip" table "$table"
  echo "$ip" > "$LEASE_FILE.new"
  mv "$LEASE_FILE.new" "$LEASE_FILE"
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

DhcpServer::DhcpServer(const OfficeNetwork& network, const std::string& provisioning_url) {
  std::string lines = replaced(text_of(kSnippet), "192.0.2.10", network.address("edge"));
  lines = replaced(std::move(lines), "https://pbx-edge.example/prov/", provisioning_url);
  const std::string config = directory_.write("dnsmasq.conf", kServer + lines);
  process_ =
      ChildProcess(network.at("edge", {"dnsmasq", "--keep-in-foreground", "--conf-file=" + config,
                                       "--log-facility=-", "--pid-file=" + directory_.file("pid"),
                                       "--dhcp-leasefile=" + directory_.file("leases")}),
                   {}, directory_.file("log"));
  const auto listens = [&] {
    return network.run("edge", {"ss", "-Hlun", "sport = :67"}).out.find(":67") != std::string::npos;
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
  const std::string script = directory_.write("script", kScript);
  std::filesystem::permissions(script, std::filesystem::perms(0755));
  client_ =
      ChildProcess(network.at(place, {"busybox", "udhcpc", "-f", "-i", port_, "-s", script, "-V",
                                      vendor_class, "-O", "tftp", "-t", "20", "-T", "1"}),
                   {{"LEASE_FILE", directory_.file("lease")}}, directory_.file("log"));
}

DhcpPhone::~DhcpPhone() {
  client_ = {};
  (void)network_.run(place_, {"ip", "link", "delete", port_});
}

std::optional<std::string> DhcpPhone::lease_in_time() {
  if (!wait_until([&] { return lease().has_value(); }))
    ADD_FAILURE() << text_of(directory_.file("log"));
  return lease();
}

void DhcpPhone::release() {
  client_.signal(SIGUSR2);
  EXPECT_TRUE(wait_until([&] { return !lease(); })) << text_of(directory_.file("log"));
}

std::optional<std::string> DhcpPhone::lease() const {
  std::ifstream file(directory_.file("lease"));
  std::string address;
  if (!std::getline(file, address)) return {};
  return address;
}

}  // namespace stormdoor::test
