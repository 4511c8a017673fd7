// What `stormdoor status` and /metrics say.

#include <fmt/format.h>
#include <unistd.h>

#include "edge/server.hpp"
#include "edge/status_rows.hpp"

namespace stormdoor::edge {

using nlohmann::json;

void Server::count_the_guard() {
  const auto add = [this](std::string_view name, std::string_view help,
                          uint64_t acl::Guard::Counters::* field) {
    metrics_.counter_from(name, help, {},
                          [this, field] { return double(guard_->counters().*field); });
  };
  using Counters = acl::Guard::Counters;
  add("stormdoor_guard_admitted_total", "Requests that the access rules let in",
      &Counters::admitted);
  add("stormdoor_guard_refused_total", "Requests that the access rules or a block refused",
      &Counters::refused);
  add("stormdoor_guard_throttled_total", "TFTP requests put off for want of proof",
      &Counters::throttled);
  add("stormdoor_guard_failures_total", "Failed attempts that counted", &Counters::failures);
  add("stormdoor_guard_repeated_mistakes_total", "The same mistake again: recorded, not counted",
      &Counters::repeated_mistakes);
  add("stormdoor_guard_blocks_total", "Blocks made", &Counters::blocks_made);
  add("stormdoor_guard_evictions_total", "Sources forgotten for want of room",
      &Counters::evictions);
  metrics_.gauge_from("stormdoor_blocks", "Blocks in force", {},
                      [this] { return double(guard_->blocks(now()).size()); });
  metrics_.gauge_from("stormdoor_phones", "Registered phones", {},
                      [this] { return double(view_.registry->phone_count()); });
  metrics_.counter_from("stormdoor_news_lost_total",
                        "Events that were not shown because too many came at once", {},
                        [this] { return double(news_.lost()); });
  count_the_helpers();
  metrics_.gauge_from(
      "stormdoor_certificate_expiry_seconds", "Until the first server certificate expires", {},
      [this] { return double((tls_.modern->first_expiry() - now().wall).count()) / 1000; });
}

json Server::listener_rows() const {
  json rows = json::array();
  for (const auto& [service, address] : listeners_)
    rows.push_back({{"service", service}, {"address", address.to_string()}});
  return rows;
}

// Promise 13: where a promise cannot hold, status says which and why.
std::vector<std::string> Server::broken_promises() const {
  std::vector<std::string> lines;
  say_limits_of_helpers(lines);
  say_limits_of_pbx(lines);
  if (config_.startup.tftp.single_port)
    lines.emplace_back(
        "Promise 4: TFTP runs in single-port mode, so an answer proves nothing about its source.");
  if (log_follower_) {
    lines.emplace_back(
        "Promise 3: Asterisk's log holds no passwords; a phone with its previous one is known by "
        "its "
        "lease and account only.");
    if (!config_.startup.pbx.believe_udp_sources)
      lines.emplace_back(
          "Promise 4: a failed login over UDP in Asterisk's log proves no address: it is told, and "
          "blocks nobody.");
  }
  if (config_.runtime.provisioning.allow_secrets_over_http)
    lines.emplace_back(
        "Promise 7: secrets may leave over plain HTTP; whoever listens on the way reads them.");
  for (const auto& network : config_.runtime.rules.networks)
    if (network.identity == acl::Identity::None &&
        network.services.contains(acl::Service::Provisioning))
      lines.push_back(
          fmt::format("Promise 7: in the network \"{}\" a MAC address is believed without proof.",
                      network.name));
  return lines;
}

json Server::status() {
  const auto& registry = *view_.registry;
  const auto guard = guard_->counters();
  const std::string ill = trouble();
  const WallTime since = now().wall - std::chrono::floor<milliseconds>(now().steady - started_);
  StatusRows listening;
  for (const auto& [service, address] : listeners_)
    listening.emplace_back(service, address.to_string());
  StatusRows certificates;
  for (const auto& certificate : tls_.modern->certificates())
    certificates.emplace_back(
        certificate.key_kind,
        fmt::format("{}, until {}", certificate.subject, format_time(certificate.not_after)));
  json sections = json::array();
  sections.push_back(status_section(std::string("stormdoord ") + STORMDOOR_VERSION,
                                    {{"health", ill.empty() ? "good" : ill},
                                     {"up since", format_time(since)},
                                     {"workers", fmt::to_string(workers_.size())}}));
  sections.push_back(status_section("Listening", listening));
  sections.push_back(
      status_section("Registry", {{"phones", fmt::to_string(registry.phone_count())},
                                  {"users", fmt::to_string(registry.user_count())},
                                  {"locations", fmt::to_string(registry.location_count())},
                                  {"logged in", fmt::to_string(registry.session_count())},
                                  {"out of place", fmt::to_string(misplaced_.list().size())}}));
  sections.push_back(
      status_section("Guard", {{"blocks in force", fmt::to_string(guard_->blocks(now()).size())},
                               {"requests admitted", fmt::to_string(guard.admitted)},
                               {"requests refused", fmt::to_string(guard.refused)},
                               {"failures counted", fmt::to_string(guard.failures)},
                               {"same mistake again", fmt::to_string(guard.repeated_mistakes)},
                               {"TFTP throttled", fmt::to_string(guard.throttled)}}));
  add_storm_section(sections);
  for (auto& section : helper_sections()) sections.push_back(std::move(section));
  sections.push_back(status_section("Certificates", certificates));
  if (log_follower_) {
    const auto health = log_follower_->health();
    sections.push_back(
        status_section("PBX log", {{"file", config_.startup.pbx.asterisk_security_log},
                                   {"health", health.trouble.empty() ? "good" : health.trouble},
                                   {"lines", fmt::to_string(health.file.lines)},
                                   {"failed logins", fmt::to_string(health.log.failures)},
                                   {"of them unproven", fmt::to_string(health.log.unproven)},
                                   {"logins", fmt::to_string(health.log.successes)},
                                   {"too old to judge", fmt::to_string(health.too_old)}}));
  }
  add_app_section(sections);
  add_handover_section(sections);
  add_pin_section(sections);
  return {{"pid", getpid()},
          {"healthy", ill.empty()},
          {"listeners", listener_rows()},
          {"sections", std::move(sections)},
          {"limits", broken_promises()}};
}

}  // namespace stormdoor::edge
