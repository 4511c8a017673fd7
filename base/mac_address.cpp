#include "base/mac_address.hpp"

#include <fmt/format.h>

#include <span>

#include "base/keyed_hash.hpp"
#include "base/text.hpp"

namespace stormdoor {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The twelve digits of a MAC in any accepted spelling, or nothing.
std::optional<std::string> strip_separators(std::string_view text) {
  if (text.size() == 12) return std::string(text);
  const size_t first = text.find_first_of(":-. ");
  if (first == std::string_view::npos || first == 0) return {};
  const char separator = text[first];
  const size_t group = first;  // 2, 4 or 6 digits between separators
  if (group != 2 && group != 4 && group != 6) return {};
  if (text.size() != 12 + 12 / group - 1) return {};
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_separator = i % (group + 1) == group;
    if (is_separator != (text[i] == separator)) return {};
    if (!is_separator) digits += text[i];
  }
  return digits;
}

}  // namespace

std::optional<MacAddress> MacAddress::from_hex(std::string_view twelve_digits) {
  if (twelve_digits.size() != 12) return {};
  std::array<uint8_t, 6> bytes;
  for (size_t i = 0; i < 6; ++i) {
    const int high = hex_digit(twelve_digits[2 * i]);
    const int low = hex_digit(twelve_digits[2 * i + 1]);
    if (high < 0 || low < 0) return {};
    bytes[i] = uint8_t(high * 16 + low);
  }
  return MacAddress(bytes);
}

Result<MacAddress> MacAddress::parse(std::string_view text) {
  if (const auto digits = strip_separators(text))
    if (const auto mac = from_hex(*digits)) return *mac;
  return Error(ErrorCode::InvalidArgument,
               fmt::format("\"{}\" is not a MAC address; expected twelve hexadecimal digits like "
                           "00:0F:D3:05:48:48",
                           printable(text, 40)));
}

Result<MacAddress> MacAddress::parse_unicast(std::string_view text) {
  const MacAddress mac = TRY(parse(text));
  if (mac.is_zero())
    return Error(ErrorCode::InvalidArgument, "the all-zero MAC address belongs to no phone");
  if (mac.is_multicast())
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("{} is a multicast address and cannot be a phone's own", mac.to_string()));
  return mac;
}

uint64_t MacAddress::value() const {
  uint64_t value = 0;
  for (const uint8_t byte : bytes_) value = value << 8 | byte;
  return value;
}

std::string MacAddress::to_string() const {
  return fmt::format("{:02X}:{:02X}:{:02X}:{:02X}:{:02X}:{:02X}", bytes_[0], bytes_[1], bytes_[2],
                     bytes_[3], bytes_[4], bytes_[5]);
}

std::string MacAddress::lower_hex() const {
  return fmt::format("{:012x}", value());
}

std::string MacAddress::upper_hex() const {
  return fmt::format("{:012X}", value());
}

}  // namespace stormdoor

size_t std::hash<stormdoor::MacAddress>::operator()(const stormdoor::MacAddress& m) const noexcept {
  return stormdoor::keyed_hash(stormdoor::HashKey::of_this_process(),
                               std::as_bytes(std::span(m.bytes())));
}
