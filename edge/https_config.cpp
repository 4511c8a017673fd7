#include "edge/https_config.hpp"

#include "tftp-http/certificate_mac.hpp"

namespace stormdoor::edge {
namespace {

using http::TlsResumption;
using http::TlsVersion;

void read_client_certificates(const ConfigTable& https, HttpsConfig& config) {
  config.client_authorities = https.path("client_authorities", config.client_authorities);
  config.client_subjects = https.strings("client_subjects");
  for (const auto& subject : config.client_subjects)
    if (const auto parsed = http::CertificateMacPattern::parse(subject); !parsed)
      https.error_at("client_subjects", parsed.error().message());
  if (config.client_authorities.empty() != config.client_subjects.empty())
    https.error_at(config.client_subjects.empty() ? "client_authorities" : "client_subjects",
                   "client_authorities and client_subjects go together; set both or none");
}

}  // namespace

HttpsConfig read_https_config(const ConfigTable& https) {
  HttpsConfig config;
  for (const auto& certificate : https.tables("certificate")) {
    certificate.require("chain", "expected a PEM file with the certificate and its chain");
    certificate.require("key", "expected a PEM file with the certificate's key");
    config.certificates.push_back({certificate.path("chain", ""), certificate.path("key", "")});
  }
  if (config.certificates.size() > 2)
    https.error_at("certificate", "at most two certificates, one ECDSA and one RSA, are served");
  config.names = https.strings("names");
  config.least = https.choice("least_version", config.least,
                              {{"1.2", TlsVersion::Tls12}, {"1.3", TlsVersion::Tls13}});
  config.legacy_least = https.choice(
      "legacy_least_version", config.legacy_least,
      {{"1.0", TlsVersion::Tls10}, {"1.1", TlsVersion::Tls11}, {"1.2", TlsVersion::Tls12}});
  config.resumption = https.choice(
      "session_resumption", config.resumption,
      {{"off", TlsResumption::Off}, {"tls1.2", TlsResumption::Tls12}, {"all", TlsResumption::All}});
  read_client_certificates(https, config);
  return config;
}

}  // namespace stormdoor::edge
