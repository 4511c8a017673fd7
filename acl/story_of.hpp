#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "acl/journal_event.hpp"

namespace stormdoor::acl {

// Whom `why` is asked about: a phone by its MAC, a person by extension, an address; what is given
// counts, any of it.
struct Subject {
  std::optional<IpAddress> address;
  std::optional<MacAddress> mac;
  std::string account;
};
// Whether the event is part of its story: its own, a block around its address, a start of stormdoor
// (counts began anew then).
[[nodiscard]] bool is_about(const JournalEvent& event, const Subject& subject);

// One event as a sentence without its time. What strangers sent is made printable.
[[nodiscard]] std::string sentence_of(const JournalEvent& event);

// What the journal's events (oldest first) tell about somebody, in an administrator's words: one
// line each, newest first, the same one again in the same line; at most kMostStoryLines. What
// strangers sent is made printable.
inline constexpr size_t kMostStoryLines = 50;
[[nodiscard]] std::vector<std::string> tell_story(std::span<const JournalEvent> events,
                                                  WallTime now);

}  // namespace stormdoor::acl
