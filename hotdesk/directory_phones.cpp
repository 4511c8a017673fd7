// Use cases about phones; see hotdesk/directory.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "hotdesk/directory.hpp"
#include "hotdesk/edits.hpp"
#include "hotdesk/rules.hpp"
#include "hotdesk/words.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::PhoneRole;

Result<void> check_vendor(std::string_view vendor, const std::vector<std::string>& vendors) {
  if (std::ranges::find(vendors, vendor) != vendors.end()) return {};
  if (vendor.empty())
    return Error(ErrorCode::InvalidArgument,
                 "no vendor is known for this MAC address; name the phone's vendor");
  const std::string nearest = closest_match(ascii_lower(vendor), vendors);
  std::string all;
  for (const std::string& known : vendors) all += (all.empty() ? "" : ", ") + known;
  return Error(ErrorCode::InvalidArgument,
               nearest.empty()
                   ? fmt::format("there is no phone profile \"{}\"; expected one of {}",
                                 printable(vendor, 40), all)
                   : fmt::format("there is no phone profile \"{}\"; did you mean \"{}\"?",
                                 printable(vendor, 40), nearest));
}

// What a phone is by itself.
Problems check_form(const PhoneRecord& phone, const Tools& tools) {
  Problems problems;
  problems.check("vendor", check_vendor(phone.vendor, tools.vendors));
  problems.check("model", check_text("model", phone.model, 0, kMostModelCharacters));
  problems.check("device_account", check_device_account(phone.device_account));
  problems.check("device_secret",
                 check_sip_secret(phone.device_account, phone.device_secret.reveal()));
  problems.check("variables", check_variables(phone.variables));
  problems.check("templates", check_templates(phone.templates));
  return problems;
}

Problems check_location(const Registry& registry, const PhoneRecord& phone) {
  const bool hot_desk = phone.role == PhoneRole::HotDesk;
  if (phone.location.empty()) {
    if (!hot_desk) return {};
    return refused("location", ErrorCode::InvalidArgument,
                   "a hot-desk phone needs a location, because its emergency number is the desk's");
  }
  const auto location = registry.location(phone.location);
  if (!location) return unknown_location(phone.location);
  if (hot_desk && location->emergency_number.empty())
    return refused("location", ErrorCode::Conflict,
                   fmt::format("location \"{}\" has no emergency number, which a hot-desk phone "
                               "needs; give it one first",
                               phone.location));
  return {};
}

Problems check_device_account_is_free(const Registry& registry, const PhoneRecord& phone) {
  const auto other = registry.phone_with_device_account(phone.device_account);
  if (other && other->mac != phone.mac)
    return refused("device_account", ErrorCode::AlreadyExists,
                   fmt::format("device account \"{}\" already belongs to phone {}",
                               phone.device_account, other->mac.to_string()));
  if (const auto user = registry.user(phone.device_account))
    return refused("device_account", ErrorCode::AlreadyExists,
                   fmt::format("device account \"{}\" is already the extension of {}",
                               phone.device_account, phrase_for(*user)));
  return {};
}

// How the wished role fits the wished assignment of a new phone.
Problems check_new_role(const PhoneRequest& request) {
  const bool assigned = !request.extension.empty();
  const PhoneRole role = request.role.value_or(assigned ? PhoneRole::Desk : PhoneRole::Unassigned);
  if (role == PhoneRole::Desk && !assigned)
    return refused("role", ErrorCode::InvalidArgument,
                   "a desk phone belongs to a user; give an extension, or add it as unassigned");
  if (role != PhoneRole::Desk && assigned)
    return refused("role", ErrorCode::InvalidArgument,
                   fmt::format("{} phone cannot be assigned; leave out the extension, or add it as "
                               "a desk phone",
                               role == PhoneRole::HotDesk ? "a hot-desk" : "an unassigned"));
  if (role != PhoneRole::Desk && request.slot != 0)
    return refused("slot", ErrorCode::InvalidArgument,
                   "only a phone that is assigned to an extension has a slot");
  return {};
}

PhoneRecord new_record(const PhoneRequest& request, const MacAddress& mac, const Tools& tools) {
  PhoneRecord phone;
  phone.mac = mac;
  phone.vendor = request.vendor;
  if (phone.vendor.empty() && tools.vendor_of) phone.vendor = tools.vendor_of(mac);
  phone.model = request.model;
  // An assigned phone becomes a desk phone by assign().
  phone.role = request.role == PhoneRole::HotDesk ? PhoneRole::HotDesk : PhoneRole::Unassigned;
  phone.location = request.location;
  phone.device_account =
      request.device_account.empty() ? "d" + mac.lower_hex() : request.device_account;
  phone.device_secret = request.device_secret && !request.device_secret->empty()
                            ? *request.device_secret
                            : Secret(tools.new_secret());
  phone.token = Secret(tools.new_secret());
  phone.variables = request.variables;
  phone.templates = request.templates;
  return phone;
}

Problems check_is_new(const Registry& registry, const MacAddress& mac) {
  const auto known = registry.phone(mac);
  if (!known) return {};
  const auto assignment = registry.assignment_of(mac);
  return refused("mac", ErrorCode::AlreadyExists,
                 fmt::format("phone {} is already registered ({})", mac.to_string(),
                             assignment ? phrase_for(*assignment, registry)
                                        : std::string(to_string(known->role))));
}

PhoneRecord edited(PhoneRecord phone, const PhoneEdit& edit, const Tools& tools) {
  apply(edit.vendor, phone.vendor);
  apply(edit.model, phone.model);
  apply(edit.role, phone.role);
  apply(edit.location, phone.location);
  apply(edit.device_account, phone.device_account);
  if (edit.device_secret)
    phone.device_secret =
        edit.device_secret->empty() ? Secret(tools.new_secret()) : *edit.device_secret;
  apply(edit.variables, phone.variables);
  apply(edit.templates, phone.templates);
  return phone;
}

Problems check_nobody_is_logged_in(const Registry& registry, const MacAddress& mac,
                                   std::string_view field) {
  const auto session = registry.session_at(mac);
  if (!session) return {};
  return refused(field, ErrorCode::Conflict,
                 fmt::format("{} is logged in at {}; log out first: stormdoor desk logout {}",
                             session->extension, mac.to_string(), mac.to_string()));
}

Problems check_role_change(const Registry& registry, const PhoneRecord& phone, PhoneRole role) {
  if (phone.role == role) return {};
  if (const auto assignment = registry.assignment_of(phone.mac))
    return refused("role", ErrorCode::Conflict,
                   fmt::format("{} is {}; remove that assignment first{}", phone.mac.to_string(),
                               phrase_for(*assignment, registry),
                               role == PhoneRole::HotDesk ? ", or convert it to hot desking" : ""));
  if (auto problems = check_nobody_is_logged_in(registry, phone.mac, "role"); !problems.none())
    return problems;
  if (role == PhoneRole::Desk)
    return refused(
        "role", ErrorCode::InvalidArgument,
        fmt::format("{} becomes a desk phone by being assigned to a user", phone.mac.to_string()));
  return {};
}

// Replaces a phone's record by what `change` makes of it.
template <typename Change>
Problems rewrite(Draft& draft, const MacAddress& mac, Change change) {
  const auto before = draft.registry().phone(mac);
  if (!before) return unknown_phone(mac);
  PhoneRecord after = *before;
  change(after);
  if (after != *before) draft.append(store::PutPhone{std::move(after)});
  return {};
}

}  // namespace

Problems add_phone(Draft& draft, const PhoneRequest& request, const Tools& tools) {
  return draft.attempt([&] {
    Problems problems = check_new_role(request);
    const auto mac = MacAddress::parse_unicast(request.mac);
    if (!mac) problems.add("mac", mac.error());
    const PhoneRecord phone = new_record(request, mac ? *mac : MacAddress(), tools);
    problems.add(check_form(phone, tools));
    problems.add(check_location(draft.registry(), phone));
    if (!mac) return problems;
    if (Problems known = check_is_new(draft.registry(), *mac); !known.none())
      problems.add(std::move(known));
    else
      problems.add(check_device_account_is_free(draft.registry(), phone));
    if (problems.none()) draft.append(store::PutPhone{phone});
    if (problems.none() && !request.extension.empty())
      problems.add(assign(draft, {request.extension, request.slot, *mac}));
    return problems;
  });
}

Problems set_phone(Draft& draft, const MacAddress& mac, const PhoneEdit& edit, const Tools& tools) {
  const auto before = draft.registry().phone(mac);
  if (!before) return unknown_phone(mac);
  PhoneRecord after = edited(*before, edit, tools);
  Problems problems = check_form(after, tools);
  problems.add(check_role_change(draft.registry(), *before, after.role));
  problems.add(check_location(draft.registry(), after));
  problems.add(check_device_account_is_free(draft.registry(), after));
  if (problems.none() && after != *before) draft.append(store::PutPhone{std::move(after)});
  return problems;
}

Problems remove_phone(Draft& draft, const MacAddress& mac) {
  if (!draft.registry().phone(mac)) return unknown_phone(mac);
  if (const auto assignment = draft.registry().assignment_of(mac))
    return refused("mac", ErrorCode::Conflict,
                   fmt::format("{} is {}; remove that assignment first", mac.to_string(),
                               phrase_for(*assignment, draft.registry())));
  if (auto problems = check_nobody_is_logged_in(draft.registry(), mac, "mac"); !problems.none())
    return problems;
  draft.append(store::ErasePhone{mac});
  return {};
}

Problems approve_first_contact(Draft& draft, const MacAddress& mac) {
  return rewrite(draft, mac, [](PhoneRecord& phone) {
    phone.first_contact_approved = true;
    phone.token_issued = false;
  });
}

Problems note_token_issued(Draft& draft, const MacAddress& mac) {
  return rewrite(draft, mac, [](PhoneRecord& phone) {
    phone.first_contact_approved = false;
    phone.token_issued = true;
  });
}

Problems renew_token(Draft& draft, const MacAddress& mac, const Tools& tools) {
  return rewrite(draft, mac, [&](PhoneRecord& phone) {
    phone.token = Secret(tools.new_secret());
    phone.first_contact_approved = false;
    phone.token_issued = false;
  });
}

}  // namespace stormdoor::hotdesk
