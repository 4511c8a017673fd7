#include "acl/evidence_book.hpp"

#include <algorithm>

namespace stormdoor::acl {

EvidenceBook::EvidenceBook(size_t sources, size_t per_source)
    : per_source_(per_source), stories_(sources), successes_(sources) {
  STORMDOOR_CHECK(per_source > 0, "a story without events explains nothing");
}

void EvidenceBook::record_failure(const SourceKey& source, const Failure& failure, bool scored,
                                  WallTime now, Excuse excuse) {
  Story& kept = stories_[source];
  std::vector<Event>& story = kept.events;
  // What was excused needs no comparing: it is one thing that goes on.
  const auto same = std::find_if(story.begin(), story.end(), [&](const Event& event) {
    const bool comparable = excuse != Excuse::None ? event.device == failure.device
                                                   : failure.fingerprint != 0 &&
                                                         event.fingerprint == failure.fingerprint;
    return comparable && event.service == failure.service && event.kind == failure.kind &&
           event.excuse == excuse && event.account == failure.account;
  });
  if (same != story.end()) {
    ++same->times;
    same->last = now;
    // It had been forgotten and counts anew: that is the newest part of the story.
    if (scored) {
      const size_t place =
          (size_t(same - story.begin()) + story.size() - kept.oldest) % story.size();
      kept.put_in_order();
      const auto moved = story.begin() + ptrdiff_t(place);
      std::rotate(moved, moved + 1, story.end());
    }
    return;
  }
  Event event{.first = now,
              .last = now,
              .times = 1,
              .service = failure.service,
              .kind = failure.kind,
              .scored = scored,
              .excuse = excuse,
              .fingerprint = failure.fingerprint,
              .device = failure.device,
              .account = failure.account.substr(0, kMostAccountBytes)};
  if (story.size() < per_source_) {
    story.push_back(std::move(event));
  } else {
    story[kept.oldest] = std::move(event);
    kept.oldest = (kept.oldest + 1) % story.size();
  }
}

void EvidenceBook::Story::put_in_order() {
  std::rotate(events.begin(), events.begin() + ptrdiff_t(oldest), events.end());
  oldest = 0;
}

void EvidenceBook::record_success(const SourceKey& source, Service service,
                                  std::optional<MacAddress> device, WallTime now) {
  Success& success = successes_[source];
  ++success.times;
  success.last = now;
  success.service = service;
  success.device = device;
}

std::vector<Event> EvidenceBook::events(const SourceKey& source) const {
  const Story* kept = stories_.peek(source);
  if (kept == nullptr) return {};
  Story story = *kept;
  story.put_in_order();
  return std::move(story.events);
}

std::vector<std::string> EvidenceBook::names(const SourceKey& source, Service service) const {
  std::vector<std::string> names;
  const Story* story = stories_.peek(source);
  if (story == nullptr) return names;
  const size_t count = story->events.size();
  for (size_t back = 1; back <= count; ++back) {
    const Event& event = story->events[(story->oldest + count - back) % count];
    if (event.service == service)
      names.push_back(identity_of(event.service, event.device, event.account));
  }
  return names;
}

std::vector<MacAddress> EvidenceBook::devices(const SourceKey& source) const {
  std::vector<MacAddress> devices;
  const Story* story = stories_.peek(source);
  if (story == nullptr) return devices;
  for (const Event& event : story->events)
    if (event.device && std::ranges::find(devices, *event.device) == devices.end())
      devices.push_back(*event.device);
  return devices;
}

std::vector<IpAddress> EvidenceBook::sources_naming(std::string_view name, size_t most) const {
  std::vector<IpAddress> sources;
  stories_.for_each([&](const SourceKey& source, const Story& story) {
    const bool named = std::ranges::any_of(story.events, [&](const Event& event) {
      return event.account == name || (event.device && event.device->to_string() == name);
    });
    if (named && sources.size() < most) sources.push_back(source.prefix.address());
  });
  return sources;
}

std::optional<Success> EvidenceBook::success(const SourceKey& source) const {
  const Success* found = successes_.peek(source);
  if (found == nullptr) return {};
  return *found;
}

}  // namespace stormdoor::acl
