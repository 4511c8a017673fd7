#pragma once

#include <string>

#include "base/error.hpp"

// Small things that outlive a restart but need no database: what is lost with them comes again.
namespace stormdoor::edge {

// Replaces the file whole, mode 0600. Not synced: after a power loss it may be the one before.
Result<void> write_kept_file(const std::string& path, const std::string& text);
// At most 64 MiB of it; empty when there is none.
[[nodiscard]] std::string read_kept_file(const std::string& path);

}  // namespace stormdoor::edge
