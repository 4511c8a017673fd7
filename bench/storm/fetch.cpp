#include "bench/storm/fetch.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/crypto/crypto.hpp"
#include "base/error.hpp"

namespace stormdoor::storm {

std::string_view to_string(Transport transport) {
  switch (transport) {
    case Transport::Tftp:
      return "TFTP";
    case Transport::Http:
      return "HTTP";
    case Transport::Https:
      return "HTTPS";
  }
  return "?";
}

struct Body::Hash {
  EVP_MD_CTX* context = EVP_MD_CTX_new();

  Hash() {
    STORMDOOR_CHECK(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1,
                    "SHA-256 is always there");
  }
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;
  ~Hash() { EVP_MD_CTX_free(context); }
};

Body::Body(bool hashed) : hash_(hashed ? std::make_unique<Hash>() : nullptr) {}
Body::~Body() = default;
Body::Body(Body&&) noexcept = default;
Body& Body::operator=(Body&&) noexcept = default;

void Body::add(std::span<const std::byte> bytes) {
  bytes_ += bytes.size();
  const size_t keep = std::min(bytes.size(), kMostKept - text_.size());
  text_.append(reinterpret_cast<const char*>(bytes.data()), keep);
  if (hash_) EVP_DigestUpdate(hash_->context, bytes.data(), bytes.size());
}

std::string Body::sha256() const {
  if (!hash_) return {};
  // A copy, so that more may still be added.
  const Hash copy;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_MD_CTX_copy_ex(copy.context, hash_->context);
  EVP_DigestFinal_ex(copy.context, digest.data(), &length);
  return crypto::hex_encode({reinterpret_cast<const char*>(digest.data()), length});
}

}  // namespace stormdoor::storm
