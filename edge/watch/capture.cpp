#include "edge/watch/capture.hpp"

#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sys/socket.h>

namespace stormdoor::edge::watch {

std::string capture_filter(const std::vector<uint16_t>& sip_ports, bool with_tags,
                           const std::vector<IpAddress>& own) {
  std::string sip;
  for (const uint16_t port : sip_ports)
    sip += fmt::format("{}port {}", sip.empty() ? "" : " or ", port);
  std::string forged;
  for (const IpAddress& address : own)
    forged += fmt::format("{}src host {}", forged.empty() ? "" : " or ", address.to_string());
  if (!forged.empty()) forged = fmt::format(" and not (inbound and ({}))", forged);
  // In later fragments and behind IPv6 extension headers a filter finds no ports.
  constexpr std::string_view kPortsUnseen =
      "((ip proto 17 or ip proto 6) and ip[6:2] & 0x1fff != 0) or (ip6 and (ip6[6] == 0 or "
      "ip6[6] == 43 or ip6[6] == 44 or ip6[6] == 51 or ip6[6] == 60))";
  const std::string plain = fmt::format(
      "(arp or (icmp6 and (ip6[40] == 135 or ip6[40] == 136)) or (udp and (port 67 or port 68))"
      "{} or (({}){}))",
      sip.empty() ? "" : fmt::format(" or ((udp or tcp) and ({}){})", sip, forged), kPortsUnseen,
      forged);
  // Each "vlan" moves the places that what follows looks at behind one more tag.
  return with_tags ? fmt::format("{0} or (vlan and ({0} or (vlan and {0})))", plain) : plain;
}

void Capture::Close::operator()(pcap* handle) const {
  pcap_close(handle);
}

Result<Capture> Capture::open_live(const std::string& interface,
                                   const std::vector<uint16_t>& sip_ports,
                                   const std::vector<IpAddress>& own) {
  char why[PCAP_ERRBUF_SIZE] = "";
  Capture capture(Handle(pcap_create(interface.c_str(), why)), interface);
  if (!capture.handle_)
    return Error(ErrorCode::Unavailable, fmt::format("capture on {}: {}", interface, why));
  pcap* handle = capture.handle_.get();
  pcap_set_snaplen(handle, kSnapBytes);
  pcap_set_promisc(handle, 1);  // a mirror port shows what is for others
  pcap_set_immediate_mode(handle, 1);
  pcap_set_buffer_size(handle, kRingBytes);
  if (pcap_activate(handle) < 0) return capture.error("capture on");
  if (pcap_setnonblock(handle, 1, why) != 0)
    return Error(ErrorCode::Unavailable, fmt::format("capture on {}: {}", interface, why));
  capture.own_ = own;
  capture.interface_ = if_nametoindex(interface.c_str());  // 0 for "any"
  TRY(capture.find_link_type());
  TRY(capture.set_sip_ports(sip_ports));
  return capture;
}

Result<Capture> Capture::open_file(const std::string& path,
                                   const std::vector<uint16_t>& sip_ports) {
  char why[PCAP_ERRBUF_SIZE] = "";
  Capture capture(Handle(pcap_open_offline(path.c_str(), why)), path);
  if (!capture.handle_)
    return Error(ErrorCode::InvalidArgument, fmt::format("read {}: {}", path, why));
  TRY(capture.find_link_type());
  TRY(capture.set_sip_ports(sip_ports));
  return capture;
}

Result<void> Capture::find_link_type() {
  switch (pcap_datalink(handle_.get())) {
    case DLT_EN10MB:
      link_type_ = LinkType::Ethernet;
      return {};
    case DLT_LINUX_SLL:
      link_type_ = LinkType::LinuxCooked;
      return {};
    case DLT_LINUX_SLL2:
      link_type_ = LinkType::LinuxCooked2;
      return {};
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
      link_type_ = LinkType::RawIp;
      return {};
    case DLT_NULL:
    case DLT_LOOP:
      link_type_ = LinkType::Loopback;
      return {};
    default:
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("{}: a kind of link that we cannot read", name_));
  }
}

Result<void> Capture::set_sip_ports(const std::vector<uint16_t>& sip_ports) {
  bpf_program program{};
  const std::string filter = capture_filter(sip_ports, link_type_ == LinkType::Ethernet, own_);
  if (pcap_compile(handle_.get(), &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return error("filter");
  const int failed = pcap_setfilter(handle_.get(), &program);
  pcap_freecode(&program);
  if (failed != 0) return error("filter");
  return {};
}

namespace {

struct Reading {
  const Capture::Use& use;
};

extern "C" void on_captured(u_char* user, const pcap_pkthdr* header, const u_char* bytes) noexcept {
  constexpr int64_t kMicroseconds = 1'000'000;
  const int64_t time_us = int64_t{header->ts.tv_sec} * kMicroseconds + header->ts.tv_usec;
  reinterpret_cast<const Reading*>(user)->use(std::as_bytes(std::span(bytes, header->caplen)),
                                              time_us);
}

}  // namespace

Result<size_t> Capture::read(int most, const Use& use) {
  Reading reading{use};
  const int got =
      pcap_dispatch(handle_.get(), most, on_captured, reinterpret_cast<u_char*>(&reading));
  if (got < 0) return error("capture on");
  return static_cast<size_t>(got);
}

// Not pcap_stats(): that opens files in /sys, which a locked-down process may not.
uint64_t Capture::count_drops() {
  tpacket_stats_v3 statistics{};  // begins as the older ones do
  socklen_t size = sizeof statistics;
  // Each call begins anew.
  if (getsockopt(descriptor(), SOL_PACKET, PACKET_STATISTICS, &statistics, &size) == 0)
    drops_ += statistics.tp_drops;
  return drops_;
}

int Capture::descriptor() const {
  return pcap_get_selectable_fd(handle_.get());
}

Error Capture::error(std::string_view what) const {
  return Error(ErrorCode::Unavailable,
               fmt::format("{} {}: {}", what, name_, pcap_geterr(handle_.get())));
}

}  // namespace stormdoor::edge::watch
