#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.hpp"
#include "base/store/records.hpp"

// The form of single fields, whatever else is registered. Each refusal is a sentence that says what
// is wrong and what would be right; it repeats what was given (made printable), but never a secret.
namespace stormdoor::hotdesk {

inline constexpr size_t kMostAdditionalPhones = 5;  // slots 1 to 5; slot 0 is the main phone
inline constexpr size_t kMostExtensionDigits = 15;
inline constexpr size_t kMostNameCharacters = 64;  // names, labels and address fields
inline constexpr size_t kMostModelCharacters = 32;
inline constexpr size_t kMostNetworks = 64;  // per location
inline constexpr size_t kMostVariables = 64;
inline constexpr size_t kMostVariableBytes = 1024;  // one value
inline constexpr size_t kMostVariablesBytes =
    size_t{16} * 1024;  // all keys and values of one record
inline constexpr size_t kLeastPinDigits = 4, kMostPinDigits = 12;
inline constexpr size_t kLeastSecretCharacters = 6, kMostSecretCharacters = 128;

// Digits, 1 to 15. No * and #: phones and PBXs take them for feature codes and the end of dialling.
Result<void> check_extension(std::string_view extension);
// What the shell and files call a location: [a-z0-9-], 1 to 32, beginning with a letter or digit.
Result<void> check_location_name(std::string_view name);
// Text that people read: `least` (0 or 1) to `most` characters of UTF-8 without control characters.
Result<void> check_text(std::string_view what, std::string_view text, size_t least, size_t most);
// E.164: + and 7 to 15 digits of which the first is not 0.
Result<void> check_emergency_number(std::string_view number);
// Two capital letters (ISO 3166), or empty.
Result<void> check_country(std::string_view country);
// A SIP user name: letters, digits, and . _ - inside; 1 to 32.
Result<void> check_device_account(std::string_view account);
// A SIP password: 6 to 128 printable ASCII characters without spaces, not the account itself.
Result<void> check_sip_secret(std::string_view account, std::string_view secret);
// 4 to 12 digits that are not the first thing anybody would try: all the same, a run up or down,
// the extension. Refused and not merely warned about: guesses at a desk are slowed down but never
// blocked (promise 5), so an obvious PIN is an open extension.
Result<void> check_pin(std::string_view extension, std::string_view pin);
// Keys [a-z][a-z0-9_]* up to 32 characters; values UTF-8 without control characters; bounds above.
Result<void> check_variables(const store::Variables& variables);
// Whether a variable's name says that its value is to be kept from whoever may only look.
[[nodiscard]] bool sounds_secret(std::string_view variable);
// Keys [a-z][a-z0-9-]*; values relative paths of [A-Za-z0-9._/-] that stay in their folder.
Result<void> check_templates(const store::Variables& templates);

}  // namespace stormdoor::hotdesk
