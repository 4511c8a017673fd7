#include "edge/table.hpp"

#include <algorithm>
#include <cstdint>

#include "base/error.hpp"

namespace stormdoor::edge {
namespace {

uint32_t next_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  length = std::min(length, text.size());
  uint32_t character = length == 1 ? lead : lead & (0x7fU >> length);
  for (size_t i = 1; i < length; ++i)
    character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  text.remove_prefix(length);
  return character;
}

bool within(uint32_t character, uint32_t first, uint32_t last) {
  return character >= first && character <= last;
}

size_t character_width(uint32_t c) {
  if (within(c, 0x300, 0x36f) || within(c, 0x200b, 0x200f)) return 0;
  const bool wide = within(c, 0x1100, 0x115f) || within(c, 0x2e80, 0xa4cf) ||
                    within(c, 0xac00, 0xd7a3) || within(c, 0xf900, 0xfaff) ||
                    within(c, 0xfe30, 0xfe6f) || within(c, 0xff00, 0xff60) ||
                    within(c, 0x1f300, 0x1faff);
  return wide ? 2 : 1;
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) width += character_width(next_character(text));
  return width;
}

void Table::add(std::vector<std::string> cells) {
  STORMDOOR_CHECK(cells.size() == headings_.size(), "a row has one cell per heading");
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<size_t> widths;
  for (const auto& heading : headings_) widths.push_back(display_width(heading));
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  std::string text;
  const auto append = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) {
      text += cells[i];
      if (i + 1 < cells.size()) text.append(widths[i] - display_width(cells[i]) + 2, ' ');
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    text += '\n';
  };
  append(headings_);
  for (const auto& row : rows_) append(row);
  return text;
}

}  // namespace stormdoor::edge
