#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config_reader.hpp"
#include "base/store/records.hpp"
#include "tftp-http/firmware_link.hpp"

namespace stormdoor::http {

// [provisioning]: what phones are given and how. A reload applies all of it.
struct ProvisioningConfig {
  std::string profiles = "/usr/share/stormdoor/phones";  // one folder per vendor
  // The administrator's own templates, one folder per vendor; empty: none.
  std::string templates;
  // Firmware, ringtones and other files as they are; empty: none.
  std::string files;

  // Where phones reach us by HTTPS: "https://provision.example.com". Configurations carry it with
  // the phone's token. Empty: configurations name no server, so that phones keep asking the one
  // they have.
  std::string base_url;
  // Secrets over http://, for phones that cannot do HTTPS. Whoever listens on the way reads them.
  bool allow_secrets_over_http = false;
  // Ask for an HTTP login (the MAC as user, the token as password) where no token is in the path,
  // instead of giving out the stub.
  bool http_login = false;

  // The site layer: sip_server, sip_port, sip_transport, time_zone, ntp_server, ...
  store::Variables variables;
  // Which of the administrator's templates takes the place of a kind, for every vendor whose folder
  // has it: { assigned = "ours.xml" }.
  store::Variables site_templates;

  // [[provisioning.model]], the model layer: later ones win.
  struct Model {
    std::string vendor;
    std::string match;  // "D6*"
    store::Variables variables;
    store::Variables templates;
    bool operator==(const Model&) const = default;
  };
  std::vector<Model> models;

  // [[provisioning.link]]: lines to sites, whose firmware is paced.
  std::vector<FirmwareLinkTerms> links;

  // Per worker. When one is reached, what was used longest ago is forgotten (and made or read
  // again when it is asked for).
  uint64_t rendered_bytes = 64U << 20;    // configurations kept ready
  uint64_t file_cache_bytes = 64U << 20;  // small files kept in memory
  uint64_t small_file = 4U << 20;         // up to this size a file is kept in memory
  uint64_t open_files = 64;               // larger ones are kept open

  bool operator==(const ProvisioningConfig&) const = default;
};

// Reads [provisioning]; errors are noted in the reader.
[[nodiscard]] ProvisioningConfig read_provisioning_config(const ConfigTable& provisioning);

}  // namespace stormdoor::http
