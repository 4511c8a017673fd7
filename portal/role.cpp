#include "portal/role.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"

namespace stormdoor::portal {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"viewer", "helpdesk", "administrator"};

}  // namespace

std::string_view to_string(Role role) {
  return kNames[size_t(role)];
}

Result<Role> parse_role(std::string_view text) {
  for (size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == text) return static_cast<Role>(i);
  return Error(ErrorCode::InvalidArgument,
               fmt::format("\"{}\" is no role; expected viewer, helpdesk or administrator",
                           printable(text, 40)));
}

}  // namespace stormdoor::portal
