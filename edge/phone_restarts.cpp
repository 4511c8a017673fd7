#include "edge/phone_restarts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stormdoor::edge {
namespace {

std::string ago(WallTime then, WallTime now) {
  return format_duration(std::max(now - then, milliseconds{0}));
}

}  // namespace

std::string describe(const PhoneRestart& restart, WallTime now) {
  if (restart.back)
    return fmt::format("back since {}, after {}", ago(*restart.back, now),
                       ago(restart.asked, *restart.back));
  std::string text;
  if (restart.told) text = fmt::format("told {} ago", ago(*restart.told, now));
  if (restart.fetched)
    text += fmt::format("{}fetched {} ago", text.empty() ? "" : ", ", ago(*restart.fetched, now));
  if (restart.registered)
    text +=
        fmt::format("{}registered {} ago", text.empty() ? "" : ", ", ago(*restart.registered, now));
  text += text.empty() ? "" : ", not back";
  if (restart.by_hand || (!restart.told && !restart.trouble.empty())) {
    const char* what = restart.by_hand ? "restart by hand: " : "not told yet: ";
    if (restart.trouble.empty()) return what + text;
    return what + restart.trouble + (text.empty() ? "" : " (" + text + ")");
  }
  return text.empty() ? "being told" : text;
}

PhoneRestarts::Entry& PhoneRestarts::fresh(const MacAddress& mac, WallTime due) {
  Entry& entry = phones_[mac];
  due_.erase({entry.due, mac});
  entry = Entry{};
  entry.due = due;
  due_.emplace(due, mac);
  return entry;
}

void PhoneRestarts::begin(const MacAddress& mac, RestartHow how, bool excused, WallTime now) {
  const Entry* known = phones_.peek(mac);
  // Asked for by hand while its lease is open: that still says when it is back.
  const bool lease = excused || (known != nullptr && known->excused && !known->back);
  Entry& entry = fresh(mac, now);
  entry.how = how;
  entry.excused = lease;
  entry.asked = now;
}

void PhoneRestarts::resume(const MacAddress& mac, WallTime now) {
  Entry& entry = fresh(mac, now + again_after_);
  entry.excused = true;
  entry.asked = now;
}

PhoneRestarts::Entry* PhoneRestarts::pending(const MacAddress& mac) {
  if (phones_.peek(mac) == nullptr) return nullptr;
  Entry* entry = phones_.find(mac);
  return entry->back ? nullptr : entry;
}

void PhoneRestarts::put_off(const MacAddress& mac, Entry& entry, WallTime until) {
  due_.erase({entry.due, mac});
  entry.due = until;
  due_.emplace(until, mac);
}

std::vector<MacAddress> PhoneRestarts::take_due(WallTime now) {
  std::vector<MacAddress> all;
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto [due, mac] = *due_.begin();
    due_.erase(due_.begin());
    Entry* entry = pending(mac);
    if (entry == nullptr || entry->due != due) continue;  // forgotten for want of room
    if (entry->attempts > retries_) {
      leave_to_people(mac, *entry);
      continue;
    }
    ++entry->attempts;
    put_off(mac, *entry, now + again_after_);
    all.push_back(mac);
  }
  return all;
}

void PhoneRestarts::note_told(const MacAddress& mac, std::string way, WallTime now) {
  Entry* entry = pending(mac);
  if (entry == nullptr) return;
  entry->told = now;
  entry->way = std::move(way);
  entry->trouble.clear();
  entry->by_hand = false;
}

void PhoneRestarts::leave_to_people(const MacAddress& mac, Entry& entry) {
  if (!std::exchange(entry.by_hand, true)) by_hand_.push_back(mac);
}

void PhoneRestarts::note_trouble(const MacAddress& mac, std::string trouble, bool no_way) {
  Entry* entry = pending(mac);
  if (entry == nullptr) return;
  entry->trouble = std::move(trouble);
  if (no_way) leave_to_people(mac, *entry);
}

void PhoneRestarts::note_waits(const MacAddress& mac, std::string why, WallTime until) {
  Entry* entry = pending(mac);
  if (entry == nullptr) return;
  if (entry->attempts > 0) --entry->attempts;
  entry->trouble = std::move(why);
  put_off(mac, *entry, until);
}

void PhoneRestarts::note_fetched(const MacAddress& mac, WallTime now) {
  Entry* entry = pending(mac);
  if (entry == nullptr) return;
  entry->fetched = now;
  if (!entry->excused && (entry->told || entry->by_hand)) note_back(mac, now);
}

void PhoneRestarts::note_registered(const MacAddress& mac, WallTime now) {
  Entry* entry = pending(mac);
  if (entry == nullptr) return;
  entry->registered = now;
}

void PhoneRestarts::note_back(const MacAddress& mac, WallTime now) {
  Entry* entry = pending(mac);
  if (entry == nullptr) return;
  entry->back = now;
  entry->by_hand = false;
  due_.erase({entry->due, mac});
}

}  // namespace stormdoor::edge
