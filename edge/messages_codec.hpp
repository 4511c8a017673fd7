#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

// The bytes of messages between our own processes: fixed-width numbers in this machine's order,
// texts with their length. A reader never goes past the end: what does not fit sets `broken()`, and
// whoever reads ends the sender (design, Processes).
namespace stormdoor::edge {

inline constexpr size_t kMostPacketBytes = 60'000;

class PacketWriter {
 public:
  template <std::integral T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  // Cut to `most` bytes.
  void text(std::string_view text, size_t most) {
    text = text.substr(0, most);
    number(uint16_t(text.size()));
    bytes_.append(text);
  }
  void address(const IpAddress& address) {
    bytes_.append(reinterpret_cast<const char*>(address.bytes().data()), address.bytes().size());
  }
  void mac(const MacAddress& mac) {
    bytes_.append(reinterpret_cast<const char*>(mac.bytes().data()), mac.bytes().size());
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class PacketReader {
 public:
  explicit PacketReader(std::string_view bytes) : rest_(bytes) {}

  template <std::integral T>
  T number() {
    T value{};
    const auto raw = take(sizeof value);
    if (raw.size() == sizeof value) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  // Broken when it is longer than `most`.
  std::string text(size_t most) {
    const size_t size = number<uint16_t>();
    if (size > most) broken_ = true;
    return std::string(take(broken_ ? 0 : size));
  }
  IpAddress address() {
    std::array<uint8_t, 16> bytes{};
    const auto raw = take(bytes.size());
    if (raw.size() == bytes.size()) std::memcpy(bytes.data(), raw.data(), raw.size());
    return IpAddress::v6(bytes);
  }
  MacAddress mac() {
    std::array<uint8_t, 6> bytes{};
    const auto raw = take(bytes.size());
    if (raw.size() == bytes.size()) std::memcpy(bytes.data(), raw.data(), raw.size());
    return MacAddress(bytes);
  }
  // An enumeration whose values are 0 to `last`.
  template <typename Enum>
  Enum choice(Enum last) {
    const auto value = number<uint8_t>();
    if (value > uint8_t(last)) broken_ = true;
    return broken_ ? Enum{} : Enum(value);
  }
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  // Everything was read and nothing was missing.
  [[nodiscard]] bool whole() const { return !broken_ && at_end(); }

 private:
  std::string_view take(size_t size) {
    if (size > rest_.size()) broken_ = true;
    if (broken_) return {};
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace stormdoor::edge
