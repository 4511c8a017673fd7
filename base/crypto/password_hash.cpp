#include "base/crypto/password_hash.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <charconv>
#include <cstdint>
#include <optional>

#include "base/crypto/crypto.hpp"
#include "base/text.hpp"

namespace stormdoor::crypto {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kHashBytes = 32;
constexpr uint64_t kMostMemory = uint64_t{256} * 1024 * 1024;

struct Cost {
  uint64_t log_n = 15;
  uint64_t r = 8;
  uint64_t p = 1;
};

std::optional<std::string> scrypt(const Secret& password, std::string_view salt, const Cost& cost) {
  std::string hash(kHashBytes, '\0');
  const std::string_view text = password.reveal();
  const int done =
      EVP_PBE_scrypt(text.data(), text.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                     salt.size(), uint64_t{1} << cost.log_n, cost.r, cost.p, kMostMemory,
                     reinterpret_cast<unsigned char*>(hash.data()), hash.size());
  if (done != 1) return {};
  return hash;
}

std::optional<uint64_t> number(std::string_view text, uint64_t most) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > most)
    return {};
  return value;
}

std::string written(const Cost& cost, std::string_view salt, std::string_view hash) {
  return fmt::format("scrypt${}${}${}${}${}", cost.log_n, cost.r, cost.p, base64_encode(salt),
                     base64_encode(hash));
}

}  // namespace

std::string hash_password(const Secret& password) {
  const Cost cost;
  const std::string salt = random_bytes(kSaltBytes);
  const auto hash = scrypt(password, salt, cost);
  STORMDOOR_CHECK(hash, "our own parameters are within the bound");
  return written(cost, salt, *hash);
}

bool password_matches(std::string_view hash, const Secret& password) {
  const auto parts = split(hash, '$');
  if (parts.size() != 6 || parts[0] != "scrypt") return false;
  const auto log_n = number(parts[1], 20);
  const auto r = number(parts[2], 64);
  const auto p = number(parts[3], 16);
  const auto salt = base64_decode(parts[4]);
  const auto expected = base64_decode(parts[5]);
  if (!log_n || !r || !p || !salt || !expected) return false;
  const auto made = scrypt(password, *salt, {*log_n, *r, *p});
  return made && equal_in_constant_time(*made, *expected);
}

const std::string& hash_of_nobody() {
  static const std::string kHash =
      written(Cost(), random_bytes(kSaltBytes), random_bytes(kHashBytes));
  return kHash;
}

}  // namespace stormdoor::crypto
