#pragma once

#include <span>

#include "base/ip_address.hpp"
#include "base/keyed_hash.hpp"

namespace stormdoor::acl {

// One source as failures and blocks count it: an address cut to the configured length, with its
// hash under this process's key, computed once per request and used by every table it visits.
struct SourceKey {
  IpPrefix prefix;
  uint64_t hash = 0;

  explicit SourceKey(const IpPrefix& source)
      : prefix(source),
        hash(keyed_hash(HashKey::of_this_process(),
                        std::as_bytes(std::span(source.address().bytes())))) {}
  bool operator==(const SourceKey& other) const {
    return hash == other.hash && prefix == other.prefix;
  }
};
// For tables, which need not hash again.
struct HashOfSource {
  size_t operator()(const SourceKey& source) const noexcept { return source.hash; }
};

// The neighbourhood of a source: what one hand most likely controls, and what one flood comes from.
[[nodiscard]] inline IpPrefix neighbourhood(const IpPrefix& source) {
  constexpr int kV4 = 24;
  constexpr int kV6 = 48;
  const int length = source.is_v4() ? kV4 : kV6;
  return {source.address(), source.length() < length ? source.length() : length};
}

}  // namespace stormdoor::acl
