#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/mac_address.hpp"
#include "base/metrics.hpp"
#include "edge/office.hpp"

namespace stormdoor::edge {

// What an administrator wants to see first: what needs attention, how many phones there are of
// which kind, and how the last ten minutes went. Main thread only. Holds kPoints samples, a
// kSamplePeriod apart, and the kMostPhones phones that were served last.
class Overview {
 public:
  static constexpr milliseconds kSamplePeriod{2'000};
  static constexpr size_t kPoints = 300;
  static constexpr size_t kMostPhones = 50'000;
  // A phone boots until it has asked for nothing for so long.
  static constexpr milliseconds kBoots{30'000};
  static constexpr milliseconds kStaleShown{3'600'000};

  // `health` says what is wrong with the daemon itself, a line each; empty: nothing.
  Overview(const Metrics& metrics, Office& office, std::function<std::string()> health)
      : metrics_(metrics), office_(office), health_(std::move(health)) {}

  void note_served(const MacAddress& phone, SteadyTime now);
  // A phone, or an address where none is known, that still uses an old secret.
  void note_stale(const std::string& who, SteadyTime now);

  // To be called every kSamplePeriod.
  void sample(Now now);

  // {"attention": [{"kind", "text", "link"}], "phones": {...}, "blocks": N, "series": [{"name",
  // "unit", "points": [[unix seconds, value], ...]}]}. Remembered for a second.
  [[nodiscard]] nlohmann::json answer(Now now);

 private:
  struct Source {
    const char* name;
    const char* unit;
    bool per_second;  // a counter, of which the growth is shown
  };
  static constexpr size_t kSources = 7;
  static const std::array<Source, kSources> kSourcesShown;
  struct Point {
    int64_t second = 0;
    std::array<double, kSources> values{};
  };

  [[nodiscard]] std::array<double, kSources> read(Now now) const;
  [[nodiscard]] size_t booting(SteadyTime now) const;
  [[nodiscard]] nlohmann::json series() const;
  [[nodiscard]] nlohmann::json make(Now now) const;
  void add_phones(nlohmann::json& answer, nlohmann::json& attention, Now now) const;
  void add_conversions(nlohmann::json& attention, Now now) const;
  void add_blocks(nlohmann::json& answer, nlohmann::json& attention, Now now) const;
  void add_stale(nlohmann::json& attention, Now now) const;

  const Metrics& metrics_;
  Office& office_;
  std::function<std::string()> health_;
  std::deque<Point> points_;
  std::optional<std::array<double, kSources>> before_;  // the counters at the last sample
  SteadyTime sampled_;
  std::map<MacAddress, SteadyTime> served_;
  std::map<std::string, SteadyTime> stale_;
  nlohmann::json remembered_;
  SteadyTime remembered_at_;
};

}  // namespace stormdoor::edge
