// Phones that have to fetch what a change made of them, and their apps.

#include <fmt/format.h>

#include "base/log.hpp"
#include "edge/kept_file.hpp"
#include "edge/server.hpp"
#include "edge/status_rows.hpp"

namespace stormdoor::edge {

// Phones that were on their way when we stopped may have been told or not.
void Server::start_restarter() {
  restarter_ = std::make_unique<Restarter>(
      Restarter::World{.loop = loop_,
                       .guard = *guard_,
                       .events = events_,
                       .activity = activity_,
                       .registry = [this] { return view_.registry; },
                       .profiles = [this] { return view_.profiles; },
                       .hold = [this](const MacAddress& mac) { return hold_of(mac); }},
      config_.startup.restart, config_.startup.pbx);
  std::vector<MacAddress> away;
  view_.registry->for_each_lease([&](const auto& lease) {
    if (now().wall < lease->deadline && view_.registry->phone(lease->mac))
      away.push_back(lease->mac);
  });
  restarter_->resume(away);
}

void Server::start_apps() {
  apps_ = std::make_unique<AppPusher>(
      AppPusher::World{.loop = loop_,
                       .events = events_,
                       .activity = activity_,
                       .registry = [this] { return view_.registry; },
                       .profiles = [this] { return view_.profiles; }},
      config_.startup.phone_app, read_kept_file(StatePaths(config_.startup).apps));
}

// Which phones have their app, for a restart of ours.
void Server::keep_apps() {
  auto text = apps_->take_text();
  if (!text) return;
  disk_.run([path = StatePaths(config_.startup).apps, text = std::move(*text)] {
    if (const auto written = write_kept_file(path, text); !written)
      log_error("apps-not-kept", {{"why", written.error()}});
  });
}

void Server::add_app_section(nlohmann::json& sections) const {
  const auto count = apps_->count();
  if (count.wanted == 0) return;
  sections.push_back(status_section(
      "Phone apps", {{"installed", fmt::to_string(count.installed)},
                     {"not installed", fmt::to_string(count.wanted - count.installed)}}));
}

// Once every worker serves what they are to fetch: told sooner, a fast phone gets the old file.
void Server::tell_phones() {
  if (to_tell_.empty()) return;
  when_published([this, phones = std::exchange(to_tell_, {})] {
    std::vector<MacAddress> ours;  // one that was removed has nothing to fetch
    for (const auto& mac : phones)
      if (view_.registry->phone(mac)) ours.push_back(mac);
    restarter_->tell(ours, RestartHow::Reload, true);
  });
}

}  // namespace stormdoor::edge
