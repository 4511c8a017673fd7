#pragma once

#include <string>
#include <vector>

#include "acl/acl_config.hpp"
#include "acl/journal.hpp"
#include "base/config_reader.hpp"
#include "base/log.hpp"
#include "edge/call_book.hpp"
#include "edge/descriptors.hpp"
#include "edge/helpers_config.hpp"
#include "edge/https_config.hpp"
#include "edge/pbx_config.hpp"
#include "edge/phone_app_config.hpp"
#include "edge/restart_config.hpp"
#include "hotdesk/desk_session.hpp"
#include "hotdesk/lease_config.hpp"
#include "portal/session_book.hpp"
#include "tftp-http/http_config.hpp"
#include "tftp-http/provisioning_config.hpp"
#include "tftp-http/tftp_config.hpp"

namespace stormdoor::edge {

// Keys that need a restart. A reload says so when one of them has changed.
struct StartupConfig {
  std::string state_directory = "/var/lib/stormdoor";
  std::string control_socket = "/run/stormdoor/control.sock";
  std::string user = "stormdoor";  // what the server becomes when it is started by root
  std::string key_file;            // empty: master.key in the state directory's keys folder
  int64_t workers = 0;             // 0: one per processor
  Listeners listeners = default_listeners();
  acl::GuardSizes guard;
  acl::JournalConfig journal;
  tftp::TftpSizes tftp;
  WatchConfig watch;
  EnforcementConfig enforcement;
  hotdesk::LeaseTerms leases;
  size_t remembered_events = 10'000;
  PbxConfig pbx;
  RestartConfig restart;
  PhoneAppConfig phone_app;

  [[nodiscard]] size_t worker_count() const;
  static Listeners default_listeners();
  bool operator==(const StartupConfig&) const = default;
};

// Keys that a reload applies.
struct RuntimeConfig {
  LogLevel log_level = LogLevel::Info;
  LogFormat log_format = LogFormat::KeyValue;
  acl::AclRules rules;
  tftp::TftpRules tftp;
  http::HttpConfig http;
  HttpsConfig https;
  std::string api_token_file;  // empty: there is no API
  http::ProvisioningConfig provisioning;
  hotdesk::SessionTerms sessions;
  CallTerms calls;  // but for `silence`, which [watch] says
  portal::SessionTimes portal;
  bool operator==(const RuntimeConfig&) const = default;
};

// The whole configuration.
struct Config {
  StartupConfig startup;
  RuntimeConfig runtime;
  std::vector<std::string> warnings;  // with their positions; not errors
  size_t expectations = 0;            // [[expect]] cases, which all hold

  bool operator==(const Config&) const = default;
};

// Reads and checks one file and what it includes. The error holds every mistake, one per line, as
// "file:line:column: key: what is wrong; what would be right".
Result<Config> load_config(const std::string& file);
// The same on a reader, for tests and for the list of keys that the code asks for.
Result<Config> read_config(ConfigReader& reader);

// What a reload from one to the other changes and what of it needs a restart, in words.
struct ConfigDifference {
  std::vector<std::string> changed;
  std::vector<std::string> needs_restart;
};
[[nodiscard]] ConfigDifference difference(const Config& from, const Config& to);

}  // namespace stormdoor::edge
