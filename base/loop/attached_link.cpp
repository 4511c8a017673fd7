#include "base/loop/attached_link.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <span>

namespace stormdoor::loop {
namespace {

template <typename Address>
std::optional<IpPrefix> prefix_of(const IpAddress& address, const Address& mask) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&mask);
  int length = 0;
  for (const uint8_t byte : std::span(bytes, sizeof mask)) length += std::popcount(byte);
  return IpPrefix(address, length);
}

std::optional<IpPrefix> network_of(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr ||
      (entry.ifa_flags & IFF_LOOPBACK) != 0)
    return {};
  if (entry.ifa_addr->sa_family == AF_INET) {
    sockaddr_in address{}, mask{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    std::memcpy(&mask, entry.ifa_netmask, sizeof mask);
    return prefix_of(IpAddress::v4(ntohl(address.sin_addr.s_addr)), mask.sin_addr);
  }
  if (entry.ifa_addr->sa_family == AF_INET6) {
    sockaddr_in6 address{}, mask{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    std::memcpy(&mask, entry.ifa_netmask, sizeof mask);
    std::array<uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
    return prefix_of(IpAddress::v6(bytes), mask.sin6_addr);
  }
  return {};
}

}  // namespace

bool is_one_attached_link(const IpPrefix& prefix) {
  ifaddrs* entries = nullptr;
  if (getifaddrs(&entries) != 0) return false;
  bool found = false;
  for (const ifaddrs* entry = entries; entry != nullptr && !found; entry = entry->ifa_next)
    if (const auto network = network_of(*entry)) found = network->contains(prefix);
  freeifaddrs(entries);
  return found;
}

}  // namespace stormdoor::loop
