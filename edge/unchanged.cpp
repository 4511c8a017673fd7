#include "edge/unchanged.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace stormdoor::edge {
namespace {

using hotdesk::Registry;
using nlohmann::json;

// An argument's texts, be it one or a list; none where it is anything else.
std::vector<std::string> texts_of(const json& arguments, const char* name) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) return {};
  if (found->is_string()) return {found->get<std::string>()};
  std::vector<std::string> texts;
  if (found->is_array())
    for (const json& one : *found)
      if (one.is_string()) texts.push_back(one.get<std::string>());
  return texts;
}

// Records keep their address while they are unchanged (hotdesk/registry.hpp).
bool same_phone(const Registry& seen, const Registry& now, const std::string& text) {
  const auto mac = MacAddress::parse(text);
  return !mac || (seen.phone(*mac) == now.phone(*mac) &&
                  seen.assignment_of(*mac) == now.assignment_of(*mac));
}

bool same_user(const Registry& seen, const Registry& now, const std::string& extension) {
  return seen.user(extension) == now.user(extension) &&
         seen.assignments_of(extension) == now.assignments_of(extension);
}

using Same = bool (*)(const Registry& seen, const Registry& now, const std::string& name);
struct Subject {
  std::string_view commands;  // of which subject
  const char* argument;       // that names it
  Same same;
};
constexpr Subject kSubjects[] = {
    {"phone.", "mac", same_phone},
    {"phone.", "macs", same_phone},
    {"user.", "extension", same_user},
    {"location.", "name",
     [](const Registry& seen, const Registry& now, const std::string& name) {
       return seen.location(name) == now.location(name);
     }},
    {"admin.", "name",
     [](const Registry& seen, const Registry& now, const std::string& name) {
       return seen.administrator(name) == now.administrator(name);
     }},
};

}  // namespace

Unchanged check_unchanged(const ControlRequest& request, std::shared_ptr<const Registry> seen) {
  std::vector<std::pair<Same, std::string>> subjects;
  for (const Subject& subject : kSubjects)
    if (request.command.starts_with(subject.commands))
      for (std::string& name : texts_of(request.arguments, subject.argument))
        subjects.emplace_back(subject.same, std::move(name));
  return [seen = std::move(seen),
          subjects = std::move(subjects)](const Registry& now) -> Result<void> {
    for (const auto& [same, name] : subjects)
      if (!same(*seen, now, name))
        return Error(ErrorCode::Conflict,
                     "somebody else has just changed it; nothing was done; load it again");
    return {};
  };
}

}  // namespace stormdoor::edge
