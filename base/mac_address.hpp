#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace stormdoor {

// A phone's 48-bit hardware address, shown as 00:0F:D3:05:48:48.
class MacAddress {
 public:
  constexpr MacAddress() = default;
  constexpr explicit MacAddress(const std::array<uint8_t, 6>& bytes) : bytes_(bytes) {}

  // Every common spelling, in either case: 000fd3054848, 00:0f:d3:05:48:48, 00-0F-D3-05-48-48,
  // 000f.d305.4848, 000fd3-054848. Separators must be of one kind and evenly spaced.
  static Result<MacAddress> parse(std::string_view text);
  // As parse(), and also refuses what no phone can have: all-zero, broadcast and multicast.
  static Result<MacAddress> parse_unicast(std::string_view text);
  // Exactly twelve hexadecimal digits, as file names spell it; nothing else.
  static std::optional<MacAddress> from_hex(std::string_view twelve_digits);

  [[nodiscard]] const std::array<uint8_t, 6>& bytes() const { return bytes_; }
  [[nodiscard]] uint64_t value() const;
  [[nodiscard]] bool is_multicast() const { return (bytes_[0] & 1) != 0; }  // broadcast included
  [[nodiscard]] bool is_zero() const { return value() == 0; }

  [[nodiscard]] std::string to_string() const;  // 00:0F:D3:05:48:48
  [[nodiscard]] std::string lower_hex() const;  // 000fd3054848
  [[nodiscard]] std::string upper_hex() const;  // 000FD3054848

  auto operator<=>(const MacAddress&) const = default;

 private:
  std::array<uint8_t, 6> bytes_{};
};

}  // namespace stormdoor

template <>
struct std::hash<stormdoor::MacAddress> {
  size_t operator()(const stormdoor::MacAddress& m) const noexcept;
};
