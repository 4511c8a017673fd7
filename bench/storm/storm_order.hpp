#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "bench/storm/storm.hpp"

// A storm as somebody orders it in words, and what that comes to: phones, addresses, times.
namespace stormdoor::storm {

// "yealink:T46=500", over TFTP whatever else it can: "yealink:T46@tftp=500"; without a number, one.
struct PhoneOrder {
  std::string vendor;
  std::string model;
  std::optional<Transport> transport;  // nothing: the first that both the model and the target can
  uint32_t count = 1;
};
[[nodiscard]] Result<PhoneOrder> parse_phone_order(std::string_view text);

// "at-once", "evenly[:30s]", "power-cut[:30s]", "rolling[:5m]".
struct ArrivalOrder {
  ArrivalCurve curve = ArrivalCurve::Evenly;
  milliseconds time{0};
};
[[nodiscard]] Result<ArrivalOrder> parse_arrival_order(std::string_view text);

struct StormOrder {
  std::vector<PhoneOrder> phones;
  ArrivalOrder arrival;
  // The phones' addresses, from its first host on; more phones than addresses share them. Nothing:
  // the kernel's choice.
  std::optional<IpPrefix> sources;
  // The phones' MACs in a row from here on; nothing: each vendor's own prefix, then 1, 2, 3 ...
  std::optional<MacAddress> first_mac;
  // Instead of the model's own order of files: these, all of them required.
  std::vector<std::string> ask;
  // Fetched after the configuration by so many of a hundred phones; empty: by none.
  std::optional<ExpectedFile> firmware;
  uint32_t firmware_percent = 20;
  uint32_t attackers = 0;
  std::optional<IpPrefix> attackers_from;
  uint32_t seed = 1;
};
// At most this many phones and attackers in all.
constexpr uint32_t kMostPhones = 200'000;
constexpr uint32_t kMostAttackers = 1'000;

// Everything but the target's TLS client. An error says what cannot be: a model that nobody knows,
// a transport that neither offers.
[[nodiscard]] Result<StormPlan> make_plan(const StormOrder& order, const Target& target);

// "tftp://10.0.0.1", "https://host:8443/folder/": adds what it offers to `target`. Names are looked
// up. An error says what is wrong with it, also when there is such a one already.
[[nodiscard]] Result<void> add_target(Target& target, std::string_view url);

}  // namespace stormdoor::storm
