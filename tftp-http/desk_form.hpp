#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

// What somebody typed at a desk, as strangers can send it: a query, as phones append it, or the
// body of a form, as browsers of people send it. Pure.
namespace stormdoor::http {

// Longer than any extension or PIN.
inline constexpr size_t kMostTyped = 32;
inline constexpr size_t kMostDeskFields = 8;

// By name. The first of each name counts. A value that is broken, or longer than kMostTyped bytes
// once decoded, and a name longer than that, are as if they had not been sent; so is what comes
// after kMostDeskFields.
using DeskFields = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] DeskFields read_desk_fields(std::string_view encoded);

// Without the blanks around it; empty when it is not there.
[[nodiscard]] std::string_view value_of(const DeskFields& fields, std::string_view name);

// Digits, and at least one.
[[nodiscard]] bool is_number(std::string_view text);

}  // namespace stormdoor::http
