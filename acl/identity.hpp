#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "acl/failure.hpp"
#include "base/keyed_hash.hpp"

namespace stormdoor::acl {

// Who a failure names, below its address: the account, or the phone whose file it is. 15 bits of a
// hash under this process's key, so that nobody outside can look for two that agree; kNobody for a
// failure that names nobody.
using IdentityTag = uint16_t;
inline constexpr IdentityTag kNobody = 0;
inline constexpr IdentityTag kMostIdentityTag = 0x7fff;

[[nodiscard]] inline IdentityTag identity_tag(std::string_view name) {
  if (name.empty()) return kNobody;
  const auto tag = IdentityTag(keyed_hash(HashKey::of_this_process(), name) & kMostIdentityTag);
  return tag == kNobody ? kMostIdentityTag : tag;
}

// Its name, as a block of it says: for provisioning the MAC; elsewhere the account, or else the
// phone. Empty when it names nobody.
[[nodiscard]] inline std::string identity_of(Service service,
                                             const std::optional<MacAddress>& device,
                                             const std::string& account) {
  if (device && (service == Service::Provisioning || account.empty())) return device->to_string();
  return account;
}
[[nodiscard]] inline std::string identity_of(const Failure& failure) {
  return identity_of(failure.service, failure.device, failure.account);
}

// Longer names are no accounts; a block cannot be of one.
inline constexpr size_t kMostIdentityBytes = 64;

}  // namespace stormdoor::acl
