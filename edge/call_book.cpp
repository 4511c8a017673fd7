#include "edge/call_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "edge/kept_file.hpp"

namespace stormdoor::edge {
namespace {

constexpr size_t kMostNumbers = 32;
constexpr size_t kMostNumberLength = 32;
constexpr size_t kMostCallIdBytes = 128;
constexpr std::string_view kEmergencyService = "urn:service:sos";

std::optional<WallTime> time_from(std::string_view text) {
  const auto value = kept_number<int64_t>(text);
  if (!value) return {};
  return WallTime(milliseconds(*value));
}

int64_t number_of(WallTime time) {
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

CallTerms read_call_terms(const ConfigTable& desk) {
  CallTerms terms;
  if (desk.has("emergency_numbers")) terms.emergency_numbers = desk.strings("emergency_numbers");
  const auto is_number = [](const std::string& number) {
    return !number.empty() && number.size() <= kMostNumberLength &&
           number.find_first_not_of("0123456789*#+") == std::string::npos;
  };
  if (terms.emergency_numbers.size() > kMostNumbers ||
      !std::ranges::all_of(terms.emergency_numbers, is_number))
    desk.error_at("emergency_numbers",
                  "these are not up to 32 numbers as they are dialled; write something like "
                  "[\"911\", \"9911\"]");
  terms.emergency_callback = desk.duration("emergency_callback", terms.emergency_callback,
                                           milliseconds{0}, std::chrono::hours(24));
  return terms;
}

bool is_emergency(const CallTerms& terms, std::string_view called) {
  const auto scheme = called.substr(0, kEmergencyService.size());
  const auto number = called.substr(0, called.find(';'));
  return equals_ignoring_case(scheme, kEmergencyService) ||
         std::ranges::find(terms.emergency_numbers, number) != terms.emergency_numbers.end();
}

std::string describe(const PhoneHold& hold) {
  switch (hold.why) {
    case PhoneHold::Why::EmergencyCall:
      return fmt::format("is in an emergency call since {}", format_time(hold.since));
    case PhoneHold::Why::CallBack:
      return fmt::format("made an emergency call and may be called back until {}",
                         format_time(hold.until));
    case PhoneHold::Why::Call:
      return fmt::format("is in a call since {}", format_time(hold.since));
  }
  return "";
}

CallBook::Phone* CallBook::phone_for(const MacAddress& mac, WallTime now) {
  if (const auto known = phones_.find(mac); known != phones_.end()) return &known->second;
  if (phones_.size() >= kMostPhones) tidy(now);
  if (phones_.size() >= kMostPhones) return nullptr;
  return &phones_[mac];
}

void CallBook::add(const MacAddress& mac, Phone& phone, Call call) {
  parties_.emplace(call.id, mac);
  phone.calls.push_back(std::move(call));
}

CallBook::Call CallBook::take(const MacAddress& mac, Phone& phone,
                              std::vector<Call>::iterator call) {
  Call taken = std::move(*call);
  phone.calls.erase(call);
  const auto [first, last] = parties_.equal_range(taken.id);
  const auto party = std::find_if(first, last, [&](const auto& one) { return one.second == mac; });
  STORMDOOR_CHECK(party != last, "whoever is in a call is a party of it");
  parties_.erase(party);
  return taken;
}

// A timer ends a call sooner than the silence, never later: the other side chooses it.
WallTime CallBook::end_of(std::optional<WallTime> timer, WallTime now) const {
  const WallTime silence = now + terms_.silence;
  return timer ? std::min(*timer, silence) : silence;
}

void CallBook::note_begun(const MacAddress& mac, const std::string& call_id, bool made,
                          std::string_view called, std::optional<WallTime> until, WallTime now) {
  Phone* phone = phone_for(mac, now);
  if (phone == nullptr) return;
  const WallTime end_at = end_of(until, now);
  const auto known = std::ranges::find(phone->calls, call_id, &Call::id);
  if (known != phone->calls.end()) {
    known->until = end_at;
    return;
  }
  if (phone->calls.size() >= kMostCalls) {
    const auto first = std::ranges::min_element(phone->calls, {}, &Call::until);
    end(*phone, take(mac, *phone, first), now);
  }
  const bool emergency = made && edge::is_emergency(terms_, called);
  add(mac, *phone, {call_id, now, end_at, emergency});
  if (emergency) emergency_news_ = true;
}

// The last one counts: a second emergency call is called back, too.
void CallBook::end(Phone& phone, const Call& call, WallTime when) {
  if (!call.emergency) return;
  emergency_news_ = true;
  if (terms_.emergency_callback.count() == 0) return;
  phone.emergency_ended = when;
  phone.callback_until = std::max(phone.callback_until, when + terms_.emergency_callback);
}

void CallBook::note_over(const std::string& call_id, WallTime now) {
  for (auto party = parties_.find(call_id); party != parties_.end();
       party = parties_.find(call_id)) {
    const MacAddress mac = party->second;
    Phone& phone = phones_.at(mac);
    end(phone, take(mac, phone, std::ranges::find(phone.calls, call_id, &Call::id)), now);
    if (phone.empty()) phones_.erase(mac);
  }
}

void CallBook::tidy(WallTime now) {
  for (auto entry = phones_.begin(); entry != phones_.end();) {
    auto& [mac, phone] = *entry;
    for (size_t i = phone.calls.size(); i-- > 0;) {
      if (now < phone.calls[i].until) continue;
      const Call over = take(mac, phone, phone.calls.begin() + ptrdiff_t(i));
      end(phone, over, over.until);
    }
    if (phone.emergency_ended && phone.callback_until <= now) phone.emergency_ended.reset();
    entry = phone.empty() ? phones_.erase(entry) : std::next(entry);
  }
}

std::optional<PhoneHold> CallBook::hold_of(const MacAddress& mac, WallTime now) const {
  using Why = PhoneHold::Why;
  const auto known = phones_.find(mac);
  if (known == phones_.end()) return {};
  const Phone& phone = known->second;
  std::optional<PhoneHold> hold;
  const auto add = [&](Why why, WallTime since, WallTime until) {
    if (until <= now) return;
    if (!hold || why < hold->why) hold = {why, since, until};
  };
  for (const Call& call : phone.calls) {
    add(call.emergency ? Why::EmergencyCall : Why::Call, call.since, call.until);
    // One that nobody heard the end of is called back all the same.
    if (call.emergency) add(Why::CallBack, call.until, call.until + terms_.emergency_callback);
  }
  if (phone.emergency_ended) add(Why::CallBack, *phone.emergency_ended, phone.callback_until);
  return hold;
}

CallBook::Counts CallBook::counts(WallTime now) const {
  Counts counts;
  for (const auto& [mac, phone] : phones_) {
    const auto hold = hold_of(mac, now);
    if (!hold) continue;
    ++counts.phones;
    if (hold->is_emergency()) ++counts.emergencies;
  }
  return counts;
}

std::string CallBook::to_text() const {
  std::string text;
  for (const auto& [mac, phone] : phones_) {
    for (const Call& call : phone.calls)
      text += fmt::format("call {} {} {} {} {}\n", mac.to_string(), number_of(call.since),
                          number_of(call.until), call.emergency ? "emergency" : "ordinary",
                          kept_text(call.id));
    if (phone.emergency_ended)
      text += fmt::format("call-back {} {} {}\n", mac.to_string(),
                          number_of(*phone.emergency_ended), number_of(phone.callback_until));
  }
  return text;
}

void CallBook::restore(std::string_view text, WallTime now) {
  for (const std::string_view line : split(text, '\n'))
    if (!line.empty()) restore_line(line, now);
  tidy(now);
}

void CallBook::restore_line(std::string_view line, WallTime now) {
  const auto fields = split(line, ' ');
  if (fields.size() != 4 && fields.size() != 6) return;
  const auto mac = MacAddress::parse(fields[1]);
  const auto since = time_from(fields[2]);
  const auto until = time_from(fields[3]);
  if (!mac || !since || !until) return;
  if (fields.size() == 4 && fields[0] == "call-back") {
    if (Phone* phone = phone_for(*mac, now)) {
      phone->emergency_ended = *since;
      phone->callback_until = *until;
    }
    return;
  }
  if (fields.size() != 6 || fields[0] != "call") return;
  auto id = kept_bytes(fields[5], kMostCallIdBytes);
  if (!id || id->empty() || (fields[4] != "emergency" && fields[4] != "ordinary")) return;
  Phone* phone = phone_for(*mac, now);
  if (phone != nullptr && phone->calls.size() < kMostCalls)
    add(*mac, *phone, {std::move(*id), *since, end_of(until, now), fields[4] == "emergency"});
}

}  // namespace stormdoor::edge
