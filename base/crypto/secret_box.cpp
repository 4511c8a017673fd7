#include <openssl/evp.h>

#include <climits>
#include <memory>

#include "base/crypto/crypto.hpp"

namespace stormdoor::crypto {
namespace {

// What seal() makes: version, nonce, ciphertext (as long as the secret), tag. NIST SP 800-38D.
constexpr char kVersion = 1;
constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kOverhead = 1 + kNonceBytes + kTagBytes;
// Far above any secret; keeps every length within OpenSSL's int.
constexpr size_t kMostBytes = size_t{1} << 20;

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* out(std::string& bytes, size_t at = 0) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + at;
}

Context new_context() {
  Context context(EVP_CIPHER_CTX_new());
  STORMDOOR_CHECK(context != nullptr, "out of memory");
  return context;
}

}  // namespace

SecretBox::SecretBox(const Secret& key) : key_(key) {
  STORMDOOR_CHECK(key_.reveal().size() == kKeyBytes, "MasterKeys gives keys of 32 bytes");
}

std::string SecretBox::seal(const Secret& secret, std::string_view context) const {
  const std::string_view plain = secret.reveal();
  STORMDOOR_CHECK(plain.size() <= kMostBytes && context.size() <= kMostBytes,
                  "secrets and row names are short; the rooms see to it");
  std::string sealed(1, kVersion);
  sealed += random_bytes(kNonceBytes);
  sealed.resize(kOverhead + plain.size());
  const size_t body = 1 + kNonceBytes;
  const auto cipher = new_context();
  int written = 0;
  int rest = 0;
  const bool done =
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, in(key_.reveal()),
                         out(sealed, 1)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &written, in(context), int(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), out(sealed, body), &written, in(plain), int(plain.size())) ==
          1 &&
      EVP_EncryptFinal_ex(cipher.get(), out(sealed, body + plain.size()), &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          out(sealed, body + plain.size())) == 1;
  STORMDOOR_CHECK(done, "sealing memory cannot fail, and storing it unsealed is no choice");
  return sealed;
}

Result<Secret> SecretBox::open(std::string_view sealed, std::string_view context) const {
  const auto refuse = [] {
    return Error(ErrorCode::Corrupt,
                 "a sealed value does not open: it was changed, belongs to another row, or was "
                 "sealed with another key file");
  };
  if (sealed.size() < kOverhead || sealed.size() > kOverhead + kMostBytes ||
      context.size() > kMostBytes)
    return refuse();
  if (sealed.front() != kVersion) return refuse();
  const auto nonce = sealed.substr(1, kNonceBytes);
  const auto body = sealed.substr(1 + kNonceBytes, sealed.size() - kOverhead);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plain(body.size(), '\0');
  const auto cipher = new_context();
  int written = 0;
  int rest = 0;
  unsigned char nothing[kTagBytes];  // where the final step of an empty secret would write
  const bool done =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, in(key_.reveal()), in(nonce)) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &written, in(context), int(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out(plain), &written, in(body), int(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), nothing, &rest) == 1;
  Secret secret(std::move(plain));  // first, so that what did not verify is wiped as well
  if (!done) return refuse();
  return secret;
}

}  // namespace stormdoor::crypto
