#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/mac_address.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::hotdesk {

// Which number and address an emergency call from a phone carries: those of the phone's location,
// whoever uses the phone (promise 9). Plain values for people and for the PBX to ask at call time.
struct EmergencyDetails {
  MacAddress mac;
  std::string location;  // its name; empty if the phone has none
  std::string label;
  std::string number;   // E.164; empty if there is none
  std::string address;  // civic, on one line; empty if none was entered
  // Empty when number and address are there; else a sentence that says what is missing.
  std::string missing;
  bool operator==(const EmergencyDetails&) const = default;
};

// NotFound if there is no such phone.
Result<EmergencyDetails> emergency_of(const Registry& registry, const MacAddress& mac);

// Every phone of a user: the hot desk where the user is logged in first, then the main phone and
// additional ones; at which of them the user sits is not known from the extension. NotFound if
// there is no such user, or if the user has no phone and is logged in nowhere.
Result<std::vector<EmergencyDetails>> emergency_of_user(const Registry& registry,
                                                        std::string_view extension);

// By whatever an administrator types: an extension, or a MAC in any spelling. Twelve digits that
// could be both are the extension if there is such a user.
Result<std::vector<EmergencyDetails>> find_emergency(const Registry& registry,
                                                     std::string_view mac_or_extension);

}  // namespace stormdoor::hotdesk
