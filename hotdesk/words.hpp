#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/store/records.hpp"

// How the shell, the files and the API spell our enumerations and addresses.
namespace stormdoor::hotdesk {

[[nodiscard]] std::string_view to_string(store::PhoneRole role);  // desk, hot-desk, unassigned
[[nodiscard]] std::string_view to_string(
    store::MainPhoneType type);  // none, desk-phone, hot-desking

// The same words, in any case. "desk" is also taken for desk-phone.
Result<store::PhoneRole> parse_phone_role(std::string_view text);
Result<store::MainPhoneType> parse_main_phone_type(std::string_view text);

// The civic address on one line, what is not given left out:
// "120 Main Street, Building A, floor 2, room 210, Springfield, IL 62701, US". Empty if none.
[[nodiscard]] std::string civic_address(const store::LocationRecord& location);

}  // namespace stormdoor::hotdesk
