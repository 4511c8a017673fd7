#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/config_reader.hpp"
#include "base/mac_address.hpp"

// Which phones speak, so that nobody is logged out, and no phone restarted, in the middle of a call
// or while an emergency service may call back (promise 9). Pure: time is a parameter.
namespace stormdoor::edge {

// [desk] emergency_numbers and emergency_callback, [watch] call_silence.
struct CallTerms {
  std::vector<std::string> emergency_numbers = {"911", "112", "999", "000"};
  milliseconds emergency_callback = std::chrono::minutes(30);
  // A call that is not heard of for so long is taken to be over, whatever its session timer says.
  milliseconds silence = std::chrono::hours(4);
  bool operator==(const CallTerms&) const = default;
};
// `silence` is left as it is.
[[nodiscard]] CallTerms read_call_terms(const ConfigTable& desk);
// One of these numbers, with or without parameters (RFC 3261 section 19.1.6), or an emergency
// service by name (RFC 5031).
[[nodiscard]] bool is_emergency(const CallTerms& terms, std::string_view called);

// What keeps a phone as it is.
struct PhoneHold {
  // The strictest first: one that has two reasons names the first.
  enum class Why : uint8_t { EmergencyCall, CallBack, Call };
  Why why = Why::Call;
  WallTime since;  // of the call; CallBack: its end
  WallTime until;  // at the latest
  [[nodiscard]] bool is_emergency() const { return why != Why::Call; }
};
// "is in a call since 2026-11-26T14:02:11Z"; "made an emergency call and may be called back until
// ..."
[[nodiscard]] std::string describe(const PhoneHold& hold);

// The calls of our phones as stormdoor-watch tells them. Used by one thread.
//
// Bounds: a phone has at most kMostCalls calls, of which the one that ends soonest goes first; all
// phones together kMostPhones, then the calls of others are not kept. Only who speaks from where a
// phone of ours is known to be gets in here at all.
class CallBook {
 public:
  static constexpr size_t kMostCalls = 16;
  static constexpr size_t kMostPhones = 32'768;

  explicit CallBook(CallTerms terms) : terms_(std::move(terms)) {}
  void set_terms(CallTerms terms) { terms_ = std::move(terms); }

  // A call of this phone has begun, or goes on. `made`: the phone is who calls. `until`: nothing
  // when there is no timer.
  void note_begun(const MacAddress& phone, const std::string& call_id, bool made,
                  std::string_view called, std::optional<WallTime> until, WallTime now);
  // Costs little when nobody is in such a call.
  void note_over(const std::string& call_id, WallTime now);
  // Whether an emergency call has begun or ended since this was last asked: to be kept at once.
  [[nodiscard]] bool take_emergency_news() { return std::exchange(emergency_news_, false); }
  // Forgets what is past.
  void tidy(WallTime now);

  [[nodiscard]] std::optional<PhoneHold> hold_of(const MacAddress& phone, WallTime now) const;
  // Phones that are held, and of those, by an emergency.
  struct Counts {
    size_t phones = 0, emergencies = 0;
  };
  [[nodiscard]] Counts counts(WallTime now) const;

  // For a restart: one line per call and call-back.
  [[nodiscard]] std::string to_text() const;
  // Lines that are not exactly so are left out, and what is past.
  void restore(std::string_view text, WallTime now);

 private:
  struct Call {
    std::string id;
    WallTime since;
    WallTime until;
    bool emergency = false;
  };
  struct Phone {
    std::vector<Call> calls;
    std::optional<WallTime> emergency_ended;
    WallTime callback_until;
    [[nodiscard]] bool empty() const { return calls.empty() && !emergency_ended; }
  };
  [[nodiscard]] WallTime end_of(std::optional<WallTime> timer, WallTime now) const;
  Phone* phone_for(const MacAddress& mac, WallTime now);
  void add(const MacAddress& mac, Phone& phone, Call call);
  Call take(const MacAddress& mac, Phone& phone, std::vector<Call>::iterator call);
  void end(Phone& phone, const Call& call, WallTime when);
  void restore_line(std::string_view line, WallTime now);

  CallTerms terms_;
  bool emergency_news_ = false;
  std::map<MacAddress, Phone> phones_;
  // Who is in a call, by its name: strangers can have ends told of calls that nobody has.
  std::multimap<std::string, MacAddress, std::less<>> parties_;
};

}  // namespace stormdoor::edge
