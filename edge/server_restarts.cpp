// Phones that have to fetch what a change made of them.

#include <fmt/format.h>

#include "base/log.hpp"
#include "edge/server.hpp"

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
