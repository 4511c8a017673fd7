#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.hpp"

// Small things that outlive a restart but need no database: what is lost with them comes again.
namespace stormdoor::edge {

// Replaces the file whole, mode 0600. Not synced: after a power loss it may be the one before.
Result<void> write_kept_file(const std::string& path, const std::string& text);
// At most 64 MiB of it; empty when there is none.
[[nodiscard]] std::string read_kept_file(const std::string& path);

// Fields of their lines: any bytes as one word of hexadecimal digits, and numbers. Nothing for what
// is not exactly that, or more than `most` bytes.
[[nodiscard]] std::string kept_text(std::string_view bytes);
[[nodiscard]] std::optional<std::string> kept_bytes(std::string_view hex, size_t most);
template <typename Number>
[[nodiscard]] std::optional<Number> kept_number(std::string_view text) {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace stormdoor::edge
