#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "base/secret.hpp"

namespace stormdoor::edge {

// Typed access to the arguments of one control request. Reading goes on after a mistake; finish()
// names the first one, or an argument that nobody asked for.
class Arguments {
 public:
  explicit Arguments(const nlohmann::json& object) : object_(object) {}

  std::string text(const char* key);  // must be there
  std::optional<std::string> maybe_text(const char* key);
  std::optional<Secret> maybe_secret(const char* key);  // never shown in an error
  std::vector<std::string> texts(const char* key);
  std::optional<std::vector<std::string>> maybe_texts(const char* key);
  std::optional<int64_t> maybe_number(const char* key, int64_t least, int64_t most);
  bool flag(const char* key);
  // A list of objects, to be read one by one with Arguments of their own.
  std::vector<nlohmann::json> objects(const char* key);
  // Name to value; an empty value means "remove".
  std::map<std::string, std::optional<std::string>> edits(const char* key);

  MacAddress mac(const char* key);  // must be there
  std::optional<std::vector<IpPrefix>> maybe_prefixes(const char* key);
  IpPrefix prefix(const char* key);  // must be there

  // Notes that an argument is wrong, for checks beyond its form.
  void wrong(const char* key, const std::string& what);
  Result<void> finish();

 private:
  const nlohmann::json* find(const char* key, bool required);

  const nlohmann::json& object_;
  std::set<std::string, std::less<>> asked_;
  std::optional<Error> error_;
};

}  // namespace stormdoor::edge
