#include <fmt/format.h>
#include <toml++/toml.h>

#include <map>
#include <sstream>
#include <vector>

#include "base/config_mask.hpp"
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

// Finds where the secret values of a parsed text are, and writes over them.
class Masker {
 public:
  Masker(std::string_view text, const std::function<bool(std::string_view)>& is_secret)
      : text_(text), is_secret_(is_secret) {
    lines_.push_back(0);
    for (size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') lines_.push_back(i + 1);
  }

  void find(const toml::node& node, bool secret) {
    if (const auto* table = node.as_table()) {
      for (const auto& [key, value] : *table) find(value, secret || is_secret_(key.str()));
    } else if (const auto* array = node.as_array()) {
      for (const auto& item : *array) find(item, secret);
    } else if (secret) {
      found_.emplace(offset(node.source().begin), offset(node.source().end));
    }
  }

  [[nodiscard]] std::string masked() const {
    std::string masked;
    size_t at = 0;
    for (const auto& [begin, end] : found_) {
      masked.append(text_.substr(at, begin - at)).append("\"(secret)\"");
      at = end;
    }
    return masked.append(text_.substr(at));
  }

 private:
  // Columns count characters, from 1.
  [[nodiscard]] size_t offset(const toml::source_position& place) const {
    if (place.line == 0 || place.line > lines_.size()) return text_.size();
    size_t at = lines_[place.line - 1];
    for (uint32_t column = 1; column < place.column && at < text_.size(); ++column) do
        ++at;
      while (at < text_.size() && (uint8_t(text_[at]) & 0xc0U) == 0x80U);
    return at;
  }

  std::string_view text_;
  const std::function<bool(std::string_view)>& is_secret_;
  std::vector<size_t> lines_;       // where each begins
  std::map<size_t, size_t> found_;  // begin and end
};

}  // namespace

Result<std::string> mask_toml(std::string_view text,
                              const std::function<bool(std::string_view key)>& is_secret) {
  // What parse_toml refuses, toml++ may not even be given.
  if (const auto parsed = parse_toml(text, 0); parsed.root == nullptr)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("line {}: {}", parsed.where.line, parsed.problem));
  Masker masker(text, is_secret);
  masker.find(toml::parse(text), false);
  return masker.masked();
}

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
