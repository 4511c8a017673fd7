#include "edge/watch/call_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace stormdoor::edge::watch {
namespace {

constexpr size_t kMostCallId = 128;

std::string text_of(std::string_view text, size_t most) {
  return std::string(text.substr(0, most));
}

// 0: nobody knows when it is over.
int64_t end_of_session(const SipMessage& answer, int64_t now_us) {
  if (!answer.session_expires_seconds) return 0;
  return now_us + int64_t{*answer.session_expires_seconds} * 1'000'000 + CallWatch::kTimerGraceUs;
}

// Whoever is answered like this tries again with the same Call-ID: with credentials, a longer
// timer, or a little later.
bool is_asked_again(uint16_t status) {
  return status == 401 || status == 407 || status == 422 || status == 491;
}

// The other side knows nothing of this call (any more), RFC 3261 section 12.2.1.2.
bool is_gone(uint16_t status) {
  return status == 481 || status == 408;
}

}  // namespace

CallWatch::CallWatch(size_t calls, size_t calls_per_source, Report report)
    : report_(std::move(report)), calls_(calls, calls_per_source) {}

void CallWatch::on_message(const SipMessage& message, const SipHop& hop) {
  if (message.is_request()) {
    if (message.method == "INVITE") on_invite(message, hop);
  } else if (message.method == "INVITE") {
    on_invite_answer(message, hop);
  } else if (message.method == "UPDATE") {
    on_update_answer(message, hop);
  } else if (message.method == "BYE") {
    on_bye_answer(message, hop);
  }
}

void CallWatch::on_invite(const SipMessage& message, const SipHop& hop) {
  const uint64_t key = key_of(message);
  const bool inside = !message.to_tag.empty();
  // One inside of a call that we know changes nothing before it is answered. One that we do not
  // know began before us, or was forgotten.
  if (inside && calls_.find(key) != nullptr) return;
  Call& call = calls_.insert(key, hop.client);
  if (call.call_id.empty()) {
    call.call_id = text_of(message.call_id, kMostCallId);
    call.from = text_of(message.from_user, kMostAccountText);
    call.called = text_of(inside ? message.to_user : message.request_user, kMostAccountText);
    call.caller_tag = hash_of_tag(message.from_tag);
  }
  Leg* leg = leg_of(call, hop.from, hop.to, true);
  if (leg == nullptr) leg = add_leg(call, hop.from, hop.to, hop.tcp);
  if (leg != nullptr && hop.proven) leg->proven = true;
}

void CallWatch::on_invite_answer(const SipMessage& message, const SipHop& hop) {
  Call* call = calls_.find(key_of(message));
  if (call == nullptr) return;
  if (message.status >= 300) return on_refusal(*call, message, hop);
  Leg* leg = leg_of_answer(*call, hop);
  if (leg == nullptr) leg = add_leg(*call, hop.to, hop.from, hop.tcp);
  if (leg == nullptr) return;
  if (message.status >= 200) {
    call->answered = true;
    const uint64_t dialog = dialog_of(message);
    const bool known = std::ranges::find(call->dialogs, dialog) != call->dialogs.end();
    if (!known && call->dialogs.size() < kMostLegs) call->dialogs.push_back(dialog);
    return tell_begun(*call, *leg, hop.time_us, end_of_session(message, hop.time_us));
  }
  if (call->answered || (message.status == 100 && !leg->proven)) return;
  const bool rings_on =
      leg->told_us && message.status > 100 && hop.time_us - *leg->told_us >= kRingsOnUs;
  if (!leg->told_us || rings_on) tell_begun(*call, *leg, hop.time_us, hop.time_us + kRingingUs);
}

void CallWatch::on_refusal(Call& call, const SipMessage& message, const SipHop& hop) {
  if (call.answered) {  // of a re-INVITE: the call goes on as it was
    if (is_gone(message.status)) end_dialog(call, message, hop);
    return;
  }
  if (is_asked_again(message.status)) return;
  // A proxy may try others still; the leg of whoever calls is the last to be refused.
  const bool told =
      std::ranges::any_of(call.legs, [](const Leg& leg) { return leg.told_us.has_value(); });
  if (const Leg* leg = leg_of_answer(call, hop))
    call.legs.erase(call.legs.begin() + (leg - call.legs.data()));
  if (!call.legs.empty()) return;
  if (told) return end(call, message, hop);
  calls_.erase(key_of(message));
}

void CallWatch::on_update_answer(const SipMessage& message, const SipHop& hop) {
  Call* call = calls_.find(key_of(message));
  if (call == nullptr || !call->answered) return;
  if (is_gone(message.status)) return end_dialog(*call, message, hop);
  if (message.status < 200 || message.status >= 300 || !message.session_expires_seconds) return;
  // Either side may refresh.
  if (Leg* leg = leg_of_answer(*call, hop))
    tell_begun(*call, *leg, hop.time_us, end_of_session(message, hop.time_us));
}

void CallWatch::on_bye_answer(const SipMessage& message, const SipHop& hop) {
  const bool over = (message.status >= 200 && message.status < 300) || is_gone(message.status);
  if (!over) return;
  if (Call* call = calls_.find(key_of(message))) return end_dialog(*call, message, hop);
  // It may have been told before we were started anew, or was forgotten.
  tell_over(text_of(message.call_id, kMostCallId), hop);
}

void CallWatch::end_dialog(Call& call, const SipMessage& message, const SipHop& hop) {
  if (!call.answered) {  // whoever calls may hang up before (RFC 3261 section 15)
    const bool of_this_call = hash_of_tag(message.from_tag) == call.caller_tag ||
                              hash_of_tag(message.to_tag) == call.caller_tag;
    if (of_this_call) end(call, message, hop);
  } else if (std::erase(call.dialogs, dialog_of(message)) > 0 && call.dialogs.empty()) {
    end(call, message, hop);
  }
}

void CallWatch::end(const Call& call, const SipMessage& message, const SipHop& hop) {
  tell_over(call.call_id, hop);
  calls_.erase(key_of(message));
}

bool CallWatch::lies_between(const Leg& leg, const Endpoint& caller, const Endpoint& callee,
                             bool with_ports) {
  const auto same = [with_ports](const Endpoint& one, const Endpoint& other) {
    return with_ports ? one == other : one.address == other.address;
  };
  return same(leg.caller, caller) && same(leg.callee, callee);
}

// Over UDP an answer may go to another port than its request came from (RFC 3581), and the port of
// the request is where the phone is.
CallWatch::Leg* CallWatch::leg_of(Call& call, const Endpoint& caller, const Endpoint& callee,
                                  bool with_ports) {
  for (Leg& leg : call.legs) {
    // Inside of a call either side may ask.
    const bool swapped = call.answered && lies_between(leg, callee, caller, with_ports);
    if (swapped || lies_between(leg, caller, callee, with_ports)) return &leg;
  }
  return nullptr;
}

CallWatch::Leg* CallWatch::leg_of_answer(Call& call, const SipHop& hop) {
  Leg* leg = leg_of(call, hop.to, hop.from, true);
  return leg != nullptr || hop.tcp ? leg : leg_of(call, hop.to, hop.from, false);
}

CallWatch::Leg* CallWatch::add_leg(Call& call, const Endpoint& caller, const Endpoint& callee,
                                   bool tcp) {
  if (call.legs.size() == kMostLegs) return nullptr;
  return &call.legs.emplace_back(Leg{caller, callee, tcp});
}

void CallWatch::tell_begun(const Call& call, Leg& leg, int64_t time_us, int64_t until_us) {
  leg.told_us = time_us;
  CallSeen seen;
  seen.what = CallSeen::What::Begun;
  seen.caller = leg.caller.address;
  seen.caller_port = leg.caller.port;
  seen.callee = leg.callee.address;
  seen.callee_port = leg.callee.port;
  seen.tcp = leg.tcp;
  seen.time_us = time_us;
  seen.until_us = until_us;
  seen.from = call.from;
  seen.called = call.called;
  seen.call_id = call.call_id;
  report_(seen);
}

void CallWatch::tell_over(const std::string& call_id, const SipHop& hop) {
  CallSeen seen;
  seen.what = CallSeen::What::Over;
  seen.caller = hop.to.address;
  seen.caller_port = hop.to.port;
  seen.callee = hop.from.address;
  seen.callee_port = hop.from.port;
  seen.tcp = hop.tcp;
  seen.time_us = hop.time_us;
  seen.call_id = call_id;
  report_(seen);
}

uint64_t CallWatch::key_of(const SipMessage& message) const {
  return keyed_hash(hash_key_, message.call_id.substr(0, kMostCallId));
}

uint64_t CallWatch::hash_of_tag(std::string_view tag) const {
  return keyed_hash(hash_key_, tag);
}

// Whichever side speaks.
uint64_t CallWatch::dialog_of(const SipMessage& message) const {
  const auto [less, more] = std::minmax(message.from_tag, message.to_tag);
  return keyed_hash(hash_key_, fmt::format("{} {}", less, more));
}

}  // namespace stormdoor::edge::watch
