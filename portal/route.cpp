#include "portal/route.hpp"

#include "base/text.hpp"

namespace stormdoor::portal {

std::optional<PathValues> match_path(std::string_view pattern, std::string_view path) {
  const auto wanted = split(pattern, '/');
  const auto given = split(path, '/');
  if (wanted.size() != given.size()) return {};
  PathValues values;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      if (given[i].empty()) return {};
      values.emplace_back(wanted[i].substr(1, wanted[i].size() - 2), given[i]);
    } else if (wanted[i] != given[i]) {
      return {};
    }
  }
  return values;
}

Matched find_route(std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  Matched found;
  // A path that is spelt out comes before one with names ("/desks/logout").
  bool exact = false;
  for (const Route& route : routes()) {
    auto values = match_path(route.path, path);
    if (!values || (exact && !values->empty())) continue;
    if (values->empty() && !exact) {
      exact = true;
      found = {};
    }
    found.allowed += (found.allowed.empty() ? "" : ", ") + std::string(route.method);
    if (route.method == "GET") found.allowed += ", HEAD";
    if (route.method != method) continue;
    found.route = &route;
    found.values = *std::move(values);
  }
  return found;
}

}  // namespace stormdoor::portal
