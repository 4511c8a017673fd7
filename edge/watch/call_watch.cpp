#include "edge/watch/call_watch.hpp"

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
    // One inside of a call changes nothing before it is answered.
    if (message.method == "INVITE" && message.to_tag.empty()) on_invite(message, hop);
  } else if (message.method == "INVITE") {
    on_invite_answer(message, hop);
  } else if (message.method == "UPDATE") {
    on_update_answer(message, hop);
  } else if (message.method == "BYE") {
    on_bye_answer(message, hop);
  }
}

void CallWatch::on_invite(const SipMessage& message, const SipHop& hop) {
  Call& call = calls_.insert(key_of(message), hop.from.address);
  if (call.call_id.empty()) {
    call.call_id = text_of(message.call_id, kMostCallId);
    call.from = text_of(message.from_user, kMostAccountText);
    call.called = text_of(message.request_user, kMostAccountText);
  }
  (void)leg_of(call, hop.from, hop.to, hop.tcp);
}

void CallWatch::on_invite_answer(const SipMessage& message, const SipHop& hop) {
  const uint64_t key = key_of(message);
  const bool accepted = message.status >= 200 && message.status < 300;
  Call* call = calls_.find(key);
  if (call == nullptr) {
    // A call that began before we did, or was forgotten: whoever is told that it goes on, goes on.
    if (!accepted) return;
    call = &calls_.insert(key, hop.to.address);
    call->call_id = text_of(message.call_id, kMostCallId);
    call->from = text_of(message.from_user, kMostAccountText);
    call->called = text_of(message.to_user, kMostAccountText);
  }
  if (message.status >= 300) return on_refusal(key, *call, message, hop);
  Leg* leg = leg_of(*call, hop.to, hop.from, hop.tcp);
  if (leg == nullptr) return;
  if (accepted) {
    call->answered = true;
    tell_begun(*call, *leg, hop.time_us, end_of_session(message, hop.time_us));
  } else if (!leg->told && !call->answered) {
    tell_begun(*call, *leg, hop.time_us, hop.time_us + kRingingUs);
  }
}

void CallWatch::on_refusal(uint64_t key, Call& call, const SipMessage& message, const SipHop& hop) {
  if (call.answered) {  // of a re-INVITE: the call goes on as it was
    if (is_gone(message.status)) {
      tell_over(call.call_id, hop);
      calls_.erase(key);
    }
    return;
  }
  if (is_asked_again(message.status)) return;
  // A proxy may try others still; the leg of whoever calls is the last to be refused.
  const bool told = std::ranges::any_of(call.legs, &Leg::told);
  std::erase_if(call.legs,
                [&](const Leg& leg) { return leg.caller == hop.to && leg.callee == hop.from; });
  if (!call.legs.empty()) return;
  if (told) tell_over(call.call_id, hop);
  calls_.erase(key);
}

void CallWatch::on_update_answer(const SipMessage& message, const SipHop& hop) {
  const uint64_t key = key_of(message);
  Call* call = calls_.find(key);
  if (call == nullptr || !call->answered) return;
  if (is_gone(message.status)) {
    tell_over(call->call_id, hop);
    calls_.erase(key);
  } else if (message.status >= 200 && message.status < 300 && message.session_expires_seconds) {
    // Either side may refresh: whatever leg lies between the two.
    for (Leg& leg : call->legs) {
      const bool between = (leg.caller == hop.to && leg.callee == hop.from) ||
                           (leg.caller == hop.from && leg.callee == hop.to);
      if (between) tell_begun(*call, leg, hop.time_us, end_of_session(message, hop.time_us));
    }
  }
}

// Also of a call that we do not know: it may have been told before we were started anew.
void CallWatch::on_bye_answer(const SipMessage& message, const SipHop& hop) {
  const bool over = (message.status >= 200 && message.status < 300) || is_gone(message.status);
  if (!over) return;
  tell_over(text_of(message.call_id, kMostCallId), hop);
  calls_.erase(key_of(message));
}

CallWatch::Leg* CallWatch::leg_of(Call& call, const Endpoint& caller, const Endpoint& callee,
                                  bool tcp) {
  for (Leg& leg : call.legs) {
    const bool same = (leg.caller == caller && leg.callee == callee) ||
                      (call.answered && leg.caller == callee && leg.callee == caller);
    if (same) return &leg;
  }
  if (call.legs.size() == kMostLegs) return nullptr;
  return &call.legs.emplace_back(Leg{caller, callee, tcp, false});
}

void CallWatch::tell_begun(const Call& call, Leg& leg, int64_t time_us, int64_t until_us) {
  leg.told = true;
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

}  // namespace stormdoor::edge::watch
