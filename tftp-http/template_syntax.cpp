#include "tftp-http/template_syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace stormdoor::http {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

struct Tag {
  char sigil = 0;  // '#', '^', '/', '!' or 0 for a value
  std::string_view name;
};

// What stands between {{ and }}.
Result<Tag> read_tag(std::string_view inside) {
  inside = trim(inside);
  if (inside.starts_with('{') || inside.starts_with('&'))
    return Error(ErrorCode::InvalidArgument, "unescaped values are not allowed; write {{name}}");
  if (inside.starts_with('>'))
    return Error(ErrorCode::InvalidArgument, "partials are not supported");
  if (inside.starts_with('='))
    return Error(ErrorCode::InvalidArgument, "other delimiters are not supported");
  Tag tag;
  if (inside.starts_with('!')) return Tag{'!', {}};
  if (inside.starts_with('#') || inside.starts_with('^') || inside.starts_with('/')) {
    tag.sigil = inside.front();
    inside = trim(inside.substr(1));
  }
  if (!is_name(inside))
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is no name; names are of a-z, 0-9 and _", printable(inside)));
  tag.name = inside;
  return tag;
}

// Whether a line holds one section tag or comment and nothing else.
bool is_tag_alone(std::string_view line) {
  line = trim(line);
  return line.size() > 4 && line.starts_with("{{") && line.find("}}") == line.size() - 2 &&
         std::string_view("#^/!").find(line[2]) != std::string_view::npos;
}

}  // namespace

Result<std::vector<TemplateMention>> read_mentions(std::string_view name, std::string_view text) {
  std::vector<TemplateMention> mentions;
  std::set<std::string_view> seen;
  std::vector<std::string_view> open;
  size_t line = 1;
  const auto wrong = [&](std::string_view what) {
    return Error(ErrorCode::InvalidArgument, fmt::format("{}:{}: {}", name, line, what));
  };
  size_t from = 0;
  for (size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", from)) {
    line += static_cast<size_t>(std::ranges::count(text.substr(from, at - from), '\n'));
    const size_t end = text.find("}}", at + 2);
    if (end == std::string_view::npos) return wrong("{{ without }}");
    const std::string_view inside = text.substr(at + 2, end - at - 2);
    const auto tag = read_tag(inside);
    if (!tag) return wrong(tag.error().message());
    if (tag->sigil == '#' || tag->sigil == '^') open.push_back(tag->name);
    if (tag->sigil == '/') {
      if (open.empty() || open.back() != tag->name)
        return wrong(fmt::format("{{{{/{}}}}} closes no section that is open here", tag->name));
      open.pop_back();
    } else if (tag->sigil != '!' && seen.insert(tag->name).second) {
      mentions.push_back({std::string(tag->name), line});
    }
    line += static_cast<size_t>(std::ranges::count(inside, '\n'));
    from = end + 2;
  }
  if (!open.empty()) return wrong(fmt::format("section {{{{#{}}}}} is never closed", open.back()));
  return mentions;
}

std::string without_tag_lines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    out += is_tag_alone(line) ? trim(line) : line;
    if (end == std::string_view::npos) break;
    if (!is_tag_alone(line)) out += '\n';
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace stormdoor::http
