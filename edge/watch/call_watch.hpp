#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
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
  IpAddress client;     // the end that is no PBX: whom a call is put down to
  bool proven = false;  // whoever sends this request has shown to receive there (promise 4)
};

// SIP messages in, calls out: when one begins, how long it may go on unheard, and when it is over
// (RFC 3261 sections 12 to 15, RFC 4028). Owned by SipWatch, used by one thread; the report is
// called from within on_message().
//
// A call is known by its Call-ID, which is the same on all legs of a proxy; a PBX that makes two
// calls of one makes two here. An INVITE alone is anybody's claim, and 100 says no more than that
// it came: a call begins when it rings or is answered, and with 100 only where the caller has
// proven its address. Answers to what nobody asked begin nothing. It is over when a BYE of its last
// dialog (RFC 3261 section 12) is answered, when every leg is refused, when its session timer runs
// out, or, unanswered, kRingingUs after the last sign of ringing. Whoever cannot see the call
// cannot end it: neither Call-ID nor tags are to be guessed.
//
// Holds at most `calls`, and `calls_per_source` put down to one client's address, whose own then go
// first, so that a flood through the PBX costs nobody who is not called; kMostLegs of each, and as
// many dialogs. A call that is forgotten begins anew with its next re-INVITE. A phone that rings in
// vain while another one answers counts as ringing up to kRingingUs longer.
class CallWatch final {
 public:
  static constexpr size_t kMostLegs = 8;
  // Timer C of proxies (RFC 3261 section 16.6), and a little more.
  static constexpr int64_t kRingingUs = int64_t{200} * 1'000'000;
  // Every further sign of ringing starts Timer C anew; so often at most that is told.
  static constexpr int64_t kRingsOnUs = int64_t{60} * 1'000'000;
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
    bool proven = false;  // who calls has shown to receive there
    std::optional<int64_t> told_us = {};
  };
  struct Call {
    std::string from, called, call_id;
    uint64_t caller_tag = 0;  // its hash, as all of these
    std::vector<Leg> legs;
    std::vector<uint64_t> dialogs;  // that were answered and are not over
    bool answered = false;
  };

  void on_invite(const SipMessage& message, const SipHop& hop);
  void on_invite_answer(const SipMessage& message, const SipHop& hop);
  void on_refusal(Call& call, const SipMessage& message, const SipHop& hop);
  void on_update_answer(const SipMessage& message, const SipHop& hop);
  void on_bye_answer(const SipMessage& message, const SipHop& hop);
  // Of the dialog that `message` names; the call is over with its last.
  void end_dialog(Call& call, const SipMessage& message, const SipHop& hop);
  void end(const Call& call, const SipMessage& message, const SipHop& hop);
  static bool lies_between(const Leg& leg, const Endpoint& caller, const Endpoint& callee,
                           bool with_ports);
  static Leg* leg_of(Call& call, const Endpoint& caller, const Endpoint& callee, bool with_ports);
  static Leg* leg_of_answer(Call& call, const SipHop& hop);
  // nullptr when there are too many.
  static Leg* add_leg(Call& call, const Endpoint& caller, const Endpoint& callee, bool tcp);
  void tell_begun(const Call& call, Leg& leg, int64_t time_us, int64_t until_us);
  void tell_over(const std::string& call_id, const SipHop& hop);
  [[nodiscard]] uint64_t key_of(const SipMessage& message) const;
  [[nodiscard]] uint64_t hash_of_tag(std::string_view tag) const;
  [[nodiscard]] uint64_t dialog_of(const SipMessage& message) const;

  Report report_;
  HashKey hash_key_ = HashKey::random();
  FairMap<uint64_t, Call> calls_;
};

}  // namespace stormdoor::edge::watch
