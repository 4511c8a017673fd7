#pragma once

#include <string>

#include "base/store/database.hpp"
#include "base/store/private_file.hpp"

namespace stormdoor::store {

// Writes everything that is committed to a new file of mode 0600: compact, without what was
// deleted, and complete and synced before it gets its name. Leaves nothing behind when it fails.
// The database must not be in a transaction.
Result<void> copy_database(Database& database, const std::string& path, IfExists if_exists);

}  // namespace stormdoor::store
