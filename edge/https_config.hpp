#pragma once

#include <string>
#include <vector>

#include "base/config_reader.hpp"
#include "tftp-http/tls_context.hpp"

namespace stormdoor::edge {

// [https] but for its listeners: which certificates, which versions, whose client certificates. A
// reload applies all of it to new connections.
struct HttpsConfig {
  struct Files {
    std::string chain;
    std::string key;
    bool operator==(const Files&) const = default;
  };
  // [[https.certificate]], one per kind of key; none: an authority and certificates of our own.
  std::vector<Files> certificates;
  // Names and addresses that phones use, for certificates of our own; none: the host's name.
  std::vector<std::string> names;

  http::TlsVersion least = http::TlsVersion::Tls12;
  http::TlsVersion legacy_least = http::TlsVersion::Tls10;  // on legacy_listen
  http::TlsResumption resumption = http::TlsResumption::Tls12;

  std::string client_authorities;            // a PEM file; empty: clients are not asked
  std::vector<std::string> client_subjects;  // where the MAC stands: "CN={mac}"

  bool operator==(const HttpsConfig&) const = default;
};

[[nodiscard]] HttpsConfig read_https_config(const ConfigTable& https);

}  // namespace stormdoor::edge
