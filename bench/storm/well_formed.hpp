#pragma once

#include <string_view>

#include "bench/storm/boot_script.hpp"

namespace stormdoor::storm {

// Whether a phone could read this text at all: XML whose elements nest, end and have quoted
// attributes without stray '<' and '&'; or lines that are empty, comments, [sections], or a key
// with '=' or ':' and a value. Not a validator. At most 256 elements deep.
[[nodiscard]] bool is_well_formed(std::string_view text, TextFormat format);

}  // namespace stormdoor::storm
