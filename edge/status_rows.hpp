#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace stormdoor::edge {

// One part of `stormdoor status`: a title, and names with values.
using StatusRows = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] inline nlohmann::json status_section(const std::string& title,
                                                   const StatusRows& rows) {
  // As arrays: pairs of strings would become one object.
  nlohmann::json listed = nlohmann::json::array();
  for (const auto& [name, value] : rows) listed.push_back(nlohmann::json::array({name, value}));
  return {{"title", title}, {"rows", std::move(listed)}};
}

}  // namespace stormdoor::edge
