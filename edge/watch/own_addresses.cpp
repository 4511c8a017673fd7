#include "edge/watch/own_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace stormdoor::edge::watch {
namespace {

std::optional<IpAddress> address_of(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr || (entry.ifa_flags & IFF_LOOPBACK) != 0) return {};
  if (entry.ifa_addr->sa_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    return IpAddress::v4(ntohl(address.sin_addr.s_addr));
  }
  if (entry.ifa_addr->sa_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    std::array<uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
    return IpAddress::v6(bytes);
  }
  return {};
}

}  // namespace

std::vector<IpAddress> own_addresses() {
  std::vector<IpAddress> own;
  ifaddrs* entries = nullptr;
  if (getifaddrs(&entries) != 0) return own;
  for (const ifaddrs* entry = entries; entry != nullptr; entry = entry->ifa_next) {
    const auto address = address_of(*entry);
    if (address && own.size() < kMostOwnAddresses && std::ranges::find(own, *address) == own.end())
      own.push_back(*address);
  }
  freeifaddrs(entries);
  return own;
}

}  // namespace stormdoor::edge::watch
