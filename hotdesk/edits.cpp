#include "hotdesk/edits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"

namespace stormdoor::hotdesk {

Problems unknown_location(std::string_view name) {
  return refused("location", ErrorCode::NotFound,
                 fmt::format("there is no location \"{}\"", printable(name, 40)));
}

Problems unknown_user(std::string_view extension) {
  return refused("extension", ErrorCode::NotFound,
                 fmt::format("there is no user with extension \"{}\"", printable(extension, 40)));
}

Problems unknown_phone(const MacAddress& mac) {
  return refused("mac", ErrorCode::NotFound, fmt::format("there is no phone {}", mac.to_string()));
}

std::string counted_phones(const std::vector<std::string>& first, size_t count) {
  std::string text =
      fmt::format("{} phone{}: {}", count, count == 1 ? "" : "s", fmt::join(first, ", "));
  if (count > first.size()) text += fmt::format(" and {} more", count - first.size());
  return text;
}

std::string phrase_for(const UserRecord& user) {
  if (user.name.empty()) return user.extension;
  return fmt::format("{} ({})", user.extension, printable(user.name));
}

std::string phrase_for(const AssignmentRecord& assignment, const Registry& registry) {
  const auto user = registry.user(assignment.extension);
  const std::string whose = user ? phrase_for(*user) : assignment.extension;
  if (assignment.slot == 0) return fmt::format("the main phone of {}", whose);
  return fmt::format("additional phone {} of {}", assignment.slot, whose);
}

}  // namespace stormdoor::hotdesk
