// Use cases about users; see hotdesk/directory.hpp.
#include <fmt/format.h>

#include "hotdesk/directory.hpp"
#include "hotdesk/edits.hpp"
#include "hotdesk/rules.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;

Problems check_form(std::string_view extension, const std::optional<std::string>& name,
                    const std::optional<Secret>& sip_secret, const std::optional<Secret>& pin) {
  Problems problems;
  if (name) problems.check("name", check_text("name", *name, 0, kMostNameCharacters));
  if (sip_secret && !sip_secret->empty())
    problems.check("sip_secret", check_sip_secret(extension, sip_secret->reveal()));
  if (pin && !pin->empty()) problems.check("pin", check_pin(extension, pin->reveal()));
  return problems;
}

Problems check_pin_is_ours(const std::optional<Secret>& pin, const Tools& tools) {
  if (!pin || tools.pins_kept_in.empty()) return {};
  return refused("pin", ErrorCode::Conflict,
                 fmt::format("PINs are kept in {} and taken over from there ([pbx] "
                             "voicemail_pins); change it there, or in the voicemail's menu",
                             tools.pins_kept_in));
}

Secret given_or_new(const std::optional<Secret>& secret, const Tools& tools) {
  return secret && !secret->empty() ? *secret : Secret(tools.new_secret());
}

std::string pin_hash(std::string_view extension, const std::optional<Secret>& pin,
                     const Tools& tools) {
  if (!pin || pin->empty()) return {};
  return tools.pins.hash(extension, pin->reveal());
}

Problems check_is_logged_out(const Registry& registry, const UserRecord& user,
                             std::string_view field) {
  const auto session = registry.session_of(user.extension);
  if (!session) return {};
  return refused(field, ErrorCode::Conflict,
                 fmt::format("{} is logged in at {}; log out first: stormdoor desk logout {}",
                             phrase_for(user), session->mac.to_string(), user.extension));
}

// Whether the user's main phone type may become `type`.
Problems check_main_phone_type(const Registry& registry, const UserRecord& user,
                               MainPhoneType type) {
  if (type == MainPhoneType::DeskPhone) return check_is_logged_out(registry, user, "main_phone");
  if (type == MainPhoneType::None)
    if (auto problems = check_is_logged_out(registry, user, "main_phone"); !problems.none())
      return problems;
  for (const auto& assignment : registry.assignments_of(user.extension)) {
    if (assignment->slot != 0) continue;
    return refused(
        "main_phone", ErrorCode::Conflict,
        fmt::format(
            "the desk phone {} is the main phone of {}; remove that assignment first{}",
            assignment->mac.to_string(), phrase_for(user),
            type == MainPhoneType::HotDesking ? ", or convert the phone to hot desking" : ""));
  }
  return {};
}

}  // namespace

Problems add_user(Draft& draft, const UserRequest& request, const Tools& tools) {
  Problems problems;
  problems.check("extension", check_extension(request.extension));
  problems.add(check_form(request.extension, request.name, request.sip_secret, request.pin));
  problems.add(check_pin_is_ours(request.pin, tools));
  if (const auto user = draft.registry().user(request.extension))
    problems.add("extension", ErrorCode::AlreadyExists,
                 fmt::format("there is already a user {}", phrase_for(*user)));
  if (const auto phone = draft.registry().phone_with_device_account(request.extension))
    problems.add("extension", ErrorCode::AlreadyExists,
                 fmt::format("\"{}\" is already the device account of phone {}", request.extension,
                             phone->mac.to_string()));
  if (!problems.none()) return problems;
  draft.append(store::PutUser{{.extension = request.extension,
                               .name = request.name,
                               .sip_secret = given_or_new(request.sip_secret, tools),
                               .pin_hash = pin_hash(request.extension, request.pin, tools),
                               .main_phone_type = request.main_phone_type}});
  return problems;
}

Problems set_user(Draft& draft, std::string_view extension, const UserEdit& edit,
                  const Tools& tools) {
  const auto before = draft.registry().user(extension);
  if (!before) return unknown_user(extension);
  Problems problems = check_form(extension, edit.name, edit.sip_secret, edit.pin);
  problems.add(check_pin_is_ours(edit.pin, tools));
  if (edit.main_phone_type)
    problems.add(check_main_phone_type(draft.registry(), *before, *edit.main_phone_type));
  if (!problems.none()) return problems;
  UserRecord after = *before;
  apply(edit.name, after.name);
  apply(edit.main_phone_type, after.main_phone_type);
  if (edit.sip_secret) after.sip_secret = given_or_new(edit.sip_secret, tools);
  if (edit.pin) after.pin_hash = pin_hash(extension, edit.pin, tools);
  if (after != *before) draft.append(store::PutUser{std::move(after)});
  return problems;
}

Problems remove_user(Draft& draft, std::string_view extension) {
  const auto user = draft.registry().user(extension);
  if (!user) return unknown_user(extension);
  const auto assignments = draft.registry().assignments_of(extension);
  if (!assignments.empty()) {
    std::vector<std::string> phones;
    for (const auto& assignment : assignments) {
      const std::string slot = assignment->slot == 0
                                   ? "main phone"
                                   : fmt::format("additional phone {}", assignment->slot);
      phones.push_back(fmt::format("{} ({})", assignment->mac.to_string(), slot));
    }
    return refused("extension", ErrorCode::Conflict,
                   fmt::format("{} still has {}; remove {} first", phrase_for(*user),
                               counted_phones(phones, phones.size()),
                               phones.size() == 1 ? "that assignment" : "these assignments"));
  }
  if (auto problems = check_is_logged_out(draft.registry(), *user, "extension"); !problems.none())
    return problems;
  draft.append(store::EraseUser{user->extension});
  return {};
}

}  // namespace stormdoor::hotdesk
