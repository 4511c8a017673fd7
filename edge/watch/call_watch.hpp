#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/keyed_hash.hpp"
#include "edge/messages_watch.hpp"
#include "edge/watch/fair_map.hpp"
#include "edge/watch/sip_message.hpp"

namespace stormdoor::edge::watch {

// How a message came by.
struct SipHop {
  Endpoint from;
  Endpoint to;
  bool tcp = false;
  int64_t time_us = 0;
};

// SIP messages in, calls out: when one begins, how long it may go on unheard, and when it is over
// (RFC 3261 sections 12 to 15, RFC 4028). Owned by SipWatch, used by one thread; the report is
// called from within on_message().
//
// A call is known by its Call-ID, which is the same on all legs of a proxy; a PBX that makes two
// calls of one makes two here. It begins with the first answer that does not refuse it, since an
// INVITE alone is anybody's claim, and is over when a BYE is answered, when every leg is refused,
// when its session timer runs out, or, without an answer, after kRingingUs. Whoever cannot see the
// call cannot end it: a Call-ID is not to be guessed.
//
// Holds at most `calls`, and `calls_per_source` put down to one caller's address, whose own then go
// first; kMostLegs of each. A call that is forgotten begins anew with its next re-INVITE.
class CallWatch final {
 public:
  static constexpr size_t kMostLegs = 8;
  // Timer C of proxies (RFC 3261 section 16.6), and a little more.
  static constexpr int64_t kRingingUs = int64_t{200} * 1'000'000;
  // Who does not refresh hangs up so long before the timer ends at most (RFC 4028 section 10).
  static constexpr int64_t kTimerGraceUs = int64_t{32} * 1'000'000;

  using Report = std::function<void(const CallSeen&)>;

  CallWatch(size_t calls, size_t calls_per_source, Report report);

  void on_message(const SipMessage& message, const SipHop& hop);
  [[nodiscard]] uint64_t evictions() const { return calls_.evictions(); }

 private:
  struct Leg {
    Endpoint caller, callee;
    bool tcp = false;
    bool told = false;
  };
  struct Call {
    std::string from, called, call_id;
    std::vector<Leg> legs;
    bool answered = false;
  };

  void on_invite(const SipMessage& message, const SipHop& hop);
  void on_invite_answer(const SipMessage& message, const SipHop& hop);
  void on_refusal(uint64_t key, Call& call, const SipMessage& message, const SipHop& hop);
  void on_update_answer(const SipMessage& message, const SipHop& hop);
  void on_bye_answer(const SipMessage& message, const SipHop& hop);
  // The leg of an INVITE from `caller` to `callee`, new if need be; nullptr when there are too
  // many.
  static Leg* leg_of(Call& call, const Endpoint& caller, const Endpoint& callee, bool tcp);
  void tell_begun(const Call& call, Leg& leg, int64_t time_us, int64_t until_us);
  void tell_over(const std::string& call_id, const SipHop& hop);
  [[nodiscard]] uint64_t key_of(const SipMessage& message) const;

  Report report_;
  HashKey hash_key_ = HashKey::random();
  FairMap<uint64_t, Call> calls_;
};

}  // namespace stormdoor::edge::watch
