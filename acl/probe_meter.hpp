#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "acl/acl_config.hpp"
#include "acl/source_key.hpp"
#include "base/bounded_map.hpp"
#include "base/clock.hpp"

namespace stormdoor::acl {

// Counts the answers that a source got to requests without credentials, and says when it is to get
// them at a metered rate. A registration takes one back, and so does a failure that is excused:
// phones begin with such a request, and an office that boots or is converted behind one address
// must not be taken for somebody who tries accounts. For the time until they have registered, each
// identity that was well there before (HealthyBook) may have kForEach answers more.
//
// Never a block (promise 4): anybody can write any address into a UDP packet. Used by one thread at
// a time; Guard holds one per shard, chosen by neighbourhood. A window begins with its first probe.
// Holds at most `capacity` sources and forgets the one that probed longest ago.
class ProbeMeter {
 public:
  explicit ProbeMeter(size_t capacity) : sources_(capacity) {}

  static constexpr size_t kForEach = 4;

  // One answer, where so many identities are known; until when the source is metered, when this one
  // begins that or lengthens it. It is lengthened when half of it has passed, not by each answer:
  // what the kernel is told anew begins with a full burst.
  std::optional<SteadyTime> report(const SourceKey& source, const ProbeRules& rules, SteadyTime now,
                                   size_t known = 0) {
    Meter& meter = sources_[source.prefix.address()];
    if (meter.answers == 0 || now - meter.window_began >= rules.within) {
      meter.window_began = now;
      meter.answers = 0;
    }
    meter.prefix = source.prefix;
    if (++meter.answers < rules.answers + kForEach * known) return {};
    if (meter.until > now + rules.meter_for / 2) return {};
    meter.until = now + rules.meter_for;
    return meter.until;
  }

  // Somebody there has registered, or its failure is excused.
  void take_back(const SourceKey& source) {
    Meter* meter = sources_.find(source.prefix.address());
    if (meter != nullptr && meter->answers > 0) --meter->answers;
  }

  struct State {
    uint32_t answers = 0;  // in its present window
    std::optional<SteadyTime> until;
  };
  [[nodiscard]] State state(const SourceKey& source, SteadyTime now) const {
    const Meter* meter = sources_.peek(source.prefix.address());
    if (meter == nullptr) return {};
    return {meter->answers, meter->until > now ? std::optional(meter->until) : std::nullopt};
  }
  [[nodiscard]] std::vector<std::pair<IpPrefix, SteadyTime>> metered(SteadyTime now) const {
    std::vector<std::pair<IpPrefix, SteadyTime>> all;
    sources_.for_each([&](const IpAddress&, const Meter& meter) {
      if (meter.until > now) all.emplace_back(meter.prefix, meter.until);
    });
    return all;
  }

 private:
  struct Meter {
    IpPrefix prefix;
    SteadyTime window_began;
    SteadyTime until;
    uint32_t answers = 0;
  };
  BoundedMap<IpAddress, Meter> sources_;
};

}  // namespace stormdoor::acl
