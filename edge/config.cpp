#include "edge/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/loop/attached_link.hpp"

namespace stormdoor::edge {
namespace {

Endpoint at(const char* text) {
  return *Endpoint::parse(text);
}

void read_daemon(const ConfigTable& daemon, StartupConfig& config) {
  config.state_directory = daemon.path("state_directory", config.state_directory);
  config.control_socket = daemon.path("control_socket", config.control_socket);
  config.user = daemon.string("user", config.user);
  config.key_file = daemon.path("key_file", config.key_file);
  config.workers = daemon.integer("workers", config.workers, 0, 256);
  config.remembered_events = size_t(
      daemon.integer("remembered_events", int64_t(config.remembered_events), 100, 1'000'000));
}

void read_listeners(const ConfigReader& reader, Listeners& listeners) {
  listeners.tftp = reader.table("tftp").endpoints("listen", listeners.tftp);
  listeners.http = reader.table("http").endpoints("listen", listeners.http);
  listeners.https = reader.table("https").endpoints("listen", listeners.https);
  listeners.legacy_https = reader.table("https").endpoints("legacy_listen", listeners.legacy_https);
  listeners.status = reader.table("status").endpoints("listen", listeners.status);
  listeners.status_https = reader.table("status").endpoints("https_listen", listeners.status_https);
  listeners.portal = reader.table("portal").endpoints("listen", listeners.portal);
}

portal::SessionTimes read_portal(const ConfigTable& table) {
  portal::SessionTimes times;
  times.idle = table.duration("idle", times.idle, std::chrono::minutes(1), std::chrono::hours(24));
  times.absolute =
      table.duration("absolute", times.absolute, std::chrono::minutes(1), std::chrono::days(7));
  if (times.idle > times.absolute)
    table.error_at("idle",
                   "a session cannot be idle for longer than it lasts; shorten idle, or "
                   "lengthen absolute");
  return times;
}

void read_log(const ConfigTable& log, RuntimeConfig& config) {
  config.log_level = log.choice("level", config.log_level,
                                {{"debug", LogLevel::Debug},
                                 {"info", LogLevel::Info},
                                 {"warning", LogLevel::Warning},
                                 {"error", LogLevel::Error}});
  config.log_format = log.choice("format", config.log_format,
                                 {{"key-value", LogFormat::KeyValue}, {"json", LogFormat::Json}});
}

std::string names(const std::vector<acl::Network>& networks) {
  std::string text;
  for (const auto& network : networks) text += (text.empty() ? "" : ", ") + network.name;
  return text;
}

void compare_rules(const acl::AclRules& from, const acl::AclRules& to,
                   std::vector<std::string>& changed) {
  if (from.networks != to.networks)
    changed.push_back(
        fmt::format("networks: {} are in force ({})", to.networks.size(), names(to.networks)));
  if (from.enforce != to.enforce) changed.emplace_back("enforce: changed");
  if (from.limits != to.limits)
    changed.emplace_back("limits: the new ones count from the next failure on");
  if (from.mac_sweep != to.mac_sweep) changed.emplace_back("mac_sweep: changed");
  if (!(from.tftp_throttle == to.tftp_throttle)) changed.emplace_back("tftp_throttle: changed");
}

// identity = "wire" is as good as the switch port, and only on a link that we are attached to.
void check_wire(const Config& config, std::vector<std::string>& warnings) {
  const acl::AclRules& rules = config.runtime.rules;
  for (const auto& network : rules.networks) {
    if (network.identity != acl::Identity::Wire) continue;
    const auto warn = [&](std::string_view what) {
      warnings.push_back(
          fmt::format("the network \"{}\": identity = \"wire\" {}", network.name, what));
    };
    if (config.startup.watch.interfaces.empty())
      warn("proves nothing while nothing is watched; name the phones' interfaces in [watch]");
    for (const auto& prefix : network.prefixes)
      if (!loop::is_one_attached_link(prefix))
        warn(
            fmt::format("holds for one attached link, and {} is none of this machine's; behind a "
                        "router every phone has the router's MAC",
                        prefix.to_string()));
  }
}

}  // namespace

size_t StartupConfig::worker_count() const {
  if (workers > 0) return size_t(workers);
  return std::max<size_t>(1, std::thread::hardware_concurrency());
}

Listeners StartupConfig::default_listeners() {
  Listeners listeners;
  listeners.tftp = {at("0.0.0.0:69"), at("[::]:69")};
  listeners.http = {at("0.0.0.0:80"), at("[::]:80")};
  listeners.https = {at("0.0.0.0:443"), at("[::]:443")};
  listeners.status = {at("127.0.0.1:9469")};
  return listeners;
}

Result<Config> read_config(ConfigReader& reader) {
  Config config;
  read_daemon(reader.table("daemon"), config.startup);
  read_listeners(reader, config.startup.listeners);
  read_log(reader.table("log"), config.runtime);
  auto acl = acl::read_acl_config(reader.root(), config.warnings);
  if (reader.good()) acl::prove_expectations(acl, reader);
  config.expectations = acl.expectations.size();
  config.startup.guard = acl.sizes;
  config.runtime.rules = std::move(acl.rules);
  config.startup.watch = read_watch_config(reader.table("watch"));
  config.startup.enforcement = read_enforcement_config(reader.table("enforcement"));
  config.startup.journal = acl::read_journal_config(reader.table("journal"));
  config.startup.leases = hotdesk::read_lease_config(reader.table("lease"));
  const auto tftp = tftp::read_tftp_config(reader.table("tftp"));
  config.startup.tftp = tftp.sizes;
  config.runtime.tftp = tftp.rules;
  config.runtime.http = http::read_http_config(reader.table("http"));
  config.runtime.https = read_https_config(reader.table("https"));
  config.runtime.api_token_file = reader.table("api").path("token_file", "");
  config.startup.pbx = read_pbx_config(reader.table("pbx"));
  config.runtime.sessions = hotdesk::read_session_terms(reader.table("desk"));
  config.runtime.calls = read_call_terms(reader.table("desk"));
  config.runtime.portal = read_portal(reader.table("portal"));
  config.startup.restart = read_restart_config(reader.table("restart"));
  config.startup.phone_app = read_phone_app_config(reader.table("phone_app"));
  config.runtime.provisioning = http::read_provisioning_config(reader.table("provisioning"));
  TRY(reader.finish());
  check_wire(config, config.warnings);
  return config;
}

Result<Config> load_config(const std::string& file) {
  ConfigReader reader = ConfigReader::load(file);
  return read_config(reader);
}

ConfigDifference difference(const Config& from, const Config& to) {
  ConfigDifference found;
  if (from.runtime.log_level != to.runtime.log_level ||
      from.runtime.log_format != to.runtime.log_format)
    found.changed.emplace_back("log: changed");
  compare_rules(from.runtime.rules, to.runtime.rules, found.changed);
  if (!(from.runtime.tftp == to.runtime.tftp))
    found.changed.emplace_back("tftp: for transfers that begin from now on");
  if (!(from.runtime.http == to.runtime.http))
    found.changed.emplace_back("http: for new connections");
  if (!(from.runtime.https == to.runtime.https))
    found.changed.emplace_back("https: for new connections");
  if (from.runtime.api_token_file != to.runtime.api_token_file)
    found.changed.emplace_back("api: another token");
  if (!(from.runtime.provisioning == to.runtime.provisioning))
    found.changed.emplace_back("provisioning: every phone gets its files rendered anew");
  if (!(from.runtime.sessions == to.runtime.sessions))
    found.changed.emplace_back("desk: when people are logged out");
  if (!(from.runtime.calls == to.runtime.calls))
    found.changed.emplace_back("desk: which calls are emergency calls, and how long they hold");
  if (!(from.runtime.portal == to.runtime.portal))
    found.changed.emplace_back("portal: how long somebody stays signed in");
  const auto& before = from.startup;
  const auto& after = to.startup;
  const auto needs = [&](bool differs, const char* what) {
    if (differs) found.needs_restart.emplace_back(what);
  };
  needs(before.state_directory != after.state_directory, "daemon.state_directory");
  needs(before.control_socket != after.control_socket, "daemon.control_socket");
  needs(before.user != after.user, "daemon.user");
  needs(before.key_file != after.key_file, "daemon.key_file");
  needs(before.workers != after.workers, "daemon.workers");
  needs(before.remembered_events != after.remembered_events, "daemon.remembered_events");
  needs(!(before.listeners == after.listeners),
        "listen addresses of tftp, http, https, status or portal");
  needs(!(before.guard == after.guard), "guard");
  const auto in_kernel = [](const Config& config) {
    return config.runtime.rules.enforce == acl::EnforceMode::Kernel;
  };
  needs(in_kernel(from) != in_kernel(to), "enforce, to or from \"kernel\"");
  needs(!(before.leases == after.leases), "lease");
  needs(!(before.watch == after.watch), "watch");
  needs(!(before.enforcement == after.enforcement), "enforcement");
  needs(!(before.journal == after.journal), "journal");
  needs(!(before.tftp == after.tftp), "tftp: sizes and single_port");
  needs(!(before.pbx == after.pbx), "pbx");
  needs(!(before.restart == after.restart), "restart");
  needs(!(before.phone_app == after.phone_app), "phone_app");
  return found;
}

}  // namespace stormdoor::edge
