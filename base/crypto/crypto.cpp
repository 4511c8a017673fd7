#include "base/crypto/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <climits>

namespace stormdoor::crypto {
namespace {

const unsigned char* as_uchar(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Fetched once: looking an algorithm up costs more than hashing a credential. "-fips" because MD5
// has to work for SIP and Digest where the machine prefers approved algorithms.
const EVP_MD* algorithm(Hash hash) {
  static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", "-fips");
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  const EVP_MD* found = hash == Hash::Md5 ? md5 : sha256;
  STORMDOOR_CHECK(found != nullptr, "OpenSSL's default provider has MD5 and SHA-256");
  return found;
}

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kBase64Url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// RFC 4648 sections 4 and 5, without the padding.
std::string encode_unpadded(std::string_view bytes, const char* alphabet) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) text += alphabet[bits >> (held - 6) & 0x3f];
  }
  if (held > 0) text += alphabet[bits << (6 - held) & 0x3f];
  return text;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

}  // namespace

std::string random_bytes(size_t count) {
  STORMDOOR_CHECK(count <= INT_MAX, "nobody needs two gigabytes of random bytes");
  std::string bytes(count, '\0');
  STORMDOOR_CHECK(
      RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1,
      "a token or key made without randomness would be worse than none");
  return bytes;
}

std::string random_token(size_t count) {
  while (true) {
    std::string token = encode_unpadded(random_bytes(count), kBase64Url);
    if (!token.starts_with('-')) return token;
  }
}

std::string base64_encode(std::string_view bytes) {
  std::string text = encode_unpadded(bytes, kBase64);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  size_t digits = text.size();
  while (digits > 0 && text.size() - digits < 2 && text[digits - 1] == '=') --digits;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t bits = 0;
  int held = 0;
  for (const char c : text.substr(0, digits)) {
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>(bits >> held & 0xff);
    }
  }
  // What is left over must be zero, or one value would have several spellings.
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return bytes;
}

std::string hex_encode(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 0x0f];
  }
  return text;
}

std::string hash_hex(Hash hash, std::string_view bytes) {
  std::array<char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  STORMDOOR_CHECK(
      EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                 &length, algorithm(hash), nullptr) == 1,
      "hashing memory cannot fail");
  return hex_encode({digest.data(), length});
}

Mac256 hmac_sha256(std::string_view key, std::string_view bytes) {
  STORMDOOR_CHECK(key.size() <= INT_MAX, "a key is not gigabytes long");
  Mac256 mac;
  unsigned length = 0;
  // An empty key needs a pointer all the same: OpenSSL takes a null one for "the key of last time".
  STORMDOOR_CHECK(
      HMAC(algorithm(Hash::Sha256), key.empty() ? "" : key.data(), static_cast<int>(key.size()),
           as_uchar(bytes), bytes.size(), mac.data(), &length) != nullptr,
      "HMAC over memory cannot fail");
  STORMDOOR_CHECK(length == mac.size(), "SHA-256 has 32 bytes");
  return mac;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

PinHasher::PinHasher(const Secret& key) : key_(key) {
  STORMDOOR_CHECK(key_.reveal().size() == 32, "MasterKeys gives keys of 32 bytes");
}

std::string PinHasher::hash(std::string_view extension, std::string_view pin) const {
  // The length in front keeps 20 + 411 apart from 204 + 11.
  std::string text = std::to_string(extension.size()) + ":";
  text += extension;
  text += pin;
  const Secret hashed(std::move(text));
  const Mac256 mac = hmac_sha256(key_.reveal(), hashed.reveal());
  return hex_encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

bool PinHasher::matches(std::string_view hash, std::string_view extension,
                        std::string_view pin) const {
  return equal_in_constant_time(hash, this->hash(extension, pin));
}

}  // namespace stormdoor::crypto
