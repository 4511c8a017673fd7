#include <fmt/format.h>
#include <toml++/toml.h>

#include <sstream>

#include "base/config_tree.hpp"
#include "base/text.hpp"

namespace stormdoor {
namespace {

using Kind = ConfigNode::Kind;

constexpr size_t kMostBytes = size_t{1} << 20;
constexpr size_t kMostDots = 256;

// Walks over a TOML text far enough to tell strings and comments from the rest.
class DotCounter {
 public:
  explicit DotCounter(std::string_view text) : text_(text) {}

  // The line of the first statement with more than kMostDots dots outside strings, or 0. toml++ 3.3
  // does not bound the depth of dotted keys, and tables that deep would overflow the stack.
  uint32_t first_line_beyond() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (c == '"' || c == '\'')
        skip_string(c);
      else
        step(c);
      if (dots_ > kMostDots) return line_;
    }
    return 0;
  }

 private:
  void step(char c) {
    ++at_;
    if (c == '.') ++dots_;
    if (c == '[' || c == '{') ++open_;
    if ((c == ']' || c == '}') && open_ > 0) --open_;
    if (c != '\n') return;
    ++line_;
    if (open_ == 0) dots_ = 0;
  }
  void skip_string(char quote) {
    const std::string three(3, quote);
    if (text_.substr(at_).starts_with(three)) {
      at_ += 3;
      skip_until([&] { return text_.substr(at_).starts_with(three); }, quote);
      at_ = std::min(at_ + 3, text_.size());
      for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] == quote; ++i) ++at_;
    } else {
      ++at_;
      skip_until([&] { return text_[at_] == quote || text_[at_] == '\n'; }, quote);
      if (at_ < text_.size() && text_[at_] == quote) ++at_;  // a line end is step()'s
    }
  }
  template <typename Done>
  void skip_until(Done&& done, char quote) {
    while (at_ < text_.size() && !done()) {
      if (text_[at_] == '\\' && quote == '"' && at_ + 1 < text_.size()) ++at_;
      if (text_[at_] == '\n') ++line_;
      ++at_;
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t dots_ = 0;
  size_t open_ = 0;
  uint32_t line_ = 1;
};

ConfigPlace place_of(const toml::source_region& region, uint32_t file) {
  return {file, region.begin.line, region.begin.column};
}

template <typename T>
std::string as_written(const T& value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

void convert(const toml::node& from, uint32_t file, ConfigNode& to) {
  to.where = place_of(from.source(), file);
  if (const auto* table = from.as_table()) {
    to.kind = Kind::Table;
    for (const auto& [key, value] : *table) {
      auto member = std::make_unique<ConfigNode>();
      convert(value, file, *member);
      member->key_where = place_of(key.source(), file);
      to.members.emplace(std::string(key.str()), std::move(member));
    }
  } else if (const auto* array = from.as_array()) {
    to.kind = Kind::Array;
    to.items.resize(array->size());
    for (size_t i = 0; i < array->size(); ++i) {
      convert((*array)[i], file, to.items[i]);
      to.items[i].key_where = to.items[i].where;
    }
  } else if (const auto* boolean = from.as_boolean()) {
    to.kind = Kind::Boolean;
    to.boolean = boolean->get();
  } else if (const auto* integer = from.as_integer()) {
    to.kind = Kind::Integer;
    to.integer = integer->get();
  } else if (const auto* text = from.as_string()) {
    to.kind = Kind::String;
    to.text = text->get();
  } else {
    const auto* number = from.as_floating_point();
    to.kind = number != nullptr ? Kind::Float : Kind::Time;
    if (number != nullptr) to.text = as_written(number->get());
    if (const auto* date = from.as_date()) to.text = as_written(date->get());
    if (const auto* time = from.as_time()) to.text = as_written(time->get());
    if (const auto* both = from.as_date_time()) to.text = as_written(both->get());
  }
}

}  // namespace

TomlParse parse_toml(std::string_view text, uint32_t file) {
  const auto refuse = [&](uint32_t line, uint32_t column, std::string message) {
    return TomlParse{nullptr, {file, line, column}, std::move(message)};
  };
  if (text.size() > kMostBytes)
    return refuse(0, 0,
                  fmt::format("larger than {}; split it with include", format_size(kMostBytes)));
  if (const uint32_t line = DotCounter(text).first_line_beyond(); line != 0)
    return refuse(line, 1, fmt::format("more than {} dots in one statement; nest less", kMostDots));
  try {
    const toml::table parsed = toml::parse(text);
    TomlParse result{std::make_unique<ConfigNode>(), {}, {}};
    convert(parsed, file, *result.root);
    return result;
  } catch (const toml::parse_error& failure) {
    const auto& begin = failure.source().begin;
    return refuse(begin.line, begin.column,
                  fmt::format("not TOML: {}", printable(failure.description(), 300)));
  } catch (const std::exception& failure) {
    return refuse(0, 0, fmt::format("not TOML: {}", printable(failure.what(), 300)));
  }
}

}  // namespace stormdoor
