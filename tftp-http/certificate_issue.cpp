#include "tftp-http/certificate_issue.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "base/ip_address.hpp"
#include "tftp-http/tls_pointers.hpp"

namespace stormdoor::http {
namespace {

constexpr std::chrono::days kAuthorityLife{20 * 365};
constexpr std::chrono::days kServerLife{820};
constexpr std::chrono::days kBackdated{1};

struct Extension {
  int nid;
  std::string value;
};

// What a new certificate says, and who signs it (without issuer: itself).
struct Order {
  EVP_PKEY* key;
  std::string common_name;
  std::chrono::days life;
  std::vector<Extension> extensions;
  X509* issuer = nullptr;
  EVP_PKEY* issuer_key = nullptr;
};

bool set_times(X509* certificate, std::chrono::days life, Now now) {
  const auto to_time = [](WallTime time) {
    return static_cast<time_t>(std::chrono::floor<seconds>(time).time_since_epoch().count());
  };
  return ASN1_TIME_set(X509_getm_notBefore(certificate), to_time(now.wall - kBackdated)) &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), to_time(now.wall - kBackdated + life));
}

bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] &= 0x7f;  // positive
  BIGNUM* number = BN_bin2bn(bytes.data(), bytes.size(), nullptr);
  const bool good =
      number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
  return good;
}

bool set_subject(X509* certificate, const std::string& common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto add = [&](const char* attribute, const std::string& value) {
    return X509_NAME_add_entry_by_txt(name, attribute, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1;
  };
  return add("O", "stormdoor") && add("CN", common_name);
}

bool add_extensions(X509* certificate, X509* issuer, const std::vector<Extension>& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : extensions) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    const bool good = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    if (!good) return false;
  }
  return true;
}

Result<CertificatePtr> sign(const Order& order, Now now) {
  CertificatePtr certificate(X509_new());
  X509* raw = certificate.get();
  X509* issuer = order.issuer != nullptr ? order.issuer : raw;
  EVP_PKEY* issuer_key = order.issuer_key != nullptr ? order.issuer_key : order.key;
  const bool good =
      raw != nullptr && X509_set_version(raw, X509_VERSION_3) == 1 && set_serial(raw) &&
      set_times(raw, order.life, now) && set_subject(raw, order.common_name) &&
      X509_set_issuer_name(raw, X509_get_subject_name(issuer)) == 1 &&
      X509_set_pubkey(raw, order.key) == 1 && add_extensions(raw, issuer, order.extensions) &&
      X509_sign(raw, issuer_key, EVP_sha256()) > 0;
  if (!good) return tls_error("make a certificate");
  return certificate;
}

std::string bio_text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

Result<IssuedCertificate> to_pem(const X509* certificate, const EVP_PKEY* key) {
  const BioPtr certificate_bio(BIO_new(BIO_s_mem()));
  const BioPtr key_bio(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_X509(certificate_bio.get(), certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return tls_error("write a certificate");
  return IssuedCertificate{bio_text(certificate_bio.get()), Secret(bio_text(key_bio.get()))};
}

// "DNS:pbx.example.com,IP:10.0.0.1". Names come from the configuration; a comma would start another
// entry.
Result<std::string> alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (name.empty() || name.find_first_of(",:\\ \t\r\n") != std::string::npos) {
      if (!IpAddress::parse(name))
        return Error(ErrorCode::InvalidArgument,
                     fmt::format("\"{}\" is neither a host name nor an address", name));
    }
    const bool address = IpAddress::parse(name).has_value();
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", address ? "IP" : "DNS", name);
  }
  if (text.empty())
    return Error(ErrorCode::InvalidArgument,
                 "a server certificate needs at least one name or address that phones use");
  return text;
}

Result<IssuedCertificate> issue(const IssuedCertificate& authority, KeyPtr key,
                                std::string common_name, std::vector<Extension> extensions,
                                Now now) {
  if (!key) return tls_error("make a key");
  const CertificatePtr issuer = TRY(parse_certificate(authority.certificate_pem, "authority"));
  const KeyPtr issuer_key = TRY(parse_private_key(authority.key_pem.reveal(), "authority"));
  if (X509_check_private_key(issuer.get(), issuer_key.get()) != 1)
    return tls_error("authority: the key does not belong to the certificate");
  extensions.insert(extensions.begin(), {{NID_basic_constraints, "critical,CA:FALSE"},
                                         {NID_subject_key_identifier, "hash"},
                                         {NID_authority_key_identifier, "keyid:always"}});
  const CertificatePtr certificate =
      TRY(sign({key.get(), std::move(common_name), kServerLife, std::move(extensions), issuer.get(),
                issuer_key.get()},
               now));
  return to_pem(certificate.get(), key.get());
}

}  // namespace

Result<IssuedCertificate> issue_authority(const Secret& key_pem, Now now) {
  KeyPtr key = key_pem.empty() ? KeyPtr(EVP_RSA_gen(3072))
                               : TRY(parse_private_key(key_pem.reveal(), "authority"));
  if (!key) return tls_error("make a key");
  // The year keeps two authorities of one site apart in a phone's list.
  const std::string name =
      fmt::format("stormdoor private authority {}", format_time(now.wall).substr(0, 10));
  const CertificatePtr certificate =
      TRY(sign({key.get(),
                name,
                kAuthorityLife,
                {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                 {NID_key_usage, "critical,keyCertSign,cRLSign"},
                 {NID_subject_key_identifier, "hash"}}},
               now));
  return to_pem(certificate.get(), key.get());
}

Result<IssuedCertificate> issue_server(const IssuedCertificate& authority, ServerKey kind,
                                       const std::vector<std::string>& names, Now now) {
  const std::string alternatives = TRY(alternative_names(names));
  const bool rsa = kind == ServerKey::Rsa;
  KeyPtr key(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  // A common name holds at most 64 characters; who cares looks at the alternative names.
  constexpr size_t kMostCommonName = 64;
  const std::string usage =
      rsa ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature";
  return issue(authority, std::move(key), names.front().substr(0, kMostCommonName),
               {{NID_key_usage, usage},
                {NID_ext_key_usage, "serverAuth"},
                {NID_subject_alt_name, alternatives}},
               now);
}

Result<IssuedCertificate> issue_client(const IssuedCertificate& authority,
                                       const std::string& common_name, Now now) {
  return issue(authority, KeyPtr(EVP_EC_gen("P-256")), common_name,
               {{NID_key_usage, "critical,digitalSignature"}, {NID_ext_key_usage, "clientAuth"}},
               now);
}

}  // namespace stormdoor::http
