#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/store/database.hpp"

namespace stormdoor::store {

// "STDR" in the file's header: this is a database of ours.
inline constexpr int64_t kApplicationId = 0x53544452;

// What brings a database from one version to the next; several statements. A step that was ever
// released is never changed again: the next difference is a step of its own, with a dump of the
// version before it in tests/base/store/fixtures.
using UpgradeStep = std::string_view;

// The steps of this program: step n makes version n + 1, the first one an empty file version 1.
[[nodiscard]] std::span<const UpgradeStep> schema_steps();

// Which version the file is of; 0: empty. Corrupt when it is no database of ours, Conflict when a
// newer program made it (more than `known` steps).
Result<size_t> schema_version(Database& database, size_t known);

// Makes the file of version `steps.size()`, one step after the other, each in a transaction of its
// own that also counts it (PRAGMA user_version) and checks that no row was left referring to
// nothing. When one fails, or the power goes, the file is of the version before it and works as
// such. A file that held anything is copied first, to `path`.before-v<n>, where an older copy of
// that name is replaced. Foreign keys must not be enforced yet, so that a step may rebuild tables
// that others refer to.
Result<void> bring_up_to_date(Database& database, const std::string& path,
                              std::span<const UpgradeStep> steps);

}  // namespace stormdoor::store
