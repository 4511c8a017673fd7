#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace stormdoor {

// An IPv4 or IPv6 address. IPv4 is kept as its IPv4-mapped IPv6 form (::ffff:a.b.c.d), and a mapped
// address that arrives over IPv6 is the IPv4 address: one peer has one key.
class IpAddress {
 public:
  constexpr IpAddress() = default;  // "::"

  // Dotted IPv4 or RFC 4291 text, without zone or brackets.
  static Result<IpAddress> parse(std::string_view text);
  static constexpr IpAddress v4(uint32_t host_order) {
    IpAddress a;
    a.bytes_ = {0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0xff,
                0xff,
                uint8_t(host_order >> 24),
                uint8_t(host_order >> 16),
                uint8_t(host_order >> 8),
                uint8_t(host_order)};
    return a;
  }
  static constexpr IpAddress v6(const std::array<uint8_t, 16>& bytes) {
    IpAddress a;
    a.bytes_ = bytes;
    return a;
  }

  [[nodiscard]] bool is_v4() const {
    return std::memcmp(bytes_.data(), kMapped.data(), kMapped.size()) == 0;
  }
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_link_local() const;
  [[nodiscard]] bool is_unspecified() const;  // 0.0.0.0 or ::
  // 16 bytes in network order; IPv4 as its mapped form.
  [[nodiscard]] const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  // Host order; only for is_v4().
  [[nodiscard]] uint32_t v4_value() const;
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  static constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

  std::array<uint8_t, 16> bytes_{};
};

// An address range "10.20.0.0/16" or "fd00::/48". Bits beyond the length are always zero.
class IpPrefix {
 public:
  constexpr IpPrefix() = default;  // ::/0
  // `length` is in bits of the address's own family (0 to 32 or 0 to 128); more is an own bug.
  IpPrefix(const IpAddress& address, int length);

  // "10.0.0.0/8", or a single address. Bits set beyond the length are an error that names the
  // prefix that was probably meant.
  static Result<IpPrefix> parse(std::string_view text);

  [[nodiscard]] const IpAddress& address() const { return address_; }
  [[nodiscard]] bool is_v4() const { return v4_; }
  [[nodiscard]] int length() const { return length_; }  // of its own family
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] bool contains(const IpPrefix& other) const;
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const IpPrefix&) const = default;

 private:
  IpAddress address_{};
  uint8_t length_ = 0;
  bool v4_ = false;
};

// An address and a port: the far or near end of a UDP or TCP flow.
struct Endpoint {
  IpAddress address;
  uint16_t port = 0;
  uint32_t scope_id = 0;  // interface index of an IPv6 link-local address, else 0

  // "10.0.0.1:69", "[fd00::1]:69".
  static Result<Endpoint> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  auto operator<=>(const Endpoint&) const = default;
};

}  // namespace stormdoor

// Keyed, so costly: without `noexcept` libstdc++ keeps the hash beside each key instead of
// computing those of the neighbours in every look-up.
template <>
struct std::hash<stormdoor::IpAddress> {
  size_t operator()(const stormdoor::IpAddress& a) const;
};
template <>
struct std::hash<stormdoor::Endpoint> {
  size_t operator()(const stormdoor::Endpoint& e) const noexcept;
};
