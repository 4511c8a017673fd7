#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

// A template's text before the library sees it: which tags stand in it, and whether we take them
// (see Template). Pure.
namespace stormdoor::http {

struct TemplateMention {
  std::string name;
  size_t line = 0;
};

// Checks every tag and collects the names, each once, where it stands first. Errors say
// "<name>:<line>: what is wrong".
[[nodiscard]] Result<std::vector<TemplateMention>> read_mentions(std::string_view name,
                                                                 std::string_view text);

// Takes the line ends away behind section tags and comments that stand alone on their line, as
// mustache wants it; the library does so only for sections that are entered.
[[nodiscard]] std::string without_tag_lines(std::string_view text);

}  // namespace stormdoor::http
