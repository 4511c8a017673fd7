#include "acl/story_of.hpp"

#include <algorithm>

#include "acl/wording.hpp"
#include "base/text.hpp"

namespace stormdoor::acl {
namespace {

std::string from(const JournalEvent& event) {
  return event.source ? say(" from ", event.source->to_string()) : "";
}
std::string by(const JournalEvent& event) {
  return event.device ? say(", phone ", event.device->to_string()) : "";
}
std::string named(const JournalEvent& event) {
  return event.account.empty() ? "" : say(", account \"", printable(event.account, 48), "\"");
}
std::string because(const JournalEvent& event) {
  return event.text.empty() ? "" : say(": ", printable(event.text, 200));
}
std::string until(const JournalEvent& event) {
  return event.until == WallTime::max() ? "removed" : format_time(event.until);
}

std::string what_was_said(const JournalEvent& event) {
  const auto& said = event.said;
  if (said.forgiven) return "forgiven: the phone has a lease";
  if (event.standing == Standing::Stale) return "not counted: it used its previous password";
  if (said.repeated) return "the same mistake as before, not counted again";
  if (event.proof == PathProof::None)
    return "not counted: nothing shows that the address is its own";
  if (!said.counted) return "not counted";
  return say(said.failures, " of ", said.limit, said.sweep ? " for a sweep" : "");
}

std::string whom(const JournalEvent& event) {
  const std::string source = event.prefix ? event.prefix->to_string() : std::string("somebody");
  return event.account.empty() ? source : say("\"", printable(event.account, 48), "\" at ", source);
}

}  // namespace

std::string sentence_of(const JournalEvent& event) {
  switch (event.kind) {
    case JournalKind::Started:
      return "stormdoor started; counts began anew";
    case JournalKind::Failure:
      return say(to_string(event.failure), " with ", to_string(event.service), from(event),
                 by(event), named(event), " (", what_was_said(event), ")");
    case JournalKind::Success:
      return say(to_string(event.service), " went well", from(event), by(event), named(event));
    case JournalKind::Block:
      return say(
          whom(event),
          event.by_administrator ? " was blocked by an administrator for " : " was blocked for ",
          to_string(event.service), " until ", until(event), because(event));
    case JournalKind::Unblock:
      return say(whom(event), " was let in again for ", to_string(event.service), because(event));
    case JournalKind::LeaseOpened:
      return say("a lease was opened", by(event), named(event), " until ", until(event),
                 because(event));
    case JournalKind::LeaseClosed:
      return say("its lease was closed", by(event), ", ", event.count, " mistakes were forgiven");
    case JournalKind::LeaseExpired:
      return say("its lease expired and the phone has not come back", by(event), named(event));
    case JournalKind::RulesLoaded:
      return say("access rules were loaded", because(event));
    case JournalKind::BindingConflict:
      return say("the address was claimed by another MAC as well", from(event), by(event),
                 because(event));
    case JournalKind::Gap:
      return say(event.count, " events could not be written down");
  }
  return {};
}

namespace {

// All but when, and how often.
bool same(const JournalEvent& a, const JournalEvent& b) {
  return a.kind == b.kind && a.service == b.service && a.source == b.source &&
         a.device == b.device && a.account == b.account && a.failure == b.failure &&
         a.fingerprint == b.fingerprint && a.prefix == b.prefix && a.text == b.text &&
         a.said.counted == b.said.counted;
}

bool is_repeatable(JournalKind kind) {
  return kind == JournalKind::Failure || kind == JournalKind::Success;
}

}  // namespace

bool is_about(const JournalEvent& event, const Subject& subject) {
  if (event.kind == JournalKind::Started) return true;
  if (subject.mac && event.device == subject.mac) return true;
  if (!subject.account.empty() && event.account == subject.account) return true;
  if (!subject.address) return false;
  return event.source == subject.address ||
         (event.prefix && event.prefix->contains(*subject.address));
}

std::vector<std::string> tell_story(std::span<const JournalEvent> events, WallTime now) {
  std::vector<std::string> lines;
  while (!events.empty() && lines.size() < kMostStoryLines) {
    const JournalEvent& last = events.back();
    events = events.first(events.size() - 1);
    const JournalEvent* first = &last;
    size_t times = 1;
    for (; is_repeatable(last.kind) && !events.empty() && same(events.back(), last); ++times) {
      first = &events.back();
      events = events.first(events.size() - 1);
    }
    std::string line = say(format_time(first->time), " ", sentence_of(*first));
    if (times > 1)
      line += say("; the same again ", counted(times - 1, "time", "times"), ", last at ",
                  format_time(last.time));
    else if (lines.empty() && now >= last.time)
      line += say(", ", format_duration(now - last.time), " ago");
    lines.push_back(std::move(line));
  }
  if (lines.size() == kMostStoryLines && !events.empty())
    lines.push_back(say("and ", counted(events.size(), "event", "events"), " before"));
  return lines;
}

}  // namespace stormdoor::acl
