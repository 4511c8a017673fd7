#include "tftp-http/desk_form.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace stormdoor::http {
namespace {

int hexadecimal(std::string_view text, size_t at) {
  if (at >= text.size()) return -1;
  const char c = text[at];
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// The encoding of HTML forms.
std::optional<std::string> decoded(std::string_view raw) {
  std::string text;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (text.size() >= kMostTyped) return {};
    if (raw[i] == '+') {
      text += ' ';
    } else if (raw[i] != '%') {
      text += raw[i];
    } else {
      const int high = hexadecimal(raw, i + 1);
      const int low = hexadecimal(raw, i + 2);
      if (high < 0 || low < 0) return {};
      text += char(high * 16 + low);
      i += 2;
    }
  }
  return text;
}

}  // namespace

DeskFields read_desk_fields(std::string_view encoded) {
  DeskFields found;
  while (!encoded.empty() && found.size() < kMostDeskFields) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(pair.size() + 1, encoded.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    if (equals > kMostTyped) continue;
    auto value = decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (value) found.emplace(std::string(pair.substr(0, equals)), std::move(*value));
  }
  return found;
}

std::string_view value_of(const DeskFields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string_view() : trim(found->second);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace stormdoor::http
