#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/messages_enforce.hpp"

// Which set of the kernel's table holds what. Each set holds prefixes of one kind, family and
// length and is looked up with the source masked to that length: prefixes of different lengths
// overlap freely, each with its own timeout, at the price of one look-up per length in use.
namespace stormdoor::edge::enforce {

// EnforceSet's seven, and two that only the kernel knows.
enum class SetKind : uint8_t {
  BlockedProvisioning = 0,
  BlockedDeskLogin = 1,
  BlockedSip = 2,
  BlockedPortal = 3,
  BlockedApi = 4,
  Contested = 5,
  Metered = 6,
  ContestedRate = 7,  // the contested again, with a rate: how fast they may ask, or pass unasked
  Flows = 8,
};
inline constexpr size_t kSetKinds = 9;

struct Rate {
  uint32_t per_minute = 60;
  uint32_t burst = 30;
  auto operator<=>(const Rate&) const = default;
};

struct SetId {
  SetKind kind = SetKind::BlockedSip;
  bool v4 = true;
  uint8_t length = 32;  // of the prefixes; 0 for flows
  Rate rate{0, 0};      // of kinds that have one: part of the set's definition and of its name

  [[nodiscard]] bool has_rate() const {
    return kind == SetKind::Metered || kind == SetKind::ContestedRate;
  }
  // "blocked_sip_v4_24", "metered_v6_64_at_60_30", "flows_v4".
  [[nodiscard]] std::string name() const;
  static std::optional<SetId> parse(std::string_view name);
  // Bytes of an element's key in the kernel.
  [[nodiscard]] size_t key_size() const;
  auto operator<=>(const SetId&) const = default;
};

// One element as the kernel has it. A flow is address, port and protocol, each padded to 4 bytes.
struct Entry {
  SetKind kind = SetKind::BlockedSip;
  bool v4 = true;
  uint8_t length = 0;
  std::array<uint8_t, 24> key{};

  [[nodiscard]] static Entry of(SetKind kind, const IpPrefix& prefix);
  [[nodiscard]] static Entry of(const EnforceFlow& flow);
  // The kernel's bytes; nothing when they do not fit the set (bits beyond the length, a protocol
  // that is neither UDP nor TCP): such an element matches nothing, or not what its set says.
  [[nodiscard]] static std::optional<Entry> from_kernel(const SetId& set, std::string_view key);
  [[nodiscard]] std::string_view bytes() const;
  // What it is as part of an order; for what is written to disk. The rate's copy has none.
  [[nodiscard]] std::optional<EnforceElement> element() const;
  [[nodiscard]] std::optional<EnforceFlow> flow() const;
  auto operator<=>(const Entry&) const = default;
};

struct EntryHash {
  size_t operator()(const Entry& entry) const noexcept;
};

// The entries that an element of an order becomes: a contested one becomes two.
[[nodiscard]] std::vector<Entry> entries_of(const EnforceElement& element);

}  // namespace stormdoor::edge::enforce
