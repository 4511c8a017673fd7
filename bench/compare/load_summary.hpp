#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ip_address.hpp"

namespace stormdoor::compare {

// What a load program counts and prints, whatever it speaks. One thread.
class LoadSummary {
 public:
  void begin() { begun_ = std::chrono::steady_clock::now(); }
  void end() { ended_ = std::chrono::steady_clock::now(); }
  // An answer that came at `now`, to a phone that began at `phone_begun`.
  void served(SteadyTime phone_begun, SteadyTime now) {
    own_.push_back(microseconds_between(phone_begun, now));
    since_arrival_.push_back(microseconds_between(begun_, now));
  }
  void failed(const std::string& reason) { ++reasons_[reason]; }
  void wrong() { ++wrong_; }

  // "served", "given_up", "wrong" (bytes), "reasons", "wall_seconds", "client_cpu_seconds", and
  // for those served, "p50_us" to "p100_us" from when each of them began, and "arrival_p50_us" to
  // "arrival_p100_us" from when the load began: in a storm all phones arrive then, and how long one
  // waits for its turn in this program is part of what it waits.
  [[nodiscard]] nlohmann::json json() const {
    uint64_t given_up = 0;
    for (const auto& [reason, count] : reasons_) given_up += count;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds_of = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    nlohmann::json out = {
        {"served", own_.size()},
        {"given_up", given_up},
        {"wrong", wrong_},
        {"reasons", reasons_},
        {"wall_seconds", std::chrono::duration<double>(ended_ - begun_).count()},
        {"client_cpu_seconds", seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime)}};
    add_percentiles(out, "", own_);
    add_percentiles(out, "arrival_", since_arrival_);
    return out;
  }

 private:
  static int64_t microseconds_between(SteadyTime from, SteadyTime to) {
    return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
  }

  static void add_percentiles(nlohmann::json& out, const std::string& prefix,
                              std::vector<int64_t> values) {
    std::ranges::sort(values);
    for (const auto& [name, part] :
         {std::pair{"p50_us", 0.5}, {"p90_us", 0.9}, {"p99_us", 0.99}, {"p100_us", 1.0}}) {
      const double rank = values.empty() ? 0 : part * static_cast<double>(values.size() - 1) + 0.5;
      out[prefix + name] = values.empty() ? 0 : values[static_cast<size_t>(rank)];
    }
  }

  SteadyTime begun_{}, ended_{};
  std::vector<int64_t> own_, since_arrival_;  // microseconds
  std::map<std::string, uint64_t> reasons_;
  uint64_t wrong_ = 0;
};

// The `number`th address of an IPv4 prefix, from its first host on; "": the kernel's choice.
inline Result<IpAddress> source_of(const std::string& prefix, size_t number) {
  if (prefix.empty()) return IpAddress();
  const IpPrefix parsed = TRY(IpPrefix::parse(prefix));
  if (!parsed.address().is_v4())
    return Error(ErrorCode::InvalidArgument, prefix + " is no IPv4 prefix");
  const uint64_t size = uint64_t{1} << (32 - parsed.length());
  if (number + 2 > size)
    return Error(ErrorCode::InvalidArgument, prefix + " has fewer addresses than there are phones");
  return IpAddress::v4(parsed.address().v4_value() + static_cast<uint32_t>(number) + 1);
}

}  // namespace stormdoor::compare
