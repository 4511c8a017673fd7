#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/config_reader.hpp"
#include "base/ip_address.hpp"

namespace stormdoor::edge {

enum class PbxTargetKind : uint8_t { Off, Kamailio, KamailioCommand, Asterisk };

// [pbx.accounts]: where the accounts that phones are told are handed over.
struct PbxAccountsConfig {
  PbxTargetKind target = PbxTargetKind::Off;
  std::string file;                  // Kamailio's database, or the file that Asterisk includes
  std::vector<std::string> command;  // takes the SQL, or makes Asterisk read its file
  milliseconds command_time{10'000};
  std::string domain;      // of Kamailio's rows
  std::string realm;       // that digests are made for; empty: the domain
  bool passwords = false;  // in the clear, too
  std::string endpoint_template = "stormdoor-endpoint";
  std::string device_template = "stormdoor-device";
  std::string aor_template = "stormdoor-aor";

  bool operator==(const PbxAccountsConfig&) const = default;
};

// [pbx]: what we learn from the PBX itself, and what it is told. Needs a restart.
struct PbxConfig {
  std::string asterisk_security_log;  // empty: none is followed
  bool believe_udp_sources = false;   // of that log; see asterisk_log.hpp
  std::string voicemail_pins;         // a voicemail.conf whose PINs are users'; empty: ours are
  std::string voicemail_context = "default";
  PbxAccountsConfig accounts = {};
  std::optional<Endpoint> notify_through;  // relays our NOTIFYs to who is registered; none: direct
  std::string notify_domain;               // what it calls itself; empty: notify_through

  bool operator==(const PbxConfig&) const = default;
};

[[nodiscard]] PbxConfig read_pbx_config(const ConfigTable& pbx);

}  // namespace stormdoor::edge
