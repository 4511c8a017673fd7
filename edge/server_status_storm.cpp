// What `stormdoor status` and /metrics say of who waits: phones for their TLS handshakes, firmware
// for the lines to sites.

#include <fmt/format.h>

#include "edge/server.hpp"
#include "edge/status_rows.hpp"
#include "tftp-http/firmware_links.hpp"

namespace stormdoor::edge {

namespace {

std::string per_second(uint64_t bytes) {
  constexpr uint64_t kMiB = uint64_t{1} << 20;
  if (bytes < kMiB) return fmt::format("{:.0f} KiB/s", static_cast<double>(bytes) / 1024);
  return fmt::format("{:.1f} MiB/s", static_cast<double>(bytes) / kMiB);
}

}  // namespace

void Server::take_over_links() {
  view_.links = http::FirmwareLinks::from(config_.runtime.provisioning.links, view_.links.get());
  for (const auto& link : view_.links->all()) {
    const MetricLabels labels{{"link", link->facts(now().steady).name}};
    using Facts = http::FirmwareLink::Facts;
    const auto gauge = [&](std::string_view name, std::string_view help, auto read) {
      metrics_.gauge_from(name, help, labels,
                          [link, read] { return double(read(link->facts(read_clocks().steady))); });
    };
    gauge("stormdoor_firmware_budget_bytes", "What firmware may take of a link each second",
          [](const Facts& facts) { return facts.budget; });
    gauge("stormdoor_firmware_rate_bytes", "Firmware over a link in the last whole second",
          [](const Facts& facts) { return facts.rate; });
    gauge("stormdoor_firmware_transfers", "Firmware transfers that have a seat on a link",
          [](const Facts& facts) { return facts.seated; });
    gauge("stormdoor_firmware_waiting", "Firmware transfers that wait for a seat on a link",
          [](const Facts& facts) { return facts.waiting; });
    gauge("stormdoor_firmware_longest_wait_seconds", "How long the first of them has waited",
          [](const Facts& facts) { return double(facts.longest_wait.count()) / 1000; });
    metrics_.counter_from("stormdoor_firmware_bytes_total", "Firmware over a link", labels,
                          [link] { return double(link->facts(read_clocks().steady).bytes); });
  }
}

void Server::add_storm_section(nlohmann::json& sections) const {
  const auto count = [this](std::string_view name, const MetricLabels& labels = {}) {
    return fmt::format("{:.0f}", metrics_.value(name, labels).value_or(0));
  };
  StatusRows rows{{"TLS handshakes waiting", count("stormdoor_https_waiting")},
                  {"TLS connections turned away",
                   count("stormdoor_http_refused_total", {{"reason", "too-many-handshakes"}})},
                  {"TFTP transfers", count("stormdoor_tftp_transfers")}};
  for (const auto& link : view_.links->all()) {
    const auto facts = link->facts(now().steady);
    std::string text = fmt::format("{} of {}, {} of {} transfers at once", per_second(facts.rate),
                                   per_second(facts.budget), facts.seated, facts.seats);
    if (facts.waiting > 0)
      text += fmt::format(", {} waiting, longest {}", facts.waiting,
                          format_duration(facts.longest_wait));
    rows.emplace_back(fmt::format("firmware to {}", facts.name), std::move(text));
  }
  sections.push_back(status_section("Storm", rows));
}

}  // namespace stormdoor::edge
