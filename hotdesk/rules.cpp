#include "hotdesk/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace stormdoor::hotdesk {
namespace {

constexpr size_t kMostKeyCharacters = 32;
constexpr size_t kMostPathCharacters = 200;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
  return is_lower(c) || is_upper(c);
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, is_digit);
}

std::string shown(std::string_view text) {
  return printable(text, 40);
}

Error invalid(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

// C0, DEL and, in UTF-8, C1: what moves a terminal or breaks a line of a configuration file.
bool has_control_characters(std::string_view utf8) {
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xa0)
      return true;
  }
  return false;
}

size_t characters(std::string_view utf8) {
  return size_t(std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

// Whether each digit follows the one before by `step`, 9 and 0 being neighbours.
bool is_run(std::string_view digits, int step) {
  for (size_t i = 1; i < digits.size(); ++i)
    if ((digits[i - 1] - '0' + step + 10) % 10 != digits[i] - '0') return false;
  return true;
}

// [a-z][a-z0-9<inside>]*
bool is_key(std::string_view key, char inside) {
  return !key.empty() && key.size() <= kMostKeyCharacters && is_lower(key.front()) &&
         std::ranges::all_of(key,
                             [&](char c) { return is_lower(c) || is_digit(c) || c == inside; });
}

bool stays_in_its_folder(std::string_view path) {
  const auto parts = split(path, '/');
  return std::ranges::none_of(
      parts, [](std::string_view part) { return part.empty() || part.front() == '.'; });
}

Result<void> check_value(std::string_view key, std::string_view value) {
  if (value.size() > kMostVariableBytes)
    return invalid(fmt::format("the value of variable \"{}\" has {} bytes; at most {} are kept",
                               key, value.size(), kMostVariableBytes));
  if (!is_valid_utf8(value))
    return invalid(fmt::format("the value of variable \"{}\" is not valid UTF-8", key));
  if (has_control_characters(value))
    return invalid(fmt::format(
        "the value of variable \"{}\" contains control characters, which are not allowed", key));
  return {};
}

Result<void> check_count(std::string_view what, const store::Variables& entries) {
  if (entries.size() > kMostVariables)
    return invalid(fmt::format("{} {}; at most {} are kept for one location or phone",
                               entries.size(), what, kMostVariables));
  return {};
}

}  // namespace

Result<void> check_extension(std::string_view extension) {
  if (!extension.empty() && extension.size() <= kMostExtensionDigits && all_digits(extension))
    return {};
  return invalid(fmt::format("\"{}\" is not an extension; expected 1 to {} digits, such as 2041",
                             shown(extension), kMostExtensionDigits));
}

Result<void> check_location_name(std::string_view name) {
  const bool right =
      !name.empty() && name.size() <= kMostKeyCharacters && name.front() != '-' &&
      std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
  if (right) return {};
  return invalid(fmt::format(
      "\"{}\" is not a location's name; expected 1 to {} lower-case letters, digits and "
      "hyphens, such as head-office-2",
      shown(name), kMostKeyCharacters));
}

Result<void> check_text(std::string_view what, std::string_view text, size_t least, size_t most) {
  if (!is_valid_utf8(text)) return invalid(fmt::format("the {} is not valid UTF-8", what));
  if (has_control_characters(text))
    return invalid(fmt::format("the {} contains control characters, which are not allowed", what));
  if (least > 0 && trim(text).empty()) return invalid(fmt::format("the {} is missing", what));
  if (characters(text) > most)
    return invalid(fmt::format("the {} has {} characters; at most {} are allowed", what,
                               characters(text), most));
  return {};
}

Result<void> check_emergency_number(std::string_view number) {
  if (number.size() >= 8 && number.size() <= 16 && number[0] == '+' && number[1] != '0' &&
      all_digits(number.substr(1)))
    return {};
  return invalid(fmt::format(
      "\"{}\" is not an E.164 number; expected + and 7 to 15 digits, such as +12025550123 (the "
      "number that emergency services see and call back, not the one that people dial)",
      shown(number)));
}

Result<void> check_country(std::string_view country) {
  if (country.empty() || (country.size() == 2 && std::ranges::all_of(country, is_upper))) return {};
  return invalid(
      fmt::format("\"{}\" is not a country; expected two capital letters (ISO 3166), such as US",
                  shown(country)));
}

Result<void> check_device_account(std::string_view account) {
  const auto allowed = [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
  };
  if (!account.empty() && account.size() <= kMostKeyCharacters &&
      (is_letter(account.front()) || is_digit(account.front())) &&
      std::ranges::all_of(account, allowed))
    return {};
  return invalid(fmt::format(
      "\"{}\" is not a device account; expected 1 to {} letters, digits, dots, underscores and "
      "hyphens, beginning with a letter or digit, such as d000fd3054848",
      shown(account), kMostKeyCharacters));
}

Result<void> check_sip_secret(std::string_view account, std::string_view secret) {
  if (secret.size() < kLeastSecretCharacters || secret.size() > kMostSecretCharacters)
    return invalid(
        fmt::format("the SIP secret has {} characters; expected {} to {} (or none, and "
                    "one is made)",
                    secret.size(), kLeastSecretCharacters, kMostSecretCharacters));
  if (!std::ranges::all_of(secret, [](char c) { return c > ' ' && c < 0x7f; }))
    return invalid("the SIP secret may contain only printable ASCII characters without spaces");
  if (secret == account)
    return invalid("the SIP secret is the account itself, which attackers try first");
  return {};
}

Result<void> check_pin(std::string_view extension, std::string_view pin) {
  if (pin.size() < kLeastPinDigits || pin.size() > kMostPinDigits || !all_digits(pin))
    return invalid(
        fmt::format("a PIN has {} to {} digits and nothing else", kLeastPinDigits, kMostPinDigits));
  if (is_run(pin, 0)) return invalid("this PIN is one digit repeated, which is guessed first");
  if (is_run(pin, 1) || is_run(pin, -1))
    return invalid("this PIN counts up or down like 1234, which is guessed first");
  if (pin == extension) return invalid("this PIN is the extension itself, which is guessed first");
  return {};
}

Result<void> check_variables(const store::Variables& variables) {
  TRY(check_count("variables", variables));
  size_t bytes = 0;
  for (const auto& [key, value] : variables) {
    if (!is_key(key, '_'))
      return invalid(fmt::format(
          "\"{}\" is not a variable's name; expected a lower-case letter, then lower-case letters, "
          "digits and underscores, at most {} in all, such as time_zone",
          shown(key), kMostKeyCharacters));
    TRY(check_value(key, value));
    bytes += key.size() + value.size();
  }
  if (bytes > kMostVariablesBytes)
    return invalid(fmt::format("the variables have {} bytes together; at most {} are kept", bytes,
                               kMostVariablesBytes));
  return {};
}

bool sounds_secret(std::string_view variable) {
  return variable.ends_with("password") || variable.ends_with("secret");
}

Result<void> check_templates(const store::Variables& templates) {
  TRY(check_count("templates", templates));
  for (const auto& [kind, path] : templates) {
    if (!is_key(kind, '-'))
      return invalid(
          fmt::format("\"{}\" is not a template's kind; expected lower-case letters, digits and "
                      "hyphens, such as hot-desk-idle",
                      shown(kind)));
    const auto allowed = [](char c) {
      return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '/';
    };
    if (path.size() > kMostPathCharacters || !std::ranges::all_of(path, allowed) ||
        !stays_in_its_folder(path))
      return invalid(
          fmt::format("\"{}\" is not a template file for {}; expected a relative path of letters, "
                      "digits, dots, "
                      "underscores and hyphens that stays in the templates' folder",
                      shown(path), kind));
  }
  return {};
}

}  // namespace stormdoor::hotdesk
