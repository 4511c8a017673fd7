#pragma once

#include <string>

#include "base/error.hpp"

// Files that only we may read, and that survive power loss once a function here has returned.
namespace stormdoor::store {

// Makes an empty file of mode 0600, synced with its directory, unless it exists. Never opens an
// existing one: closing it would drop SQLite's locks on it (POSIX).
Result<void> create_private_file(const std::string& path);

// Gives an existing file the mode 0600.
Result<void> make_private(const std::string& path);

// Makes an empty file of mode 0600 and a name of its own beside `path`, and says which.
Result<std::string> create_beside(const std::string& path);

enum class IfExists { Refuse, Replace };

// Syncs the file `from`, gives it the name `to` in the same directory and syncs that. Refusing is
// AlreadyExists, without a moment in which an existing file could be lost.
Result<void> sync_and_rename(const std::string& from, const std::string& to, IfExists if_exists);

}  // namespace stormdoor::store
