#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/secret.hpp"

namespace stormdoor {

// Where a value stands. Line and column count from 1; line 0: nowhere (an absent key's default).
struct SourceLocation {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;

  [[nodiscard]] std::string to_string() const;  // "stormdoor.toml:12:7"
  auto operator<=>(const SourceLocation&) const = default;
};

struct ConfigNode;
struct ConfigState;
struct ConfigItem;

// One table of the configuration: a handle into a ConfigReader, cheap to copy, not to outlive it.
//
// Every reading function takes the key, its default and, where there is an order, the least and the
// most. A wrong value is noted as an error with its position, and the default is returned, so that
// reading goes on and finds the other errors as well. What is read counts as known; what nobody
// reads becomes an error in ConfigReader::finish().
class ConfigTable {
 public:
  [[nodiscard]] bool boolean(std::string_view key, bool fallback) const;
  [[nodiscard]] int64_t integer(std::string_view key, int64_t fallback, int64_t least,
                                int64_t most) const;
  [[nodiscard]] milliseconds duration(std::string_view key, milliseconds fallback,
                                      milliseconds least, milliseconds most) const;  // "10m"
  [[nodiscard]] uint64_t size(std::string_view key, uint64_t fallback, uint64_t least,
                              uint64_t most) const;  // "64 KiB"
  [[nodiscard]] std::string string(std::string_view key, std::string_view fallback) const;
  // A string that no error message ever shows.
  [[nodiscard]] Secret secret(std::string_view key) const;
  // A file name; a relative one starts at the folder of the file it stands in. `fallback` is
  // returned as it is.
  [[nodiscard]] std::string path(std::string_view key, std::string_view fallback) const;
  // 1 to 65535.
  [[nodiscard]] uint16_t port(std::string_view key, uint16_t fallback) const;
  [[nodiscard]] std::vector<uint16_t> ports(std::string_view key,
                                            std::vector<uint16_t> fallback = {}) const;

  [[nodiscard]] std::vector<std::string> strings(std::string_view key,
                                                 std::vector<std::string> fallback = {}) const;
  [[nodiscard]] std::vector<IpPrefix> prefixes(std::string_view key,
                                               std::vector<IpPrefix> fallback = {}) const;
  [[nodiscard]] std::vector<Endpoint> endpoints(std::string_view key,
                                                std::vector<Endpoint> fallback = {}) const;
  // A table of the administrator's own keys, all of them strings; integers and booleans are taken
  // as they would be written.
  [[nodiscard]] std::map<std::string, std::string> variables(std::string_view key) const;

  // One word of a list: table.choice("identity", Identity::Token, {{"token", Identity::Token},
  // ...}), or with an array of Choice that is used in more than one place.
  template <typename T>
  using Choice = std::pair<std::string_view, T>;
  template <typename T>
  using Choices = std::span<const Choice<std::type_identity_t<T>>>;
  template <typename T>
  using ListedChoices = std::initializer_list<Choice<std::type_identity_t<T>>>;

  template <typename T>
  [[nodiscard]] T choice(std::string_view key, T fallback, Choices<T> choices) const {
    const size_t index = choice_index(key, words_of<T>(choices));
    return index < choices.size() ? choices[index].second : fallback;
  }
  template <typename T>
  [[nodiscard]] T choice(std::string_view key, T fallback, ListedChoices<T> choices) const {
    return choice(key, fallback, Choices<T>(choices.begin(), choices.size()));
  }
  // A list of such words, each at most once.
  template <typename T>
  [[nodiscard]] std::vector<T> choice_list(std::string_view key, std::vector<T> fallback,
                                           Choices<T> choices) const {
    std::vector<size_t> indices;
    if (!choice_indices(key, words_of<T>(choices), indices)) return fallback;
    std::vector<T> chosen;
    for (const size_t index : indices) chosen.push_back(choices[index].second);
    return chosen;
  }
  template <typename T>
  [[nodiscard]] std::vector<T> choice_list(std::string_view key, std::vector<T> fallback,
                                           ListedChoices<T> choices) const {
    return choice_list(key, std::move(fallback), Choices<T>(choices.begin(), choices.size()));
  }

  // The table under `key`; an empty one when absent.
  [[nodiscard]] ConfigTable table(std::string_view key) const;
  // [[key]], in the order of the files; none when absent.
  [[nodiscard]] std::vector<ConfigTable> tables(std::string_view key) const;
  // [key.NAME] for names that the administrator chooses, sorted by name.
  [[nodiscard]] std::vector<std::pair<std::string, ConfigTable>> named_tables(
      std::string_view key) const;

  [[nodiscard]] bool has(std::string_view key) const;
  // An error at this table when `key` is absent: "network[2].prefixes: missing; " + what_is_right.
  // True when it is there. Does not count as reading it.
  bool require(std::string_view key,
               std::string_view what_is_right) const;  // NOLINT(modernize-use-nodiscard)

  // For checks that span keys: notes "file:line:column: path.key: message" at the key's value, or
  // at the table when the key is absent or "" is given. `message` says what is wrong; what would be
  // right.
  void error_at(std::string_view key, std::string_view message) const;
  // Of the table itself, or of a key's value (of the table, when absent).
  [[nodiscard]] SourceLocation where() const;
  [[nodiscard]] SourceLocation where(std::string_view key) const;
  // As messages show it: "tftp", "limit[3]" (counted from 1); empty for the root.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  friend class ConfigReader;
  friend struct ConfigState;
  ConfigTable(ConfigState* state, const ConfigNode* node, std::string path, std::string pattern)
      : state_(state), node_(node), path_(std::move(path)), pattern_(std::move(pattern)) {}

  template <typename T>
  static std::vector<std::string_view> words_of(Choices<T> choices) {
    std::vector<std::string_view> words;
    for (const auto& choice : choices) words.push_back(choice.first);
    return words;
  }
  [[nodiscard]] size_t choice_index(std::string_view key,
                                    const std::vector<std::string_view>& words) const;
  [[nodiscard]] bool choice_indices(std::string_view key,
                                    const std::vector<std::string_view>& words,
                                    std::vector<size_t>& indices) const;
  // The value under `key`, now known and read.
  [[nodiscard]] ConfigItem item(std::string_view key) const;
  [[nodiscard]] const ConfigNode* take_table(std::string_view key) const;

  ConfigState* state_;
  const ConfigNode* node_;  // nullptr: absent
  std::string path_;
  std::string pattern_;  // path_ with "[]" for every index and "*" for every chosen name
};

// Typed, ranged, line-numbered access to one TOML file and what it includes. Collects every error
// instead of stopping at the first. Used by one thread.
//
//   ConfigReader reader = ConfigReader::load("/etc/stormdoor/stormdoor.toml");
//   const auto config = read_acl_config(reader.root());   // and the other rooms'
//   TRY(reader.finish());                                  // all errors, or none
//
// `include = ["other.toml", "conf.d/*.toml"]` at the top of a file, relative to it: tables are
// merged, arrays of tables go one after another in the order of inclusion (the including file
// first), and a value that two files set is an error that names both. A pattern may match nothing;
// a plain name must exist.
//
// Bounds, each an error: 1 MiB per file, 4 MiB and 256 files in all, inclusion 8 deep, values 256
// deep. At most 200 errors are kept; the rest are counted.
class ConfigReader {
 public:
  static ConfigReader load(const std::string& file);
  // One text, for tests and fuzzing; `name` stands for the file's. Includes are refused.
  static ConfigReader parse(std::string_view text, std::string_view name = "test.toml");
  // An empty configuration in which every tables() and named_tables() has one empty element and
  // nothing is missing: reading it leaves in known_keys() every key that the code asks for.
  static ConfigReader survey();

  ConfigReader(ConfigReader&&) noexcept;
  ConfigReader& operator=(ConfigReader&&) noexcept;
  ~ConfigReader();

  [[nodiscard]] ConfigTable root() const;
  // Shorthands for root().
  [[nodiscard]] ConfigTable table(std::string_view key) const { return root().table(key); }
  [[nodiscard]] std::vector<ConfigTable> tables(std::string_view key) const {
    return root().tables(key);
  }

  // Notes an error at a place that was remembered: "file:line:column: key: message".
  void error_at(const SourceLocation& where, std::string_view key, std::string_view message);
  // Whether anything is wrong so far (unread keys are not looked for yet).
  [[nodiscard]] bool good() const;

  // Call when everything has been read: notes each key that nobody read (with a guess at what was
  // meant). The error's message holds one line per error, sorted by file and line.
  Result<void> finish();
  // Those lines; complete after finish().
  [[nodiscard]] std::vector<std::string> errors() const;

  // Every key that was asked for, sorted: "tftp.max_block", "limit[].failures", "vendor.*.path".
  [[nodiscard]] std::vector<std::string> known_keys() const;
  // Every key that the files hold, in the same notation (chosen names as they are), tables left
  // out.
  [[nodiscard]] std::vector<std::string> keys_in_files() const;
  // The files that were read, the including one first; to watch for changes.
  [[nodiscard]] const std::vector<std::string>& files() const;

 private:
  explicit ConfigReader(std::unique_ptr<ConfigState> state);
  std::unique_ptr<ConfigState> state_;
};

}  // namespace stormdoor
