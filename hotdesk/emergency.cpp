#include "hotdesk/emergency.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "hotdesk/directory.hpp"
#include "hotdesk/phone_view.hpp"
#include "hotdesk/rules.hpp"
#include "hotdesk/words.hpp"

namespace stormdoor::hotdesk {
namespace {

std::string what_is_missing(const PhoneView& view, const EmergencyDetails& details) {
  if (!view.location)
    return fmt::format("phone {} has no location, so it has no emergency number and no address",
                       details.mac.to_string());
  if (details.number.empty() && details.address.empty())
    return fmt::format("location \"{}\" has no emergency number and no address", details.location);
  if (details.number.empty())
    return fmt::format("location \"{}\" has no emergency number", details.location);
  if (details.address.empty())
    return fmt::format("location \"{}\" has no address", details.location);
  return {};
}

}  // namespace

Result<EmergencyDetails> emergency_of(const Registry& registry, const MacAddress& mac) {
  const PhoneView view = view_of(registry, mac);
  if (!view.phone)
    return Error(ErrorCode::NotFound, fmt::format("there is no phone {}", mac.to_string()));
  EmergencyDetails details;
  details.mac = mac;
  if (view.location) {
    details.location = view.location->name;
    details.label = view.location->label;
    details.number = view.emergency_number();
    details.address = civic_address(*view.location);
  }
  details.missing = what_is_missing(view, details);
  return details;
}

Result<std::vector<EmergencyDetails>> emergency_of_user(const Registry& registry,
                                                        std::string_view extension) {
  const auto user = registry.user(extension);
  if (!user)
    return Error(ErrorCode::NotFound,
                 fmt::format("there is no user with extension \"{}\"", printable(extension, 40)));
  std::vector<EmergencyDetails> phones;
  if (const auto session = registry.session_of(extension))
    if (auto details = emergency_of(registry, session->mac)) phones.push_back(*std::move(details));
  for (const auto& assignment : registry.assignments_of(extension))
    if (auto details = emergency_of(registry, assignment->mac))
      phones.push_back(*std::move(details));
  if (phones.empty())
    return Error(ErrorCode::NotFound,
                 fmt::format("{} has no phone and is logged in nowhere, so there is no desk whose "
                             "emergency number it would "
                             "have",
                             phrase_for(*user)));
  return phones;
}

Result<std::vector<EmergencyDetails>> find_emergency(const Registry& registry,
                                                     std::string_view mac_or_extension) {
  const std::string_view text = trim(mac_or_extension);
  if (check_extension(text) && registry.user(text)) return emergency_of_user(registry, text);
  if (const auto mac = MacAddress::parse(text))
    return std::vector<EmergencyDetails>{TRY(emergency_of(registry, *mac))};
  if (check_extension(text)) return emergency_of_user(registry, text);
  return Error(ErrorCode::InvalidArgument,
               fmt::format("\"{}\" is neither a MAC address nor an extension; expected something "
                           "like 00:0F:D3:05:48:48 or 2041",
                           printable(text, 40)));
}

}  // namespace stormdoor::hotdesk
