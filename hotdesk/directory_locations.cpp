// Use cases about locations; see hotdesk/directory.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "hotdesk/directory.hpp"
#include "hotdesk/edits.hpp"
#include "hotdesk/rules.hpp"

namespace stormdoor::hotdesk {
namespace {

constexpr size_t kMostPhonesNamed = 3;

Problems check_form(const LocationRecord& location) {
  Problems problems;
  problems.check("label", check_text("label", location.label, 1, kMostNameCharacters));
  if (!location.emergency_number.empty())
    problems.check("emergency_number", check_emergency_number(location.emergency_number));
  const std::pair<std::string_view, const std::string&> address[] = {
      {"house_number", location.house_number},
      {"street", location.street},
      {"city", location.city},
      {"state", location.state},
      {"postal_code", location.postal_code},
      {"building", location.building},
      {"floor", location.floor},
      {"room", location.room}};
  for (const auto& [field, text] : address) {
    std::string what(field);
    std::ranges::replace(what, '_', ' ');
    problems.check(field, check_text(what, text, 0, kMostNameCharacters));
  }
  problems.check("country", check_country(location.country));
  if (location.networks.size() > kMostNetworks)
    problems.add("networks", ErrorCode::InvalidArgument,
                 fmt::format("{} networks; a location has at most {}", location.networks.size(),
                             kMostNetworks));
  problems.check("variables", check_variables(location.variables));
  problems.check("templates", check_templates(location.templates));
  return problems;
}

LocationRecord edited(LocationRecord location, const LocationEdit& edit) {
  apply(edit.label, location.label);
  apply(edit.emergency_number, location.emergency_number);
  apply(edit.house_number, location.house_number);
  apply(edit.street, location.street);
  apply(edit.city, location.city);
  apply(edit.state, location.state);
  apply(edit.postal_code, location.postal_code);
  apply(edit.country, location.country);
  apply(edit.building, location.building);
  apply(edit.floor, location.floor);
  apply(edit.room, location.room);
  apply(edit.networks, location.networks);
  apply(edit.variables, location.variables);
  apply(edit.templates, location.templates);
  if (location.label.empty()) location.label = location.name;
  return location;
}

// The first phones at a location that are `wanted`, and how many there are.
template <typename Wanted>
std::pair<std::vector<std::string>, size_t> phones_at(const Registry& registry,
                                                      std::string_view location, Wanted wanted) {
  std::pair<std::vector<std::string>, size_t> found;
  if (registry.phones_at(location) == 0) return found;
  registry.for_each_phone([&](const auto& phone) {
    if (phone->location != location || !wanted(*phone)) return;
    if (++found.second <= kMostPhonesNamed) found.first.push_back(phone->mac.to_string());
  });
  return found;
}

}  // namespace

Problems add_location(Draft& draft, LocationRecord location) {
  if (location.label.empty()) location.label = location.name;
  Problems problems;
  problems.check("name", check_location_name(location.name));
  problems.add(check_form(location));
  if (problems.none() && draft.registry().location(location.name))
    problems.add("name", ErrorCode::AlreadyExists,
                 fmt::format("there is already a location \"{}\"", location.name));
  if (problems.none()) draft.append(store::PutLocation{std::move(location)});
  return problems;
}

Problems set_location(Draft& draft, std::string_view name, const LocationEdit& edit) {
  const auto before = draft.registry().location(name);
  if (!before) return unknown_location(name);
  LocationRecord after = edited(*before, edit);
  Problems problems = check_form(after);
  if (after.emergency_number.empty() && !before->emergency_number.empty()) {
    const auto [first, count] = phones_at(draft.registry(), name, [](const PhoneRecord& phone) {
      return phone.role == store::PhoneRole::HotDesk;
    });
    if (count > 0)
      problems.add("emergency_number", ErrorCode::Conflict,
                   fmt::format("hot-desk phones need an emergency number, and at \"{}\" there are "
                               "{}; give another number, or move them first",
                               name, counted_phones(first, count)));
  }
  if (problems.none() && after != *before) draft.append(store::PutLocation{std::move(after)});
  return problems;
}

Problems remove_location(Draft& draft, std::string_view name) {
  if (!draft.registry().location(name)) return unknown_location(name);
  const auto [first, count] =
      phones_at(draft.registry(), name, [](const PhoneRecord&) { return true; });
  if (count > 0)
    return refused("location", ErrorCode::Conflict,
                   fmt::format("location \"{}\" is still in use by {}; move or remove {} first",
                               name, counted_phones(first, count), count == 1 ? "it" : "them"));
  draft.append(store::EraseLocation{std::string(name)});
  return {};
}

}  // namespace stormdoor::hotdesk
