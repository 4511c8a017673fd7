#include "hotdesk/words.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;
using store::PhoneRole;

// "a b" of what is given.
std::string joined(std::string_view a, std::string_view separator, std::string_view b) {
  if (a.empty() || b.empty()) return std::string(a.empty() ? b : a);
  return fmt::format("{}{}{}", a, separator, b);
}

std::string prefixed(std::string_view word, std::string_view value) {
  return value.empty() ? std::string() : fmt::format("{} {}", word, value);
}

}  // namespace

std::string_view to_string(PhoneRole role) {
  switch (role) {
    case PhoneRole::Unassigned:
      return "unassigned";
    case PhoneRole::Desk:
      return "desk";
    case PhoneRole::HotDesk:
      return "hot-desk";
  }
  return "unassigned";
}

std::string_view to_string(MainPhoneType type) {
  switch (type) {
    case MainPhoneType::None:
      return "none";
    case MainPhoneType::DeskPhone:
      return "desk-phone";
    case MainPhoneType::HotDesking:
      return "hot-desking";
  }
  return "none";
}

Result<PhoneRole> parse_phone_role(std::string_view text) {
  const std::string word = ascii_lower(trim(text));
  if (word == "desk") return PhoneRole::Desk;
  if (word == "hot-desk") return PhoneRole::HotDesk;
  if (word == "unassigned") return PhoneRole::Unassigned;
  return Error(ErrorCode::InvalidArgument,
               fmt::format("\"{}\" is not a phone's role; expected desk, hot-desk or unassigned",
                           printable(text, 40)));
}

Result<MainPhoneType> parse_main_phone_type(std::string_view text) {
  const std::string word = ascii_lower(trim(text));
  if (word == "none") return MainPhoneType::None;
  if (word == "desk" || word == "desk-phone") return MainPhoneType::DeskPhone;
  if (word == "hot-desking") return MainPhoneType::HotDesking;
  return Error(
      ErrorCode::InvalidArgument,
      fmt::format("\"{}\" is not a main phone type; expected none, desk-phone or hot-desking",
                  printable(text, 40)));
}

std::string civic_address(const store::LocationRecord& location) {
  std::string line = joined(location.house_number, " ", location.street);
  line = joined(line, ", ", location.building);
  line = joined(line, ", ", prefixed("floor", location.floor));
  line = joined(line, ", ", prefixed("room", location.room));
  line = joined(line, ", ", location.city);
  line = joined(line, ", ", joined(location.state, " ", location.postal_code));
  return joined(line, ", ", location.country);
}

}  // namespace stormdoor::hotdesk
