#include "bench/storm/well_formed.hpp"

#include <vector>

#include "base/text.hpp"

namespace stormdoor::storm {
namespace {

constexpr size_t kDeepest = 256;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == ':' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

// A cursor over XML text; every step answers whether the text goes on as XML must.
class Xml {
 public:
  explicit Xml(std::string_view text) : rest_(text) {}

  bool whole_document() {
    skip("\xEF\xBB\xBF");
    while (!rest_.empty())
      if (!(rest_.front() == '<' ? markup() : characters())) return false;
    return open_.empty() && elements_ > 0;
  }

 private:
  bool skip(std::string_view start) {
    if (!rest_.starts_with(start)) return false;
    rest_.remove_prefix(start.size());
    return true;
  }
  bool skip_past(std::string_view end) {
    const size_t at = rest_.find(end);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + end.size());
    return true;
  }
  void skip_space() {
    const size_t at = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at);
  }
  std::string_view name() {
    size_t length = 0;
    while (length < rest_.size() && is_name_char(rest_[length])) ++length;
    const std::string_view found = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return found;
  }

  // Text between elements; outside of the root only white space.
  bool characters() {
    const std::string_view text = rest_.substr(0, rest_.find('<'));
    rest_.remove_prefix(text.size());
    return open_.empty() ? trim(text).empty() : references_are_right(text);
  }
  static bool references_are_right(std::string_view text) {
    for (size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
      const size_t end = text.find(';', at);
      if (end == std::string_view::npos || end == at + 1) return false;
      for (size_t i = at + 1; i < end; ++i)
        if (!is_name_char(text[i]) && !(i == at + 1 && text[i] == '#')) return false;
    }
    return true;
  }

  bool markup() {
    if (skip("<!--")) return skip_past("-->");
    if (skip("<![CDATA[")) return !open_.empty() && skip_past("]]>");
    if (skip("<?")) return skip_past("?>");
    if (skip("<!")) return skip_past(">");
    if (skip("</")) return end_tag();
    return skip("<") && start_tag();
  }
  bool end_tag() {
    const std::string_view tag = name();
    skip_space();
    if (open_.empty() || open_.back() != tag || !skip(">")) return false;
    open_.pop_back();
    return true;
  }
  bool start_tag() {
    const std::string_view tag = name();
    if (tag.empty() || open_.size() >= kDeepest || (open_.empty() && elements_ > 0)) return false;
    ++elements_;
    for (;;) {
      skip_space();
      if (skip("/>")) return true;
      if (skip(">")) {
        open_.push_back(tag);
        return true;
      }
      if (!attribute()) return false;
    }
  }
  bool attribute() {
    if (name().empty()) return false;
    skip_space();
    if (!skip("=")) return false;
    skip_space();
    if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) return false;
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    const size_t end = rest_.find(quote);
    if (end == std::string_view::npos) return false;
    const std::string_view value = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return value.find('<') == std::string_view::npos && references_are_right(value);
  }

  std::string_view rest_;
  std::vector<std::string_view> open_;
  size_t elements_ = 0;
};

bool is_key_value_line(std::string_view line) {
  line = trim(line);
  if (line.empty() || line.front() == '#' || line.front() == ';') return true;
  if (line.front() == '[') return line.back() == ']';
  const size_t separator = line.find_first_of("=:");
  return separator != std::string_view::npos && separator > 0;
}

}  // namespace

bool is_well_formed(std::string_view text, TextFormat format) {
  if (format == TextFormat::Any) return true;
  if (!is_valid_utf8(text)) return false;
  if (format == TextFormat::Xml) return Xml(text).whole_document();
  for (const std::string_view line : split(text, '\n'))
    if (!is_key_value_line(line)) return false;
  return true;
}

}  // namespace stormdoor::storm
