#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/pem.h>

#include <ctime>

#include "base/ip_address.hpp"
#include "tftp-http/tls_context.hpp"
#include "tftp-http/tls_pointers.hpp"

namespace stormdoor::http {
namespace {

// OpenSSL would ask on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) noexcept {
  return -1;
}

WallTime to_wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return WallTime(seconds(timegm(&parts)));
}

std::string subject_of(const X509* certificate) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  if (!text) return {};
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<size_t>(size)};
}

std::string name_text(const GENERAL_NAME* name) {
  if (name->type == GEN_DNS)
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
            static_cast<size_t>(ASN1_STRING_length(name->d.dNSName))};
  if (name->type != GEN_IPADD) return {};
  char text[INET6_ADDRSTRLEN] = {};
  const bool v4 = ASN1_STRING_length(name->d.iPAddress) == 4;
  inet_ntop(v4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress), text, sizeof text);
  return text;
}

std::vector<std::string> alternative_names(const X509* certificate) {
  std::vector<std::string> names;
  const NamesPtr all(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    std::string name = name_text(sk_GENERAL_NAME_value(all.get(), i));
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

std::string key_kind(const X509* certificate) {
  switch (EVP_PKEY_get_base_id(X509_get0_pubkey(certificate))) {
    case EVP_PKEY_EC:
      return "ECDSA";
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      return "RSA";
    case EVP_PKEY_ED25519:
      return "Ed25519";
    default:
      return "other";
  }
}

}  // namespace

Result<CertificatePtr> parse_certificate(std::string_view pem, std::string_view name) {
  const BioPtr bio = read_only_bio(pem);
  CertificatePtr certificate(PEM_read_bio_X509_AUX(bio.get(), nullptr, no_passphrase, nullptr));
  if (!certificate) return tls_error(fmt::format("{}: no certificate in PEM form", name));
  return certificate;
}

Result<KeyPtr> parse_private_key(std::string_view pem, std::string_view name) {
  const BioPtr bio = read_only_bio(pem);
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key)
    return tls_error(fmt::format("{}: no private key without passphrase in PEM form", name));
  return key;
}

Result<CertificateFacts> read_certificate(std::string_view certificate_pem, std::string_view name) {
  const CertificatePtr certificate = TRY(parse_certificate(certificate_pem, name));
  CertificateFacts facts;
  facts.subject = subject_of(certificate.get());
  facts.names = alternative_names(certificate.get());
  facts.key_kind = key_kind(certificate.get());
  facts.not_before = to_wall_time(X509_get0_notBefore(certificate.get()));
  facts.not_after = to_wall_time(X509_get0_notAfter(certificate.get()));
  return facts;
}

}  // namespace stormdoor::http
