#include "portal/bearer_token.hpp"

#include "base/text.hpp"

namespace stormdoor::portal {

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return {};
  return trim(authorization.substr(kScheme.size()));
}

}  // namespace stormdoor::portal
