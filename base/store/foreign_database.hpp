#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace stormdoor::store {

// Runs the statements `sql` in one transaction in the SQLite file of another program, which may
// have it open, and then asks it `check`, whose first column is the answer. All of it happens or
// nothing. Blocks: for up to five seconds when another process is writing (then Timeout), and until
// the disk has it. Never makes a file. Turns its journal into a write-ahead log, so that whoever
// reads meanwhile is not turned away: Kamailio does not wait for a lock, and would refuse every
// login of that moment.
Result<int64_t> apply_to_foreign_database(const std::string& path, std::string_view sql,
                                          std::string_view check);

}  // namespace stormdoor::store
