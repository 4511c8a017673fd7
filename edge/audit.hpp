#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "edge/actor.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::edge {

// Adds to a change the rows that say who made it: one per phone, user, location and so on, with
// what of it was otherwise before. They are committed with the change or not at all. Of secrets
// only whether there is one, and that it was replaced. Consequences (leases, the desk log) have no
// row. `before` is the registry that the change was planned against.
void append_audit(store::Change& change, const hotdesk::Registry& before, const Actor& by,
                  const std::string& action, WallTime now);

// A deed that changes nothing stored: a reboot, a reload, a sign-in.
[[nodiscard]] store::Change audited_deed(const Actor& by, const std::string& action,
                                         const std::string& about, WallTime now);

// As `stormdoor audit` and the API show it.
[[nodiscard]] nlohmann::json audit_row(const store::AuditRecord& record);

}  // namespace stormdoor::edge
