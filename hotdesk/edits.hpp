#pragma once

#include <optional>
#include <string>

#include "hotdesk/directory.hpp"

// Small steps that the use cases of hotdesk/directory.hpp share.
namespace stormdoor::hotdesk {

template <typename T>
void apply(const std::optional<T>& edit, T& value) {
  if (edit) value = *edit;
}

inline void apply(const MapEdit& edit, store::Variables& entries) {
  for (const auto& [key, value] : edit) {
    if (value)
      entries.insert_or_assign(key, *value);
    else
      entries.erase(key);
  }
}

// One problem about `field`.
[[nodiscard]] inline Problems refused(std::string_view field, ErrorCode code, std::string message) {
  Problems problems;
  problems.add(field, code, std::move(message));
  return problems;
}

Problems unknown_location(std::string_view name);
Problems unknown_user(std::string_view extension);
Problems unknown_phone(const MacAddress& mac);

// "3 phones: a, b, c", "5 phones: a, b, c and 2 more", "1 phone: a".
[[nodiscard]] std::string counted_phones(const std::vector<std::string>& first, size_t count);

}  // namespace stormdoor::hotdesk
