#include "acl/evidence_book.hpp"

#include <algorithm>

namespace stormdoor::acl {

EvidenceBook::EvidenceBook(size_t sources, size_t per_source)
    : per_source_(per_source), stories_(sources), successes_(sources) {
  STORMDOOR_CHECK(per_source > 0, "a story without events explains nothing");
}

void EvidenceBook::record_failure(const SourceKey& source, const Failure& failure, bool scored,
                                  WallTime now, Excuse excuse) {
  std::vector<Event>& story = stories_[source.prefix.address()];
  // What was excused needs no comparing: it is one thing that goes on.
  const auto same = std::find_if(story.begin(), story.end(), [&](const Event& event) {
    if (event.service != failure.service || event.kind != failure.kind || event.excuse != excuse ||
        event.account != failure.account)
      return false;
    return excuse != Excuse::None
               ? event.device == failure.device
               : failure.fingerprint != 0 && event.fingerprint == failure.fingerprint;
  });
  if (same != story.end()) {
    ++same->times;
    same->last = now;
    // It had been forgotten and counts anew: that is the newest part of the story.
    if (scored) std::rotate(same, same + 1, story.end());
    return;
  }
  if (story.size() >= per_source_) story.erase(story.begin());
  story.push_back({.first = now,
                   .last = now,
                   .times = 1,
                   .service = failure.service,
                   .kind = failure.kind,
                   .scored = scored,
                   .excuse = excuse,
                   .fingerprint = failure.fingerprint,
                   .device = failure.device,
                   .account = failure.account.substr(0, kMostAccountBytes)});
}

void EvidenceBook::record_success(const SourceKey& source, Service service,
                                  std::optional<MacAddress> device, WallTime now) {
  Success& success = successes_[source.prefix.address()];
  ++success.times;
  success.last = now;
  success.service = service;
  success.device = device;
}

std::vector<Event> EvidenceBook::events(const SourceKey& source) const {
  const std::vector<Event>* story = stories_.peek(source.prefix.address());
  return story == nullptr ? std::vector<Event>{} : *story;
}

std::vector<std::string> EvidenceBook::names(const SourceKey& source, Service service) const {
  std::vector<std::string> names;
  const std::vector<Event>* story = stories_.peek(source.prefix.address());
  if (story == nullptr) return names;
  for (auto event = story->rbegin(); event != story->rend(); ++event)
    if (event->service == service)
      names.push_back(identity_of(event->service, event->device, event->account));
  return names;
}

std::vector<IpAddress> EvidenceBook::sources_naming(std::string_view name, size_t most) const {
  std::vector<IpAddress> sources;
  stories_.for_each([&](const IpAddress& source, const std::vector<Event>& story) {
    const bool named = std::any_of(story.begin(), story.end(), [&](const Event& event) {
      return event.account == name || (event.device && event.device->to_string() == name);
    });
    if (named && sources.size() < most) sources.push_back(source);
  });
  return sources;
}

std::optional<Success> EvidenceBook::success(const SourceKey& source) const {
  const Success* found = successes_.peek(source.prefix.address());
  if (found == nullptr) return {};
  return *found;
}

}  // namespace stormdoor::acl
