#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/config_tree.hpp"
#include "base/text.hpp"

namespace stormdoor {
namespace {

using Kind = ConfigNode::Kind;

bool is_bare_key(std::string_view key) {
  return !key.empty() && key.size() <= 64 && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '*';
  });
}

std::string what_is_known(const ConfigState& state, const std::string& pattern,
                          std::string_view key) {
  const auto found = state.asked.find(pattern);
  if (found == state.asked.end() || found->second.empty()) return "no key is known here";
  const std::vector<std::string> known(found->second.begin(), found->second.end());
  if (key.size() <= 64)  // the comparison costs the product of the lengths
    if (const std::string meant = closest_match(key, known); !meant.empty())
      return fmt::format("did you mean \"{}\"?", meant);
  return fmt::format("known here: {}", fmt::join(known, ", "));
}

// Each unread key, with nothing below it: a table nobody knows is one error.
void note_unread_in(ConfigState& state, const ConfigNode& table, const std::string& path,
                    const std::string& pattern) {
  const bool chosen_names = !state.asked.contains(pattern) && state.asked.contains(pattern + ".*");
  for (const auto& [key, value] : table.members) {
    const std::string here = config_path(path, key);
    const std::string here_pattern = config_path(pattern, chosen_names ? "*" : key);
    if (!value->read) {
      state.problem_at(state.locate(value->key_where), here,
                       "unknown key; " + what_is_known(state, pattern, key));
    } else if (value->kind == Kind::Table) {
      note_unread_in(state, *value, here, here_pattern);
    } else if (value->is_array_of_tables()) {
      for (size_t i = 0; i < value->items.size(); ++i)
        if (value->items[i].read)
          note_unread_in(state, value->items[i], fmt::format("{}[{}]", here, i + 1),
                         here_pattern + "[]");
    }
  }
}

void collect_keys(const ConfigNode& table, const std::string& pattern,
                  std::set<std::string>& keys) {
  for (const auto& [key, value] : table.members) {
    const std::string here = config_path(pattern, key);
    if (value->kind == Kind::Table)
      collect_keys(*value, here, keys);
    else if (value->is_array_of_tables())
      for (const auto& item : value->items) collect_keys(item, here + "[]", keys);
    else
      keys.insert(here);
  }
}

}  // namespace

std::string SourceLocation::to_string() const {
  if (line == 0) return file;
  return fmt::format("{}:{}:{}", file, line, column);
}

std::string config_path(std::string_view prefix, std::string_view key) {
  std::string path(prefix);
  if (!path.empty()) path += '.';
  return path + (is_bare_key(key) ? std::string(key) : fmt::format("\"{}\"", printable(key, 64)));
}

void mark_read(const ConfigNode& node) {
  node.read = true;
  for (const auto& item : node.items) mark_read(item);
  for (const auto& [key, value] : node.members) mark_read(*value);
}

SourceLocation ConfigState::locate(const ConfigPlace& place) const {
  return {place.file < files.size() ? files[place.file] : "", place.line, place.column};
}

void ConfigState::problem_at(const SourceLocation& where, std::string_view key,
                             std::string_view message) {
  if (problems.size() >= kMostProblems)
    ++problems_left_out;
  else
    problems.push_back({where, std::string(key), std::string(message)});
}

void ConfigState::note_unread() {
  note_unread_in(*this, *root, "", "");
}

ConfigReader::ConfigReader(std::unique_ptr<ConfigState> state) : state_(std::move(state)) {}
ConfigReader::ConfigReader(ConfigReader&&) noexcept = default;
ConfigReader& ConfigReader::operator=(ConfigReader&&) noexcept = default;
ConfigReader::~ConfigReader() = default;

ConfigReader ConfigReader::load(const std::string& file) {
  auto state = std::make_unique<ConfigState>();
  load_config_files(*state, file);
  return ConfigReader(std::move(state));
}

ConfigReader ConfigReader::parse(std::string_view text, std::string_view name) {
  auto state = std::make_unique<ConfigState>();
  load_config_text(*state, text, name);
  return ConfigReader(std::move(state));
}

ConfigReader ConfigReader::survey() {
  auto state = std::make_unique<ConfigState>();
  state->survey = true;
  return ConfigReader(std::move(state));
}

ConfigTable ConfigReader::root() const {
  return ConfigTable(state_.get(), state_->root.get(), "", "");
}

void ConfigReader::error_at(const SourceLocation& where, std::string_view key,
                            std::string_view message) {
  state_->problem_at(where, key, message);
}

bool ConfigReader::good() const {
  return state_->problems.empty();
}

Result<void> ConfigReader::finish() {
  state_->note_unread();
  mark_read(*state_->root);  // a second call says nothing twice
  if (good()) return {};
  return Error(ErrorCode::InvalidArgument, fmt::format("{}", fmt::join(errors(), "\n")));
}

std::vector<std::string> ConfigReader::errors() const {
  // In the order of the files, lines and columns, and of one place as they were found.
  std::vector<std::tuple<size_t, uint32_t, uint32_t, size_t>> order;
  for (size_t i = 0; i < state_->problems.size(); ++i) {
    const auto& where = state_->problems[i].where;
    const auto file = std::ranges::find(state_->files, where.file) - state_->files.begin();
    order.emplace_back(static_cast<size_t>(file), where.line, where.column, i);
  }
  std::ranges::sort(order);
  std::vector<std::string> lines;
  for (const auto& [file, line_number, column, index] : order) {
    const auto& problem = state_->problems[index];
    std::string line = problem.where.to_string() + ": ";
    if (!problem.key.empty()) line += problem.key + ": ";
    line += problem.message;
    // Two rooms that read one key complain alike.
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
  }
  if (state_->problems_left_out > 0)
    lines.push_back(fmt::format("and {} more errors", state_->problems_left_out));
  return lines;
}

std::vector<std::string> ConfigReader::known_keys() const {
  std::vector<std::string> keys(state_->known.begin(), state_->known.end());
  keys.emplace_back("include");
  std::ranges::sort(keys);
  return keys;
}

std::vector<std::string> ConfigReader::keys_in_files() const {
  std::set<std::string> keys;
  collect_keys(*state_->root, "", keys);
  return {keys.begin(), keys.end()};
}

const std::vector<std::string>& ConfigReader::files() const {
  return state_->files;
}

}  // namespace stormdoor
