#include "tftp-http/verified_chains.hpp"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "tftp-http/tls_pointers.hpp"

namespace stormdoor::http {
namespace {

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

bool add_digest(EVP_MD_CTX* whole, const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  return X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1 &&
         EVP_DigestUpdate(whole, digest.data(), size) == 1;
}

std::optional<WallTime> to_wall(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return WallTime(seconds(timegm(&parts)));
}

}  // namespace

// The keys are digests already: any eight of their bytes spread evenly.
size_t VerifiedChains::FingerprintHash::operator()(const Fingerprint& fingerprint) const noexcept {
  size_t hash = 0;
  std::memcpy(&hash, fingerprint.data(), sizeof hash);
  return hash;
}

bool VerifiedChains::verify(X509_STORE_CTX* store, WallTime now) noexcept {
  const auto fingerprint = fingerprint_of(store);
  const bool known = fingerprint && held_.with([&](Held& held) {
    const Validity* validity = held.chains.find(*fingerprint);
    const bool holds = validity != nullptr && validity->from <= now && now <= validity->until;
    if (holds) ++held.remembered;
    return holds;
  });
  if (known) {
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return true;
  }
  if (X509_verify_cert(store) != 1) return false;
  if (const auto validity = validity_of(store); fingerprint && validity)
    held_.with([&](Held& held) { held.chains[*fingerprint] = *validity; });
  return true;
}

uint64_t VerifiedChains::remembered() const {
  return held_.with([](const Held& held) { return held.remembered; });
}

// Everything the client sent, in its order: its own certificate, and what it gave with it.
std::optional<VerifiedChains::Fingerprint> VerifiedChains::fingerprint_of(X509_STORE_CTX* store) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> whole(EVP_MD_CTX_new());
  if (!whole || EVP_DigestInit_ex(whole.get(), EVP_sha256(), nullptr) != 1) return {};
  const X509* own = X509_STORE_CTX_get0_cert(store);
  if (own == nullptr || !add_digest(whole.get(), own)) return {};
  const STACK_OF(X509)* given = X509_STORE_CTX_get0_untrusted(store);
  for (int i = 0; i < sk_X509_num(given); ++i)
    if (!add_digest(whole.get(), sk_X509_value(given, i))) return {};
  Fingerprint fingerprint{};
  if (EVP_DigestFinal_ex(whole.get(), fingerprint.data(), nullptr) != 1) return {};
  return fingerprint;
}

// When all certificates of the chain that was built are valid.
std::optional<VerifiedChains::Validity> VerifiedChains::validity_of(X509_STORE_CTX* store) {
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(store);
  Validity validity{WallTime::min(), WallTime::max()};
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const X509* certificate = sk_X509_value(chain, i);
    const auto from = to_wall(X509_get0_notBefore(certificate));
    const auto until = to_wall(X509_get0_notAfter(certificate));
    if (!from || !until) return {};
    validity.from = std::max(validity.from, *from);
    validity.until = std::min(validity.until, *until);
  }
  return validity;
}

}  // namespace stormdoor::http
