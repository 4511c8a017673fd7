#include "edge/event_feed.hpp"

#include <algorithm>

namespace stormdoor::edge {

void EventFeed::add(Event event) {
  if (events_.size() >= capacity_) events_.pop_front();
  events_.push_back(std::move(event));
  const uint64_t number = next_number_++;
  const auto followers = followers_;  // one may leave while it is called
  for (const auto& [id, follower] : followers) follower(number, events_.back());
}

std::vector<std::pair<uint64_t, Event>> EventFeed::latest(size_t most) const {
  return about([](const Event&) { return true; }, most);
}

std::vector<std::pair<uint64_t, Event>> EventFeed::about(
    const std::function<bool(const Event&)>& wanted, size_t most) const {
  std::vector<std::pair<uint64_t, Event>> found;
  uint64_t number = next_number_;
  for (auto event = events_.rbegin(); event != events_.rend() && found.size() < most; ++event) {
    --number;
    if (wanted(*event)) found.emplace_back(number, *event);
  }
  std::ranges::reverse(found);
  return found;
}

std::optional<uint64_t> EventFeed::follow(Follower follower) {
  if (followers_.size() >= kMostFollowers) return {};
  const uint64_t id = next_id_++;
  followers_.emplace(id, std::move(follower));
  return id;
}

void EventFeed::unfollow(uint64_t id) {
  followers_.erase(id);
}

}  // namespace stormdoor::edge
