#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

// Owners for OpenSSL's objects and its errors as ours. Only for the .cpp files of tls_* and
// certificate_*.
namespace stormdoor::http {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

struct FreeChain {
  void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
};
using ChainPtr = std::unique_ptr<STACK_OF(X509), FreeChain>;

inline BioPtr read_only_bio(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// "what: the oldest of OpenSSL's reasons". Empties OpenSSL's error queue.
[[nodiscard]] inline Error tls_error(std::string_view what) {
  const unsigned long code = ERR_get_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return Error(ErrorCode::InvalidArgument,
               std::string(what) + ": " + (reason != nullptr ? reason : "refused by OpenSSL"));
}

// The first certificate of a PEM text, and its private key (never asks for a passphrase).
Result<CertificatePtr> parse_certificate(std::string_view pem, std::string_view name);
Result<KeyPtr> parse_private_key(std::string_view pem, std::string_view name);

}  // namespace stormdoor::http
