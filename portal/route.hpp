#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "portal/role.hpp"

namespace stormdoor::portal {

// One thing that a request says, and where.
enum class In : uint8_t { Path, Query, Body };
enum class Type : uint8_t {
  Text,
  Number,
  Flag,
  Texts,    // of a path or a query: a list of one
  Pairs,    // names with texts; an empty text removes
  Objects,  // the command checks what is in them
  Csv,      // the body as a whole
  Any,      // of answers: whatever the command tells
};
struct Parameter {
  std::string_view name;
  In in = In::Query;
  Type type = Type::Text;
  bool required = false;
  std::string_view about;
  std::string_view argument = {};  // what the command calls it; empty: the same
};

// One field of an answer, of each of its rows if there are many.
struct Column {
  std::string_view name;
  Type type = Type::Text;
  bool always = true;  // false: may be left out or null
};

enum class Kind : uint8_t {
  List,     // rows, searched and cut into pages here
  Page,     // {"items", "total", "next"} as the command gives them
  Rows,     // rows, as the command gives them
  Picked,   // the one row of a list whose key is the path's
  Object,   // as the command gives it
  Lines,    // texts
  Change,   // a sentence, and perhaps data
  File,     // the file that the command hands over
  Special,  // answered here, without a command
};

// One operation of the API: what is asked for, who may, which command of the shell it is. Both the
// dispatch and the OpenAPI document come from this.
struct Route {
  std::string_view method;
  std::string_view path;  // below /api/v1: "/phones/{mac}"
  std::string_view id;    // of the operation
  Kind kind = Kind::Special;
  std::string_view command = {};
  Role least = Role::Viewer;
  std::string_view about;
  std::vector<Parameter> parameters = {};
  std::vector<Column> columns = {};
  std::string_view key = {};                    // List, Picked: the column that tells rows apart
  std::vector<std::string_view> changing = {};  // columns that are no part of the ETag
  std::vector<std::string_view> flags = {};     // arguments that are always true
  bool open = false;                            // without having signed in
  bool has_secrets = false;                     // the answer is shown once and never kept
  bool unattended = false;  // pages ask for it by themselves: no sign of life of the session
  bool own = false;         // anybody may, about himself
};

[[nodiscard]] std::span<const Route> routes();

// The values of a path's {names}, in their order.
using PathValues = std::vector<std::pair<std::string_view, std::string>>;
// Whether a decoded path below /api/v1 is of that pattern.
[[nodiscard]] std::optional<PathValues> match_path(std::string_view pattern, std::string_view path);

struct Matched {
  const Route* route = nullptr;  // nullptr: none
  PathValues values;
  std::string allowed;  // the methods of that path; empty: no such path
};
// HEAD is GET.
[[nodiscard]] Matched find_route(std::string_view method, std::string_view path);

}  // namespace stormdoor::portal
