#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stormdoor::edge {

// Rows of text under headings, as shells print them: columns as wide as their content, two spaces
// between, nothing after the last. Foreign text must already be printable.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  // As many cells as headings.
  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// How many terminal columns UTF-8 text takes: one per character, two for wide East Asian ones, none
// for combining marks.
[[nodiscard]] size_t display_width(std::string_view text);

}  // namespace stormdoor::edge
