#include "edge/watch/dhcp.hpp"

#include <algorithm>

namespace stormdoor::edge::watch {
namespace {

// Places in the fixed part (RFC 2131 section 2).
constexpr size_t kYourAddress = 16;
constexpr size_t kRelayAddress = 24;
constexpr size_t kClient = 28;
constexpr size_t kServerName = 44;
constexpr size_t kServerNameSize = 64;
constexpr size_t kFile = 108;
constexpr size_t kFileSize = 128;
constexpr size_t kCookie = 236;
constexpr size_t kOptions = 240;
constexpr uint32_t kMagic = 0x63825363;

constexpr uint8_t kPad = 0;
constexpr uint8_t kOverload = 52;
constexpr uint8_t kMessageType = 53;
constexpr uint8_t kVendorClass = 60;
constexpr uint8_t kRelayAgent = 82;
constexpr uint8_t kEnd = 255;

constexpr size_t kMostVendorBytes = 64;
constexpr size_t kMostRelayPartBytes = 48;

// Of one message, wherever they stood in it.
struct Options {
  std::optional<uint8_t> overload;
  std::optional<uint8_t> type;
  Bytes vendor_class;
  Bytes relay_agent;
};

bool take_byte(std::optional<uint8_t>& into, Bytes value) {
  if (into || value.size() != 1) return false;
  into = u8(value, 0);
  return true;
}

bool take_option(Options& options, uint8_t code, Bytes value) {
  switch (code) {
    case kOverload:
      return take_byte(options.overload, value);
    case kMessageType:
      return take_byte(options.type, value);
    case kVendorClass:
      if (options.vendor_class.empty()) options.vendor_class = value;
      return true;
    case kRelayAgent:
      if (options.relay_agent.empty()) options.relay_agent = value;
      return true;
    default:
      return true;
  }
}

// Calls use(code, value) for each until the end of `field`; false when one runs over it, or `use`
// says so.
template <typename Use>
bool each_option(Bytes field, Use&& use) {
  while (!field.empty()) {
    const uint8_t code = u8(field, 0);
    if (code == kEnd) return true;
    if (code == kPad) {
      field = from(field, 1);
      continue;
    }
    if (field.size() < 2) return false;
    const size_t size = u8(field, 1);
    if (field.size() - 2 < size) return false;
    if (!use(code, part(field, 2, size))) return false;
    field = from(field, 2 + size);
  }
  return true;
}

bool read_options(Bytes payload, Options& options) {
  const auto take = [&](uint8_t code, Bytes value) { return take_option(options, code, value); };
  if (!each_option(from(payload, kOptions), take)) return false;
  const uint8_t overload = options.overload.value_or(0);
  if (overload > 3) return false;
  // `file` before `sname` (RFC 2131 section 4.1).
  if ((overload & 1) != 0 && !each_option(part(payload, kFile, kFileSize), take)) return false;
  return (overload & 2) == 0 || each_option(part(payload, kServerName, kServerNameSize), take);
}

// Text as it is, anything else as hexadecimal digits.
std::string shown(Bytes value, size_t most) {
  const std::string_view text = as_text(value);
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
  if (std::ranges::all_of(text, is_plain)) return std::string(text.substr(0, most));
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hexadecimal;
  for (const std::byte byte : first(value, most / 2)) {
    hexadecimal += kDigits[static_cast<uint8_t>(byte) >> 4];
    hexadecimal += kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return hexadecimal;
}

// The sub-options have no end mark and no padding (RFC 3046 section 2.0).
bool read_relay_agent(Bytes value, DhcpMessage& message) {
  while (!value.empty()) {
    if (value.size() < 2) return false;
    const size_t size = u8(value, 1);
    if (value.size() - 2 < size) return false;
    const Bytes content = part(value, 2, size);
    if (u8(value, 0) == 1) message.circuit = shown(content, kMostRelayPartBytes);
    if (u8(value, 0) == 2) message.remote = shown(content, kMostRelayPartBytes);
    value = from(value, 2 + size);
  }
  return true;
}

bool is_about_ethernet(Bytes payload) {
  constexpr uint8_t kEthernet = 1;
  constexpr uint8_t kMacSize = 6;
  return payload.size() >= kOptions && (u8(payload, 0) == 1 || u8(payload, 0) == 2) &&
         u8(payload, 1) == kEthernet && u8(payload, 2) == kMacSize &&
         u32(payload, kCookie) == kMagic;
}

}  // namespace

std::optional<DhcpMessage> parse_dhcp(Bytes payload) {
  if (!is_about_ethernet(payload)) return {};
  Options options;
  if (!read_options(payload, options)) return {};
  if (!options.type || *options.type < 1 || *options.type > 8) return {};
  DhcpMessage message;
  message.is_reply = u8(payload, 0) == 2;
  message.type = DhcpMessage::Type{*options.type};
  message.transaction = u32(payload, 4);
  message.client = mac_at(payload, kClient);
  message.your_address = v4_at(payload, kYourAddress);
  message.relay_address = v4_at(payload, kRelayAddress);
  message.vendor_class = shown(options.vendor_class, kMostVendorBytes);
  if (!read_relay_agent(options.relay_agent, message)) return {};
  return message;
}

}  // namespace stormdoor::edge::watch
