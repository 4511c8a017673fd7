#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace stormdoor::edge {

// How far the PBX has followed the registry, and when to try (again). Pure: time in, decisions out.
//
// One attempt at a time; versions that come meanwhile wait and are handed over together afterwards.
// What failed is tried again after 1, 2, 4 ... 60 seconds, whatever else comes: a PBX that is down
// is not asked once per change.
class HandoverState {
 public:
  static constexpr milliseconds kFirstDelay{1'000};
  static constexpr milliseconds kMostDelay{60'000};

  // The registry has this version now.
  void want(uint64_t version, WallTime now) {
    if (wanted_ && *wanted_ >= version) return;
    wanted_ = version;
    if (!pending_since_) pending_since_ = now;
  }

  // Whether to make an attempt with the version that is wanted, which is then under way.
  [[nodiscard]] bool begin(SteadyTime now) {
    if (under_way_ || !pending_since_ || (retry_at_ && now < *retry_at_)) return false;
    under_way_ = wanted_;
    return true;
  }

  enum class News { None, Fails, WorksAgain };
  // The attempt that was under way has ended. The news, for an event: it begins to fail, for
  // whatever reason, or has stopped failing.
  News ended(const Result<void>& result, Now now) {
    const uint64_t version = under_way_.value_or(0);
    under_way_.reset();
    if (!result) {
      const bool first = failures_ == 0;
      const milliseconds delay = std::min<milliseconds>(
          kFirstDelay * (int64_t{1} << std::min(failures_, 10U)), kMostDelay);
      retry_at_ = now.steady + delay;
      ++failures_;
      trouble_ = result.error().message();
      return first ? News::Fails : News::None;
    }
    const bool again = std::exchange(failures_, 0) > 0;
    in_effect_ = version;
    in_effect_since_ = now.wall;
    retry_at_.reset();
    trouble_.clear();
    if (*wanted_ == version)
      pending_since_.reset();
    else
      pending_since_ = now.wall;  // what came since the attempt began
    return again ? News::WorksAgain : News::None;
  }

  // Whether the PBX has this version of the registry, or a later one.
  [[nodiscard]] bool in_effect(uint64_t version) const {
    return in_effect_ && *in_effect_ >= version;
  }
  [[nodiscard]] bool under_way() const { return under_way_.has_value(); }
  // Since when the PBX lacks something; nothing: it has all.
  [[nodiscard]] const std::optional<WallTime>& pending_since() const { return pending_since_; }
  [[nodiscard]] const std::optional<WallTime>& in_effect_since() const { return in_effect_since_; }
  // Why the last attempt failed; empty: it did not.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  [[nodiscard]] unsigned failures() const { return failures_; }
  [[nodiscard]] const std::optional<SteadyTime>& retry_at() const { return retry_at_; }

 private:
  std::optional<uint64_t> wanted_, under_way_, in_effect_;
  std::optional<WallTime> pending_since_, in_effect_since_;
  std::optional<SteadyTime> retry_at_;
  std::string trouble_;
  unsigned failures_ = 0;
};

}  // namespace stormdoor::edge
