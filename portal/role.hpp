#pragma once

#include <string_view>

#include "base/error.hpp"
#include "base/store/records.hpp"

namespace stormdoor::portal {

using Role = store::AdminRole;

// "viewer", "helpdesk", "administrator".
[[nodiscard]] std::string_view to_string(Role role);
Result<Role> parse_role(std::string_view text);

// A role may do what is open to those before it.
[[nodiscard]] constexpr bool may(Role role, Role least) {
  return role >= least;
}

}  // namespace stormdoor::portal
