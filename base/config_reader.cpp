#include "base/config_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>

#include "base/config_tree.hpp"
#include "base/text.hpp"

namespace stormdoor {
namespace {

using Kind = ConfigNode::Kind;

std::string describe(const ConfigNode& node) {
  switch (node.kind) {
    case Kind::Boolean:
      return node.boolean ? "true" : "false";
    case Kind::Integer:
      return fmt::format("the integer {}", node.integer);
    case Kind::Float:
      return "the number " + printable(node.text, 40);
    case Kind::String:
      return fmt::format("the string \"{}\"", printable(node.text, 40));
    case Kind::Time:
      return "the time " + printable(node.text, 40);
    case Kind::Array:
      return "a list";
    case Kind::Table:
      return "a table";
  }
  return "this";
}

// True when the value is of that kind; else notes "... is not <wanted>".
bool expect(const ConfigItem& item, Kind kind, std::string_view wanted) {
  if (item.node->kind == kind) return true;
  mark_read(*item.node);
  item.wrong(fmt::format("{} is not {}", describe(*item.node), wanted));
  return false;
}

template <typename Number, typename Format>
std::optional<Number> in_range(const ConfigItem& item, Number value, Number least, Number most,
                               Format&& format) {
  if (value >= least && value <= most) return value;
  if (most == std::numeric_limits<Number>::max())
    item.wrong(
        fmt::format("{} is too little; at least {} is allowed", format(value), format(least)));
  else
    item.wrong(fmt::format("{} is out of range; {} to {} is allowed", format(value), format(least),
                           format(most)));
  return std::nullopt;
}

// A string that one of our parsers understands; its error says what would be right.
template <typename Parse>
auto parsed(const ConfigItem& item, std::string_view wanted, Parse&& parse)
    -> std::optional<typename decltype(parse(std::string_view()))::value_type> {
  if (!expect(item, Kind::String, wanted)) return std::nullopt;
  auto result = parse(std::string_view(item.node->text));
  if (result) return *std::move(result);
  item.wrong(result.error().message());
  return std::nullopt;
}

// Each item of a list through `read`, which notes what is wrong; false when anything was.
template <typename Read>
bool read_items(const ConfigItem& list, std::string_view wanted, Read&& read) {
  if (!expect(list, Kind::Array, wanted)) return false;
  bool good = true;
  for (size_t i = 0; i < list.node->items.size(); ++i) {
    const auto& node = list.node->items[i];
    node.read = true;
    good = read(ConfigItem{list.state, &node, fmt::format("{}[{}]", list.path, i + 1)}) && good;
  }
  return good;
}

std::optional<size_t> word_index(const ConfigItem& item,
                                 const std::vector<std::string_view>& words) {
  const auto wanted = fmt::format("one of \"{}\"", fmt::join(words, "\", \""));
  if (!expect(item, Kind::String, wanted)) return std::nullopt;
  const auto found = std::ranges::find(words, std::string_view(item.node->text));
  if (found != words.end()) return static_cast<size_t>(found - words.begin());
  item.wrong(fmt::format("{} is not {}", describe(*item.node), wanted));
  return std::nullopt;
}

}  // namespace

ConfigItem ConfigTable::item(std::string_view key) const {
  state_->known.insert(config_path(pattern_, key));
  return {state_, take_table(key), config_path(path_, key)};
}

const ConfigNode* ConfigTable::take_table(std::string_view key) const {
  state_->asked[pattern_].emplace(key);
  const ConfigNode* found = node_ == nullptr ? nullptr : node_->find(key);
  if (found != nullptr) found->read = true;
  return found;
}

bool ConfigTable::boolean(std::string_view key, bool fallback) const {
  const auto found = item(key);
  if (found.node == nullptr || !expect(found, Kind::Boolean, "a boolean; write true or false"))
    return fallback;
  return found.node->boolean;
}

int64_t ConfigTable::integer(std::string_view key, int64_t fallback, int64_t least,
                             int64_t most) const {
  const auto found = item(key);
  if (found.node == nullptr || !expect(found, Kind::Integer, "an integer; write it without quotes"))
    return fallback;
  return in_range(found, found.node->integer, least, most,
                  [](int64_t value) { return fmt::to_string(value); })
      .value_or(fallback);
}

uint16_t ConfigTable::port(std::string_view key, uint16_t fallback) const {
  return static_cast<uint16_t>(integer(key, fallback, 1, 65535));
}

std::vector<uint16_t> ConfigTable::ports(std::string_view key,
                                         std::vector<uint16_t> fallback) const {
  const auto found = item(key);
  if (found.node == nullptr) return fallback;
  std::vector<uint16_t> values;
  const bool good = read_items(
      found, "a list of ports; write something like [5060]", [&](const ConfigItem& each) {
        if (!expect(each, Kind::Integer, "a port; write it without quotes")) return false;
        const auto value = in_range(each, each.node->integer, int64_t{1}, int64_t{65535},
                                    [](int64_t port) { return fmt::to_string(port); });
        if (value) values.push_back(uint16_t(*value));
        return value.has_value();
      });
  return good ? values : fallback;
}

milliseconds ConfigTable::duration(std::string_view key, milliseconds fallback, milliseconds least,
                                   milliseconds most) const {
  const auto found = item(key);
  if (found.node == nullptr) return fallback;
  const auto value = parsed(found, "a duration; write something like \"30s\" or \"10m\"",
                            [](std::string_view text) { return parse_duration(text); });
  if (!value) return fallback;
  const auto count = in_range(found, value->count(), least.count(), most.count(),
                              [](auto ms) { return format_duration(milliseconds(ms)); });
  return count ? milliseconds(*count) : fallback;
}

uint64_t ConfigTable::size(std::string_view key, uint64_t fallback, uint64_t least,
                           uint64_t most) const {
  const auto found = item(key);
  if (found.node == nullptr) return fallback;
  const auto value = parsed(found, "a size; write something like \"512 B\" or \"64 KiB\"",
                            [](std::string_view text) { return parse_size(text); });
  if (!value) return fallback;
  return in_range(found, *value, least, most, format_size).value_or(fallback);
}

std::string ConfigTable::string(std::string_view key, std::string_view fallback) const {
  const auto found = item(key);
  if (found.node == nullptr || !expect(found, Kind::String, "a string; write it in quotes"))
    return std::string(fallback);
  return found.node->text;
}

Secret ConfigTable::secret(std::string_view key) const {
  const auto found = item(key);
  if (found.node == nullptr) return {};
  if (found.node->kind == Kind::String) return Secret(found.node->text);
  mark_read(*found.node);
  found.wrong("not a string; write it in quotes");
  return {};
}

std::string ConfigTable::path(std::string_view key, std::string_view fallback) const {
  const auto found = item(key);
  if (found.node == nullptr || !expect(found, Kind::String, "a file name; write it in quotes"))
    return std::string(fallback);
  const std::string& text = found.node->text;
  if (text.find('\0') != std::string::npos) {
    found.wrong("a file name has no zero byte in it");
    return std::string(fallback);
  }
  if (text.empty() || text.starts_with('/')) return text;
  const auto folder = std::filesystem::path(state_->locate(found.node->where).file).parent_path();
  return (folder / text).string();
}

std::vector<std::string> ConfigTable::strings(std::string_view key,
                                              std::vector<std::string> fallback) const {
  const auto found = item(key);
  if (found.node == nullptr) return fallback;
  std::vector<std::string> values;
  const bool good =
      read_items(found, "a list of strings; write [\"...\", \"...\"]", [&](const ConfigItem& each) {
        if (!expect(each, Kind::String, "a string; write it in quotes")) return false;
        values.push_back(each.node->text);
        return true;
      });
  return good ? values : fallback;
}

std::vector<IpPrefix> ConfigTable::prefixes(std::string_view key,
                                            std::vector<IpPrefix> fallback) const {
  const auto found = item(key);
  if (found.node == nullptr) return fallback;
  std::vector<IpPrefix> values;
  const bool good = read_items(
      found, "a list of address ranges; write something like [\"10.20.0.0/16\"]",
      [&](const ConfigItem& each) {
        const auto value = parsed(each, "an address range; write something like \"10.20.0.0/16\"",
                                  [](std::string_view text) { return IpPrefix::parse(text); });
        if (value) values.push_back(*value);
        return value.has_value();
      });
  return good ? values : fallback;
}

std::vector<Endpoint> ConfigTable::endpoints(std::string_view key,
                                             std::vector<Endpoint> fallback) const {
  const auto found = item(key);
  if (found.node == nullptr) return fallback;
  std::vector<Endpoint> values;
  const bool good = read_items(
      found, "a list of addresses and ports; write something like [\"0.0.0.0:69\"]",
      [&](const ConfigItem& each) {
        const auto value = parsed(each, "an address and port; write something like \"0.0.0.0:69\"",
                                  [](std::string_view text) { return Endpoint::parse(text); });
        if (value) values.push_back(*value);
        return value.has_value();
      });
  return good ? values : fallback;
}

std::map<std::string, std::string> ConfigTable::variables(std::string_view key) const {
  state_->known.insert(config_path(pattern_, key) + ".*");
  const ConfigItem found{state_, take_table(key), config_path(path_, key)};
  std::map<std::string, std::string> values;
  if (found.node == nullptr || !expect(found, Kind::Table, "a table of names and strings"))
    return values;
  for (const auto& [name, value] : found.node->members) {
    mark_read(*value);
    if (value->kind == Kind::String)
      values.emplace(name, value->text);
    else if (value->kind == Kind::Integer)
      values.emplace(name, fmt::to_string(value->integer));
    else if (value->kind == Kind::Boolean)
      values.emplace(name, value->boolean ? "true" : "false");
    else
      ConfigItem{state_, value.get(), config_path(found.path, name)}.wrong(
          fmt::format("{} is not a string; write it in quotes", describe(*value)));
  }
  return values;
}

size_t ConfigTable::choice_index(std::string_view key,
                                 const std::vector<std::string_view>& words) const {
  const auto found = item(key);
  if (found.node == nullptr) return words.size();
  return word_index(found, words).value_or(words.size());
}

bool ConfigTable::choice_indices(std::string_view key, const std::vector<std::string_view>& words,
                                 std::vector<size_t>& indices) const {
  const auto found = item(key);
  if (found.node == nullptr) return false;
  return read_items(
      found, fmt::format("a list; write some of [\"{}\"]", fmt::join(words, "\", \"")),
      [&](const ConfigItem& each) {
        const auto index = word_index(each, words);
        if (!index) return false;
        if (std::ranges::find(indices, *index) != indices.end()) {
          each.wrong(fmt::format("\"{}\" stands here twice; once is enough", words[*index]));
          return false;
        }
        indices.push_back(*index);
        return true;
      });
}

ConfigTable ConfigTable::table(std::string_view key) const {
  const std::string path = config_path(path_, key);
  const ConfigNode* found = take_table(key);
  if (found != nullptr &&
      !expect({state_, found, path}, Kind::Table, fmt::format("a table; write [{}]", path)))
    found = nullptr;
  return ConfigTable(state_, found, path, config_path(pattern_, key));
}

std::vector<ConfigTable> ConfigTable::tables(std::string_view key) const {
  const std::string path = config_path(path_, key);
  const std::string pattern = config_path(pattern_, key) + "[]";
  const ConfigNode* found = take_table(key);
  std::vector<ConfigTable> all;
  if (state_->survey) all.push_back(ConfigTable(state_, nullptr, path + "[1]", pattern));
  if (found == nullptr || (found->kind == Kind::Array && found->items.empty())) return all;
  if (!found->is_array_of_tables()) {
    mark_read(*found);
    ConfigItem{state_, found, path}.wrong(
        fmt::format("{} is not a list of tables; write [[{}]] above each", describe(*found), key));
    return all;
  }
  for (size_t i = 0; i < found->items.size(); ++i) {
    found->items[i].read = true;
    all.push_back(
        ConfigTable(state_, &found->items[i], fmt::format("{}[{}]", path, i + 1), pattern));
  }
  return all;
}

std::vector<std::pair<std::string, ConfigTable>> ConfigTable::named_tables(
    std::string_view key) const {
  const std::string path = config_path(path_, key);
  const std::string pattern = config_path(pattern_, key) + ".*";
  const ConfigNode* found = take_table(key);
  std::vector<std::pair<std::string, ConfigTable>> all;
  if (state_->survey)
    all.emplace_back("*", ConfigTable(state_, nullptr, config_path(path, "*"), pattern));
  const std::string wanted = fmt::format("a table; write [{}.NAME]", path);
  if (found == nullptr || !expect({state_, found, path}, Kind::Table, wanted)) return all;
  for (const auto& [name, value] : found->members) {
    value->read = true;
    const std::string here = config_path(path, name);
    if (expect({state_, value.get(), here}, Kind::Table, wanted))
      all.emplace_back(name, ConfigTable(state_, value.get(), here, pattern));
  }
  return all;
}

bool ConfigTable::has(std::string_view key) const {
  return node_ != nullptr && node_->find(key) != nullptr;
}

bool ConfigTable::require(std::string_view key, std::string_view what_is_right) const {
  if (has(key) || state_->survey) return true;
  // What is missing may stand in the file that could not be read.
  if (!state_->incomplete)
    state_->problem_at(where(), config_path(path_, key), fmt::format("missing; {}", what_is_right));
  return false;
}

void ConfigTable::error_at(std::string_view key, std::string_view message) const {
  state_->problem_at(where(key), key.empty() ? path_ : config_path(path_, key), message);
}

SourceLocation ConfigTable::where() const {
  if (node_ != nullptr) return state_->locate(node_->where);
  return {state_->files.empty() ? "" : state_->files.front(), 0, 0};
}

SourceLocation ConfigTable::where(std::string_view key) const {
  const ConfigNode* found = node_ == nullptr ? nullptr : node_->find(key);
  return found == nullptr ? where() : state_->locate(found->where);
}

}  // namespace stormdoor
