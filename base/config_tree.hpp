#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/config_reader.hpp"

// What ConfigReader is made of; for base/config_*.cpp only.
namespace stormdoor {

// A SourceLocation that costs little: the file is an index into ConfigState::files.
struct ConfigPlace {
  uint32_t file = 0;
  uint32_t line = 0;
  uint32_t column = 0;
};

// One TOML value. Our own and not toml++'s, so that files can be merged and reading be noted.
struct ConfigNode {
  enum class Kind : uint8_t { Boolean, Integer, Float, String, Time, Array, Table };

  Kind kind = Kind::Table;
  mutable bool read = false;
  bool boolean = false;
  int64_t integer = 0;
  ConfigPlace where;                                           // of the value
  ConfigPlace key_where;                                       // of its key
  std::string text;                                            // String; Float and Time as written
  std::vector<ConfigNode> items;                               // Array
  std::map<std::string, std::unique_ptr<ConfigNode>> members;  // Table

  [[nodiscard]] const ConfigNode* find(std::string_view key) const {
    const auto found = members.find(std::string(key));
    return found == members.end() ? nullptr : found->second.get();
  }
  [[nodiscard]] bool is_array_of_tables() const {
    if (kind != Kind::Array || items.empty()) return false;
    for (const auto& item : items)
      if (item.kind != Kind::Table) return false;
    return true;
  }
};

// On failure `root` is empty and `problem` says why. Only config_toml.cpp knows toml++.
struct TomlParse {
  std::unique_ptr<ConfigNode> root;
  ConfigPlace where;
  std::string problem;
};
TomlParse parse_toml(std::string_view text, uint32_t file);

struct ConfigProblem {
  SourceLocation where;
  std::string key;
  std::string message;
};

struct ConfigState {
  static constexpr size_t kMostProblems = 200;

  std::vector<std::string> files;
  std::unique_ptr<ConfigNode> root = std::make_unique<ConfigNode>();
  std::vector<ConfigProblem> problems;
  size_t problems_left_out = 0;
  bool survey = false;
  bool incomplete = false;      // a file could not be read, so that what is missing proves nothing
  std::set<std::string> known;  // leaves that were asked for, by pattern
  std::map<std::string, std::set<std::string>> asked;  // by pattern of the table: its keys

  [[nodiscard]] SourceLocation locate(const ConfigPlace& place) const;
  void problem_at(const SourceLocation& where, std::string_view key, std::string_view message);
  void note_unread();
};

// One value on its way to a typed one.
struct ConfigItem {
  ConfigState* state;
  const ConfigNode* node;  // nullptr: absent
  std::string path;

  void wrong(std::string_view message) const {
    state->problem_at(state->locate(node->where), path, message);
  }
};

// Loads files into `state`, following includes.
void load_config_files(ConfigState& state, const std::string& file);
void load_config_text(ConfigState& state, std::string_view text, std::string_view name);

// "prefix.key"; a key that TOML would want in quotes stands in quotes.
[[nodiscard]] std::string config_path(std::string_view prefix, std::string_view key);
// Counts as read with everything in it.
void mark_read(const ConfigNode& node);

}  // namespace stormdoor
