// What `stormdoor status` and /metrics say.

#include <fmt/format.h>
#include <unistd.h>

#include "edge/server.hpp"

namespace stormdoor::edge {

using nlohmann::json;

namespace {

json row(std::string name, std::string value) {
  return json::array({std::move(name), std::move(value)});
}

}  // namespace

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
  lines.emplace_back(
      "Promise 1 (conversions), 8 (desk sessions): this version has none yet; blocks are enforced "
      "at "
      "stormdoor's own listeners only.");
  if (config_.startup.tftp.single_port)
    lines.emplace_back(
        "Promise 4: TFTP runs in single-port mode, so an answer proves nothing about its source.");
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
  json listening = json::array();
  for (const auto& [service, address] : listeners_)
    listening.push_back(row(service, address.to_string()));
  json certificates = json::array();
  for (const auto& certificate : tls_.modern->certificates())
    certificates.push_back(
        row(certificate.key_kind + " certificate",
            fmt::format("{}, until {}", certificate.subject, format_time(certificate.not_after))));
  const std::string ill = trouble();
  json sections = json::array();
  sections.push_back({{"title", std::string("stormdoord ") + STORMDOOR_VERSION},
                      {"rows",
                       {row("health", ill.empty() ? "good" : ill),
                        row("up since", format_time(now().wall - std::chrono::floor<milliseconds>(
                                                                     now().steady - started_))),
                        row("workers", fmt::to_string(workers_.size()))}}});
  sections.push_back({{"title", "Listening"}, {"rows", listening}});
  sections.push_back({{"title", "Registry"},
                      {"rows",
                       {row("phones", fmt::to_string(registry.phone_count())),
                        row("users", fmt::to_string(registry.user_count())),
                        row("locations", fmt::to_string(registry.location_count()))}}});
  sections.push_back({{"title", "Guard"},
                      {"rows",
                       {row("blocks in force", fmt::to_string(guard_->blocks(now()).size())),
                        row("requests admitted", fmt::to_string(guard.admitted)),
                        row("requests refused", fmt::to_string(guard.refused)),
                        row("failures counted", fmt::to_string(guard.failures)),
                        row("same mistake again", fmt::to_string(guard.repeated_mistakes)),
                        row("TFTP throttled", fmt::to_string(guard.throttled))}}});
  sections.push_back({{"title", "Certificates"}, {"rows", certificates}});
  return {{"pid", getpid()},
          {"healthy", ill.empty()},
          {"listeners", listener_rows()},
          {"sections", std::move(sections)},
          {"limits", broken_promises()}};
}

}  // namespace stormdoor::edge
