// Use cases about assignments; see hotdesk/directory.hpp.
#include <fmt/format.h>

#include "hotdesk/directory.hpp"
#include "hotdesk/edits.hpp"
#include "hotdesk/rules.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;
using store::PhoneRole;

Problems check_phone(const Registry& registry, const MacAddress& mac) {
  const auto phone = registry.phone(mac);
  if (!phone) return unknown_phone(mac);
  if (const auto assignment = registry.assignment_of(mac))
    return refused("mac", ErrorCode::Conflict,
                   fmt::format("{} is already {}; remove that assignment first", mac.to_string(),
                               phrase_for(*assignment, registry)));
  if (phone->role == PhoneRole::HotDesk)
    return refused("mac", ErrorCode::Conflict,
                   fmt::format("{} is a hot-desk phone, where people log in, and cannot be "
                               "assigned; change its role to unassigned first",
                               mac.to_string()));
  return {};
}

Problems check_slot(const Registry& registry, const UserRecord& user, uint8_t slot) {
  if (slot > kMostAdditionalPhones)
    return refused("slot", ErrorCode::InvalidArgument,
                   fmt::format("there is no slot {}; expected 0 for the main phone or 1 to {} for "
                               "an additional one",
                               slot, kMostAdditionalPhones));
  if (slot == 0 && user.main_phone_type == MainPhoneType::HotDesking)
    return refused(
        "slot", ErrorCode::Conflict,
        fmt::format("{} uses hot desking, so no desk phone can be the main phone; change "
                    "the main phone type to none first, or assign it as an additional "
                    "phone (slot 1 to {})",
                    phrase_for(user), kMostAdditionalPhones));
  for (const auto& taken : registry.assignments_of(user.extension))
    if (taken->slot == slot)
      return refused(
          "slot", ErrorCode::Conflict,
          fmt::format("{} is already {}; remove that assignment first, or choose another "
                      "slot (0 to {})",
                      taken->mac.to_string(), phrase_for(*taken, registry), kMostAdditionalPhones));
  return {};
}

void set_role(Draft& draft, const MacAddress& mac, PhoneRole role) {
  const auto before = draft.registry().phone(mac);
  if (!before || before->role == role) return;
  PhoneRecord after = *before;
  after.role = role;
  draft.append(store::PutPhone{std::move(after)});
}

void set_main_phone_type(Draft& draft, const std::string& extension, MainPhoneType type) {
  const auto before = draft.registry().user(extension);
  if (!before || before->main_phone_type == type) return;
  UserRecord after = *before;
  after.main_phone_type = type;
  draft.append(store::PutUser{std::move(after)});
}

}  // namespace

Problems assign(Draft& draft, const AssignRequest& request) {
  Problems problems = check_phone(draft.registry(), request.mac);
  if (const auto user = draft.registry().user(request.extension))
    problems.add(check_slot(draft.registry(), *user, request.slot));
  else
    problems.add(unknown_user(request.extension));
  if (!problems.none()) return problems;
  set_role(draft, request.mac, PhoneRole::Desk);
  if (request.slot == 0) set_main_phone_type(draft, request.extension, MainPhoneType::DeskPhone);
  draft.append(store::PutAssignment{{request.extension, request.slot, request.mac}});
  return problems;
}

Problems unassign(Draft& draft, const MacAddress& mac) {
  if (!draft.registry().phone(mac)) return unknown_phone(mac);
  const auto assignment = draft.registry().assignment_of(mac);
  if (!assignment)
    return refused("mac", ErrorCode::NotFound,
                   fmt::format("{} is not assigned to anybody", mac.to_string()));
  draft.append(store::EraseAssignment{assignment->extension, assignment->slot});
  set_role(draft, mac, PhoneRole::Unassigned);
  if (assignment->slot == 0) set_main_phone_type(draft, assignment->extension, MainPhoneType::None);
  return {};
}

}  // namespace stormdoor::hotdesk
