#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace stormdoor::storm {

// What a link does to each packet.
struct LinkQuality {
  milliseconds delay{0};   // each way
  milliseconds jitter{0};  // evenly this much more or less; packets may overtake each other
  double loss = 0;         // of each packet, 0 to 1, each way
  [[nodiscard]] bool any() const { return delay.count() > 0 || jitter.count() > 0 || loss > 0; }
};

// One direction of a link: packets that are on their way. Never knows the time by itself. Bounds:
// kMostPackets on their way; more are lost, as they would be on a link that is full.
class LinkQueue {
 public:
  static constexpr size_t kMostPackets = 65'536;

  LinkQueue(const LinkQuality& quality, uint32_t seed) : quality_(quality), random_(seed) {}

  void push(std::string packet, SteadyTime now) {
    if (std::bernoulli_distribution(quality_.loss)(random_) || on_way_.size() >= kMostPackets) {
      ++lost_;
      return;
    }
    const auto jitter = std::chrono::duration_cast<std::chrono::microseconds>(quality_.jitter);
    std::uniform_int_distribution<int64_t> more(-jitter.count(), jitter.count());
    const auto takes = quality_.delay + std::chrono::microseconds(more(random_));
    on_way_.push({std::max(now, now + takes), next_++, std::move(packet)});
  }
  // The next that has arrived by `now`.
  std::optional<std::string> pop(SteadyTime now) {
    if (on_way_.empty() || on_way_.top().when > now) return {};
    std::string packet = on_way_.top().packet;
    on_way_.pop();
    return packet;
  }
  [[nodiscard]] std::optional<SteadyTime> next() const {
    if (on_way_.empty()) return {};
    return on_way_.top().when;
  }
  [[nodiscard]] uint64_t lost() const { return lost_; }

 private:
  struct OnWay {
    SteadyTime when;
    uint64_t number;  // those of one time keep their order
    std::string packet;
    bool operator>(const OnWay& other) const {
      return when != other.when ? when > other.when : number > other.number;
    }
  };
  LinkQuality quality_;
  std::mt19937 random_;
  std::priority_queue<OnWay, std::vector<OnWay>, std::greater<>> on_way_;
  uint64_t next_ = 0;
  uint64_t lost_ = 0;
};

}  // namespace stormdoor::storm
