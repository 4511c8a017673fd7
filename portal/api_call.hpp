#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "portal/route.hpp"

namespace stormdoor::portal {

inline constexpr size_t kMostListed = 1'000;  // rows on one page
inline constexpr size_t kUsuallyListed = 100;

// What of a list is wanted.
struct ListWish {
  std::string search;  // in any field; empty: everything
  std::string after;   // a cursor of ours; empty: from the beginning
  size_t limit = kUsuallyListed;
};

// A request as its command takes it, or what is wrong with it: field by field.
struct ApiCall {
  nlohmann::json arguments = nlohmann::json::object();
  ListWish wish;
  std::vector<ErrorDetail> problems;
};

struct ApiInput {
  const PathValues& path;
  std::string_view query;         // as sent
  std::string_view content_type;  // of the body; empty: unsaid
  std::string_view body;
};

// Reads what a route's parameters allow and nothing else. Pure. Values are in no message: some of
// them are secrets.
[[nodiscard]] ApiCall read_call(const Route& route, const ApiInput& input);

// The command's word for a field as the request spelt it.
[[nodiscard]] std::string field_of(const Route& route, std::string_view argument);

// A query, decoded: names and values in their order; nothing for a broken escape.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>> read_query(
    std::string_view query);

}  // namespace stormdoor::portal
