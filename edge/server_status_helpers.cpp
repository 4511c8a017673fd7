// What `stormdoor status` and /metrics say of the watch, of enforcement and of leases.

#include <fmt/format.h>

#include <numeric>

#include "acl/wording.hpp"
#include "edge/server.hpp"
#include "edge/status_rows.hpp"

namespace stormdoor::edge {

using nlohmann::json;

namespace {

uint64_t elements_in(const EnforceReport& report) {
  return std::accumulate(report.elements.begin(), report.elements.end(), uint64_t{0});
}

std::string_view word_for(acl::EnforceMode mode) {
  switch (mode) {
    case acl::EnforceMode::Kernel:
      return "kernel";
    case acl::EnforceMode::Listeners:
      return "listeners";
    case acl::EnforceMode::Shadow:
      return "shadow: nothing is refused";
    case acl::EnforceMode::Off:
      return "off: nothing is refused";
  }
  return "?";
}

}  // namespace

json Server::helper_sections() const {
  json sections = json::array();
  StatusRows enforcement{{"enforce", std::string(word_for(config_.runtime.rules.enforce))}};
  if (enforcement_) {
    const auto& state = enforcement_->state();
    const EnforceReport& report = state.report;
    enforcement.insert(
        enforcement.end(),
        {{"stormdoor-enforce", state.ready       ? "enforces"
                               : state.connected ? "starting"
                                                 : "not running"},
         {"in the kernel",
          fmt::format("{} sources, {} registered flows", elements_in(report), report.flows)},
         {"difference",
          fmt::format("{} missing, {} foreign at the last look ({} and {} ever)", report.missing,
                      report.foreign, report.missing_ever, report.foreign_ever)},
         {"last change took", fmt::format("{} microseconds", state.last_microseconds)},
         {"contested packets",
          report.queue_in_use ? fmt::format("{} judged, {} refused, {} unanswered", report.queued,
                                            report.refused_by_verdict, report.unanswered)
                              : std::string("metered, not judged")}});
    if (!state.last_problem.empty()) enforcement.emplace_back("last problem", state.last_problem);
  }
  sections.push_back(status_section("Enforcement", enforcement));
  if (!config_.startup.watch.interfaces.empty()) {
    const auto bindings = bindings_.counters();
    const auto calls = calls_.counts(now().wall);
    sections.push_back(status_section(
        "Watch", {{"stormdoor-watch",
                   watch_->connected() ? (watch_ready_ ? "watches" : "starting") : "not running"},
                  {"frames",
                   fmt::format("{}, {} dropped by the kernel, {} malformed", watch_counters_.frames,
                               watch_counters_.kernel_drops, watch_counters_.malformed)},
                  {"SIP messages", fmt::to_string(watch_counters_.sip_messages)},
                  {"bindings",
                   fmt::format("{}, {} disputes so far", bindings.addresses, bindings.conflicts)},
                  {"phones in calls", fmt::format("{}, of them {} in or after an emergency call",
                                                  calls.phones, calls.emergencies)}}));
  }
  const auto guard = guard_->counters();
  sections.push_back(
      status_section("Leases", {{"open", fmt::to_string(guard.leases)},
                                {"failures excused", fmt::to_string(guard.excused)},
                                {"would have refused", fmt::to_string(guard.would_refuse)}}));
  return sections;
}

void Server::count_the_helpers() {
  const auto gauge = [this](std::string_view name, std::string_view help,
                            std::function<double()> value) {
    metrics_.gauge_from(name, help, {}, std::move(value));
  };
  gauge("stormdoor_leases", "Phones that are excused",
        [this] { return double(guard_->counters().leases); });
  gauge("stormdoor_bindings", "Addresses whose MAC was seen",
        [this] { return double(bindings_.counters().addresses); });
  gauge("stormdoor_phones_in_calls", "Phones that a call or a call-back keeps as they are",
        [this] { return double(calls_.counts(now().wall).phones); });
  gauge("stormdoor_watch_up", "1 while stormdoor-watch reports",
        [this] { return watch_ && watch_->connected() && watch_ready_ ? 1.0 : 0.0; });
  gauge("stormdoor_watch_dropped_frames", "Frames that the kernel had no room for",
        [this] { return double(watch_counters_.kernel_drops); });
  gauge("stormdoor_enforce_up", "1 while stormdoor-enforce answers",
        [this] { return enforcement_ && enforcement_->state().ready ? 1.0 : 0.0; });
  gauge("stormdoor_enforced_difference",
        "Elements in which the kernel's sets differed from the intention when last compared",
        [this] {
          if (!enforcement_) return 0.0;
          const auto& report = enforcement_->state().report;
          return double(report.missing) + double(report.foreign);
        });
}

// Promise 13: where a promise cannot hold, status says which and why.
void Server::say_limits_of_helpers(std::vector<std::string>& lines) const {
  const bool kernel = config_.runtime.rules.enforce == acl::EnforceMode::Kernel;
  if (refuses_nothing(config_.runtime.rules.enforce))
    lines.emplace_back("Nothing is refused, because the configuration says so (enforce).");
  else if (!kernel)
    lines.emplace_back(
        "Promise 11: blocks are refused at stormdoor's own listeners only (enforce = "
        "\"listeners\"); SIP that passes by is not touched.");
  else if (!enforcement_ || !enforcement_->state().ready)
    lines.emplace_back(
        "Promise 11: stormdoor-enforce does not run (it needs root and nftables); what it enforced "
        "last stays in force, new blocks hold at our own listeners only.");
  if (config_.startup.watch.interfaces.empty())
    lines.emplace_back(
        "Promises 1, 3, 5 and 9: nothing is watched ([watch] interfaces), so SIP logins, calls and "
        "the phones behind addresses are not seen; sessions end also while somebody speaks.");
  else if (!watch_->connected())
    lines.emplace_back(
        "Promises 1, 3, 5, 7 and 9: stormdoor-watch does not run (it needs root); SIP logins, "
        "calls "
        "and the phones behind addresses are not seen.");
  else
    lines.emplace_back(
        "Promises 3 and 9: SIP that is encrypted (TLS, WSS) cannot be read on its way, neither "
        "logins nor calls.");
  if (kernel && enforcement_ && enforcement_->state().ready &&
      !enforcement_->state().report.queue_in_use)
    lines.emplace_back(
        "Promise 5: SIP of contested addresses is metered, not judged packet by packet (no watch, "
        "or "
        "no packet queue).");
}

}  // namespace stormdoor::edge
