#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

namespace stormdoor::edge {

// One thing an administrator may want to know: a boot, a failure, a block, a change, a reload.
struct Event {
  WallTime time;
  std::string kind;  // a fixed word of ours: "served", "failure", "block", "change", ...
  std::string text;  // a sentence; foreign parts already printable
  std::optional<IpAddress> source;
  std::optional<MacAddress> phone;
  std::string extension;
  std::string by = {};  // of a change: the user who made it; else empty
};

// The latest events, and whoever follows them. Main thread only. Keeps `capacity` events and
// forgets the oldest; at most kMostFollowers follow at once.
class EventFeed {
 public:
  static constexpr size_t kMostFollowers = 32;
  using Follower = std::function<void(uint64_t number, const Event&)>;

  explicit EventFeed(size_t capacity) : capacity_(capacity) {}

  void add(Event event);
  // Oldest first, at most `most` of the latest, with their numbers.
  [[nodiscard]] std::vector<std::pair<uint64_t, Event>> latest(size_t most) const;
  // Those that concern this source or phone, oldest first.
  [[nodiscard]] std::vector<std::pair<uint64_t, Event>> about(
      const std::function<bool(const Event&)>& wanted, size_t most) const;

  // A number to stop following with; nothing when too many follow already. A follower may stop
  // itself while it is called.
  std::optional<uint64_t> follow(Follower follower);
  void unfollow(uint64_t id);

 private:
  size_t capacity_;
  uint64_t next_number_ = 1;
  uint64_t next_id_ = 1;
  std::deque<Event> events_;
  std::map<uint64_t, Follower> followers_;
};

}  // namespace stormdoor::edge
