#include "edge/pbx_config.hpp"

#include <algorithm>

namespace stormdoor::edge {
namespace {

constexpr size_t kMostWords = 64;
constexpr size_t kMostDomainCharacters = 64;  // as Kamailio's column

bool is_plain(std::string_view text, std::string_view also) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           also.find(c) != std::string_view::npos;
  });
}

// What goes into another program's configuration or SQL must not say more there than its name.
void check_names(const ConfigTable& table, const PbxAccountsConfig& config) {
  const auto plain = [&](const char* key, const std::string& text, std::string_view also) {
    if (text.size() > kMostDomainCharacters || !is_plain(text, also))
      table.error_at(key, "expected at most 64 letters, digits and any of " + std::string(also));
  };
  plain("domain", config.domain, ".-:_");
  plain("realm", config.realm, ".-:_@ ");
  plain("endpoint_template", config.endpoint_template, "-_");
  plain("device_template", config.device_template, "-_");
  plain("aor_template", config.aor_template, "-_");
}

void check_together(const ConfigTable& table, const PbxAccountsConfig& config) {
  const auto needs = [&](const char* key, bool given, const char* what) {
    if (!given) table.error_at(key, what);
  };
  switch (config.target) {
    case PbxTargetKind::Off:
      return;
    case PbxTargetKind::Kamailio:
      needs("file", !config.file.empty(), "expected Kamailio's SQLite database");
      return needs("domain", !config.domain.empty(),
                   "expected the domain of the rows in Kamailio's table subscriber");
    case PbxTargetKind::KamailioCommand:
      needs("command", !config.command.empty(),
            "expected an SQL client and its words, as [\"psql\", \"-q\", \"kamailio\"]");
      needs("passwords", !config.passwords,
            "passwords in the clear go into an SQLite database only; expected false");
      return needs("domain", !config.domain.empty(),
                   "expected the domain of the rows in Kamailio's table subscriber");
    case PbxTargetKind::Asterisk:
      needs("file", !config.file.empty(),
            "expected the file that pjsip.conf includes, as "
            "\"/etc/asterisk/stormdoor/accounts.conf\"");
      return needs("realm", config.passwords || !config.realm.empty() || !config.domain.empty(),
                   "expected the realm that Asterisk asks for (its default is \"asterisk\"), for "
                   "which the digests are made; or passwords = true");
  }
}

PbxAccountsConfig read_accounts(const ConfigTable& table) {
  PbxAccountsConfig config;
  config.target = table.choice("target", config.target,
                               {{"off", PbxTargetKind::Off},
                                {"kamailio", PbxTargetKind::Kamailio},
                                {"kamailio-command", PbxTargetKind::KamailioCommand},
                                {"asterisk", PbxTargetKind::Asterisk}});
  config.file = table.path("file", config.file);
  config.command = table.strings("command");
  if (config.command.size() > kMostWords)
    table.error_at("command", "more than 64 words; put them into a script");
  if (!config.command.empty() && config.command.front().empty())
    table.error_at("command", "its first word is empty; expected a program");
  config.command_time =
      table.duration("command_time", config.command_time, milliseconds(100), seconds(300));
  config.domain = table.string("domain", config.domain);
  config.realm = table.string("realm", config.realm);
  config.passwords = table.boolean("passwords", config.passwords);
  config.endpoint_template = table.string("endpoint_template", config.endpoint_template);
  config.device_template = table.string("device_template", config.device_template);
  config.aor_template = table.string("aor_template", config.aor_template);
  check_names(table, config);
  check_together(table, config);
  return config;
}

}  // namespace

PbxConfig read_pbx_config(const ConfigTable& pbx) {
  PbxConfig config;
  config.asterisk_security_log = pbx.path("asterisk_security_log", config.asterisk_security_log);
  config.believe_udp_sources = pbx.boolean("believe_udp_sources", config.believe_udp_sources);
  config.voicemail_pins = pbx.path("voicemail_pins", config.voicemail_pins);
  config.voicemail_context = pbx.string("voicemail_context", config.voicemail_context);
  config.accounts = read_accounts(pbx.table("accounts"));
  const std::string through = pbx.string("notify_through", "");
  config.notify_domain = pbx.string("notify_domain", config.notify_domain);
  if (through.empty()) return config;
  const auto endpoint = Endpoint::parse(through);
  if (endpoint)
    config.notify_through = *endpoint;
  else
    pbx.error_at("notify_through", "is no address and port; \"10.20.0.5:5060\" is one");
  return config;
}

}  // namespace stormdoor::edge
