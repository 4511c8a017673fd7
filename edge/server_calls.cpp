// Which of our phones speak: what stormdoor-watch tells of calls, and what that holds up.

#include <algorithm>

#include "base/log.hpp"
#include "edge/kept_file.hpp"
#include "edge/server.hpp"

namespace stormdoor::edge {

// Whose phone is at this end of a call: the one that registered from there; else the one that alone
// is known there by that account; else the one that the wire shows. A PBX or a stranger is nobody.
std::optional<MacAddress> Server::phone_at(const acl::Flow& flow, std::string_view account) const {
  const auto flows = guard_->healthy_flows(flow.address, now());
  const auto ours = [&](const std::optional<MacAddress>& mac) {
    return mac && view_.registry->phone(*mac);
  };
  const auto exact = std::ranges::find(flows, flow, &acl::Registration::flow);
  if (exact != flows.end() && ours(exact->device)) return exact->device;
  std::optional<MacAddress> by_account;
  for (const auto& registration : flows) {
    if (registration.account != account || !ours(registration.device)) continue;
    if (by_account && by_account != registration.device) return {};
    by_account = registration.device;
  }
  if (by_account) return by_account;
  const auto wired = bindings_.proven_mac(flow.address, now());
  return ours(wired) ? wired : std::nullopt;
}

void Server::note(const CallSeen& call) {
  note_parties(call);
  if (calls_.take_emergency_news()) keep_calls();
}

void Server::note_parties(const CallSeen& call) {
  const WallTime time = now().wall;
  if (call.what == CallSeen::What::Over) return calls_.note_over(call.call_id, time);
  const auto caller = phone_at({call.caller, call.caller_port, call.tcp}, call.from);
  const auto callee = phone_at({call.callee, call.callee_port, call.tcp}, call.called);
  std::optional<WallTime> until;
  if (call.until_us != 0)
    until = time + std::chrono::duration_cast<milliseconds>(
                       std::chrono::microseconds(call.until_us - call.time_us));
  if (caller) calls_.note_begun(*caller, call.call_id, true, call.called, until, time);
  if (callee && callee != caller)
    calls_.note_begun(*callee, call.call_id, false, call.called, until, time);
}

std::optional<PhoneHold> Server::hold_of(const MacAddress& mac) const {
  return calls_.hold_of(mac, now().wall);
}

CallTerms Server::call_terms() const {
  CallTerms terms = config_.runtime.calls;
  terms.silence = config_.startup.watch.call_silence;
  return terms;
}

void Server::restore_calls() {
  calls_.set_terms(call_terms());
  calls_.restore(read_kept_file(StatePaths(config_.startup).calls), now().wall);
  kept_calls_ = calls_.to_text();
}

// Each second, and at once when it is about an emergency: a crash a moment later must not forget
// it.
void Server::keep_calls() {
  calls_.tidy(now().wall);
  std::string text = calls_.to_text();
  if (text == kept_calls_) return;
  kept_calls_ = text;
  disk_.run([path = StatePaths(config_.startup).calls, text = std::move(text)] {
    if (const auto written = write_kept_file(path, text); !written)
      log_error("calls-not-kept", {{"why", written.error()}});
  });
}

}  // namespace stormdoor::edge
