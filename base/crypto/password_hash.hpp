#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"

// Passwords of people, kept so that whoever has the database still has to guess each of them
// slowly: scrypt (RFC 7914) with N = 2^15, r = 8, p = 1 and 16 bytes of salt, which takes 32 MiB
// and about a tenth of a second. Never on a loop. Any thread.
namespace stormdoor::crypto {

inline constexpr size_t kMostPasswordBytes = 1024;

// "scrypt$15$8$1$SALT$HASH", the last two in base64.
[[nodiscard]] std::string hash_password(const Secret& password);
// Whether it was made of this password; false for a text that is no such hash, and for parameters
// that would take more than 256 MiB.
[[nodiscard]] bool password_matches(std::string_view hash, const Secret& password);
// A hash that no password matches, and that takes as long to find out: so that the time of an
// answer does not tell which names exist.
[[nodiscard]] const std::string& hash_of_nobody();

}  // namespace stormdoor::crypto
