#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

// Numbers in network order from captured bytes. Whoever asks has looked at the size; asking beyond
// the end is our own bug and stops the program in every build.
namespace stormdoor::edge::watch {

using Bytes = std::span<const std::byte>;

[[nodiscard]] inline Bytes part(Bytes bytes, size_t at, size_t size) {
  STORMDOOR_CHECK(at <= bytes.size() && size <= bytes.size() - at, "sizes are looked at first");
  return bytes.subspan(at, size);
}
[[nodiscard]] inline Bytes from(Bytes bytes, size_t at) {
  STORMDOOR_CHECK(at <= bytes.size(), "sizes are looked at first");
  return bytes.subspan(at);
}
// At most so many.
[[nodiscard]] inline Bytes first(Bytes bytes, size_t size) {
  return bytes.first(std::min(size, bytes.size()));
}
[[nodiscard]] inline uint8_t u8(Bytes bytes, size_t at) {
  return static_cast<uint8_t>(part(bytes, at, 1)[0]);
}
[[nodiscard]] inline uint16_t u16(Bytes bytes, size_t at) {
  return static_cast<uint16_t>(u8(bytes, at) << 8 | u8(bytes, at + 1));
}
[[nodiscard]] inline uint32_t u32(Bytes bytes, size_t at) {
  return uint32_t{u16(bytes, at)} << 16 | u16(bytes, at + 2);
}
[[nodiscard]] inline MacAddress mac_at(Bytes bytes, size_t at) {
  std::array<uint8_t, 6> mac;
  for (size_t i = 0; i < mac.size(); ++i) mac[i] = u8(bytes, at + i);
  return MacAddress(mac);
}
[[nodiscard]] inline IpAddress v4_at(Bytes bytes, size_t at) {
  return IpAddress::v4(u32(bytes, at));
}
[[nodiscard]] inline IpAddress v6_at(Bytes bytes, size_t at) {
  std::array<uint8_t, 16> address;
  for (size_t i = 0; i < address.size(); ++i) address[i] = u8(bytes, at + i);
  return IpAddress::v6(address);
}
[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace stormdoor::edge::watch
