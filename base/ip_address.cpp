#include "base/ip_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <optional>

#include "base/keyed_hash.hpp"
#include "base/text.hpp"

namespace stormdoor {
namespace {

constexpr int kMappedBits = 96;  // an IPv4 prefix of length n is a mapped prefix of 96 + n

template <typename Number>
std::optional<Number> parse_number(std::string_view text, Number most) {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || value > most) return {};
  return value;
}

IpAddress masked(const IpAddress& address, int bits_of_128) {
  if (bits_of_128 == 128) return address;
  auto bytes = address.bytes();
  for (int i = 0; i < 16; ++i) {
    const int keep = bits_of_128 - i * 8;
    if (keep <= 0)
      bytes[i] = 0;
    else if (keep < 8)
      bytes[i] = uint8_t(bytes[i] & (0xff << (8 - keep)));
  }
  return IpAddress::v6(bytes);
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const auto refuse = [&] {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is not an IP address; expected something like 192.0.2.7 or "
                             "2001:db8::7",
                             printable(text, 64)));
  };
  char buffer[64];
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos)
    return refuse();
  text.copy(buffer, text.size());
  buffer[text.size()] = '\0';
  in_addr v4_address;
  if (inet_pton(AF_INET, buffer, &v4_address) == 1) return v4(ntohl(v4_address.s_addr));
  std::array<uint8_t, 16> bytes;
  if (inet_pton(AF_INET6, buffer, bytes.data()) == 1) return v6(bytes);
  return refuse();
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[12] == 127;
  static constexpr std::array<uint8_t, 16> kLoopback = {0, 0, 0, 0, 0, 0, 0, 0,
                                                        0, 0, 0, 0, 0, 0, 0, 1};
  return bytes_ == kLoopback;
}

bool IpAddress::is_link_local() const {
  if (is_v4()) return bytes_[12] == 169 && bytes_[13] == 254;
  return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

bool IpAddress::is_unspecified() const {
  return is_v4() ? v4_value() == 0 : *this == IpAddress{};
}

uint32_t IpAddress::v4_value() const {
  return uint32_t{bytes_[12]} << 24 | uint32_t{bytes_[13]} << 16 | uint32_t{bytes_[14]} << 8 |
         bytes_[15];
}

std::string IpAddress::to_string() const {
  char buffer[INET6_ADDRSTRLEN];
  if (is_v4())
    inet_ntop(AF_INET, bytes_.data() + 12, buffer, sizeof buffer);
  else
    inet_ntop(AF_INET6, bytes_.data(), buffer, sizeof buffer);
  return buffer;
}

IpPrefix::IpPrefix(const IpAddress& address, int length)
    : length_(uint8_t(length)), v4_(address.is_v4()) {
  STORMDOOR_CHECK(length >= 0 && length <= (v4_ ? 32 : 128),
                  "a prefix is no longer than its address");
  address_ = masked(address, v4_ ? kMappedBits + length : length);
  // 0.0.0.0/0 stays IPv4: masking keeps the mapped marker, which is part of the first 96 bits.
}

Result<IpPrefix> IpPrefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const IpAddress address = TRY(IpAddress::parse(text.substr(0, slash)));
  const int most = address.is_v4() ? 32 : 128;
  int length = most;
  if (slash != std::string_view::npos) {
    const auto parsed = parse_number<int>(text.substr(slash + 1), most);
    if (!parsed || *parsed < 0)
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("\"{}\": the part after / must be a number from 0 to {}",
                               printable(text, 64), most));
    length = *parsed;
  }
  const IpPrefix prefix(address, length);
  if (prefix.address() != address)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("{} has bits set beyond its length; did you mean {}?",
                             printable(text, 64), prefix.to_string()));
  return prefix;
}

bool IpPrefix::contains(const IpAddress& address) const {
  if (v4_ != address.is_v4()) return false;
  return masked(address, v4_ ? kMappedBits + length_ : length_) == address_;
}

bool IpPrefix::contains(const IpPrefix& other) const {
  return other.length_ >= length_ && other.v4_ == v4_ && contains(other.address_);
}

std::string IpPrefix::to_string() const {
  return fmt::format("{}/{}", address_.to_string(), length_);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const auto refuse = [&] {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is not an address and port; expected something like "
                             "192.0.2.7:69 or [2001:db8::7]:69",
                             printable(text, 80)));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return refuse();
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.front() == '[';
  if (bracketed) {
    if (host.size() < 3 || host.back() != ']') return refuse();
    host = host.substr(1, host.size() - 2);
  }
  const auto port = parse_number<uint32_t>(text.substr(colon + 1), 65535U);
  const auto address = IpAddress::parse(host);
  if (!port || !address || bracketed == (host.find(':') == std::string_view::npos)) return refuse();
  return Endpoint{*address, uint16_t(*port), 0};
}

std::string Endpoint::to_string() const {
  return fmt::format(fmt::runtime(address.is_v4() ? "{}:{}" : "[{}]:{}"), address.to_string(),
                     port);
}

}  // namespace stormdoor

size_t std::hash<stormdoor::IpAddress>::operator()(const stormdoor::IpAddress& a) const {
  return stormdoor::keyed_hash(stormdoor::HashKey::of_this_process(),
                               std::as_bytes(std::span(a.bytes())));
}

size_t std::hash<stormdoor::Endpoint>::operator()(const stormdoor::Endpoint& e) const noexcept {
  std::array<std::byte, 22> bytes;
  std::memcpy(bytes.data(), e.address.bytes().data(), 16);
  std::memcpy(bytes.data() + 16, &e.port, 2);
  std::memcpy(bytes.data() + 18, &e.scope_id, 4);
  return stormdoor::keyed_hash(stormdoor::HashKey::of_this_process(), bytes);
}
