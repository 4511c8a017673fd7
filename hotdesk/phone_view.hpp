#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mac_address.hpp"
#include "base/secret.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::hotdesk {

// What a phone should be rendered as, which is more than its role says.
enum class PhoneKind : uint8_t {
  Unknown,         // no such phone is registered
  Unassigned,      // known, but nobody's
  Assigned,        // a user's desk phone
  HotDeskIdle,     // a hot-desk phone at which nobody is logged in
  HotDeskSession,  // a hot-desk phone at which somebody is logged in
};

[[nodiscard]] std::string_view to_string(PhoneKind kind);  // "hot-desk-idle" and the like

// A phone with everything its configuration depends on, taken from one registry snapshot. A plain
// value: keep it as long as you like; it keeps the records alive, not the registry. Records keep
// their address while they are unchanged, so same_records() answers "is what I rendered from this
// still right?" without comparing a byte.
struct PhoneView {
  PhoneKind kind = PhoneKind::Unknown;
  std::shared_ptr<const PhoneRecord> phone;            // nullptr only when Unknown
  std::shared_ptr<const LocationRecord> location;      // nullptr: it has none
  std::shared_ptr<const AssignmentRecord> assignment;  // Assigned only
  std::shared_ptr<const DeskSessionRecord> session;    // HotDeskSession only
  // By line, the first line first. Empty unless Assigned or HotDeskSession; then at least one.
  std::vector<std::shared_ptr<const UserRecord>> users;

  // What line 1 registers with: the first user's extension and secret, else the phone's own device
  // account, so that a phone without a user can still make an emergency call. Empty when Unknown.
  [[nodiscard]] std::string_view account() const;
  [[nodiscard]] const Secret& account_secret() const;
  // What the phone calls itself: the user's name (or the extension if there is none), on a phone
  // without a user the location's label, else empty.
  [[nodiscard]] std::string_view label() const;
  // The location's, never the user's (promise 9); empty when there is none.
  [[nodiscard]] std::string_view emergency_number() const;

  // Whether `other` was made from the very same records and is of the same kind.
  [[nodiscard]] bool same_records(const PhoneView& other) const;
};

[[nodiscard]] PhoneView view_of(const Registry& registry, const MacAddress& mac);

// The phone of a user's main extension, in words: "Hot Desking", the MAC of the desk phone, or
// "Not Assigned" where there is none, whatever type it is to be.
[[nodiscard]] std::string main_extension_of(const Registry& registry, const UserRecord& user);

}  // namespace stormdoor::hotdesk
