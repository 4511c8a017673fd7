#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace stormdoor::edge {

// A text (an address, at most some 2,900 bytes) as a QR code (ISO/IEC 18004) of medium error
// correction, so that it can still be read when a corner of the printed sheet is gone.

// For a terminal with light characters on dark ground, two rows of the code to a line, with a quiet
// zone around it. InvalidArgument when the text is too long or empty.
[[nodiscard]] Result<std::string> qr_in_terminal(std::string_view text);
// One SVG image, black on white, to be printed at any size.
[[nodiscard]] Result<std::string> qr_as_svg(std::string_view text);

}  // namespace stormdoor::edge
