#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace stormdoor {

// A configuration's text as those may read it who may not know its secrets: every value whose key,
// or the key of a table around it, is secret is "(secret)"; all else, comments too, as it was.
// InvalidArgument with the line: it is not TOML.
Result<std::string> mask_toml(std::string_view text,
                              const std::function<bool(std::string_view key)>& is_secret);

}  // namespace stormdoor
