#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ip_address.hpp"

namespace stormdoor::acl {

// Longest-prefix match for any number of IPv4 and IPv6 prefixes. Nested prefixes are flattened once
// into ranges that do not overlap, so a look-up is one binary search without branches: about
// log2(2n) steps over 20 (IPv4: 8) bytes a prefix and boundary. Immutable.
class PrefixTable {
 public:
  PrefixTable() = default;
  // The answer for an address is the place in `prefixes` of the longest that contains it. Of equal
  // prefixes the last one counts.
  explicit PrefixTable(std::span<const IpPrefix> prefixes);

  static constexpr uint32_t kNone = UINT32_MAX;
  [[nodiscard]] uint32_t find(const IpAddress& address) const;  // or kNone

 private:
  // An IPv6 address as a number, in the order of addresses.
  struct Number128 {
    uint64_t high = 0;
    uint64_t low = 0;
    auto operator<=>(const Number128&) const = default;
  };
  // Range i begins at starts[i] and ends before starts[i + 1]; starts[0] is the lowest address.
  template <typename Number>
  struct Ranges {
    std::vector<Number> starts;
    std::vector<uint32_t> answers;
  };
  struct Family4;
  struct Family6;
  template <typename Family>
  static Ranges<typename Family::Number> flatten(std::span<const IpPrefix> prefixes);
  template <typename Number>
  static uint32_t find_in(const Ranges<Number>& ranges, const Number& number);

  Ranges<uint32_t> v4_;
  Ranges<Number128> v6_;
};

}  // namespace stormdoor::acl
