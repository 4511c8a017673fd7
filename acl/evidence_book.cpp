#include "acl/evidence_book.hpp"

#include <algorithm>

namespace stormdoor::acl {

EvidenceBook::EvidenceBook(size_t sources, size_t per_source)
    : per_source_(per_source), stories_(sources), successes_(sources) {
  STORMDOOR_CHECK(per_source > 0, "a story without events explains nothing");
}

void EvidenceBook::record_failure(const SourceKey& source, const Failure& failure, bool scored,
                                  WallTime now) {
  std::vector<Event>& story = stories_[source.prefix.address()];
  const auto same = std::find_if(story.begin(), story.end(), [&](const Event& event) {
    return failure.fingerprint != 0 && event.fingerprint == failure.fingerprint &&
           event.service == failure.service && event.kind == failure.kind;
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

std::optional<Success> EvidenceBook::success(const SourceKey& source) const {
  const Success* found = successes_.peek(source.prefix.address());
  if (found == nullptr) return {};
  return *found;
}

}  // namespace stormdoor::acl
