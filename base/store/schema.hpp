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

// Runs the steps from `version` on, each in a transaction of its own that also counts it (PRAGMA
// user_version) and checks that no row was left referring to nothing. When one fails, the file is
// of the version before it and works as such. Foreign keys must not be enforced yet, so that a step
// may rebuild tables that others refer to.
Result<void> upgrade(Database& database, size_t version, std::span<const UpgradeStep> steps);

}  // namespace stormdoor::store
