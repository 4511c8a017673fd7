#pragma once

#include <string_view>

namespace stormdoor::portal {

// The token in the value of an Authorization header (RFC 6750, section 2.1); empty: there is none.
[[nodiscard]] std::string_view bearer_token(std::string_view authorization);

}  // namespace stormdoor::portal
