#include "acl/unproven_meter.hpp"

namespace stormdoor::acl {

UnprovenMeter::UnprovenMeter(size_t capacity) : sources_(capacity), neighbourhoods_(capacity) {}

bool UnprovenMeter::report(const SourceKey& source, uint64_t fingerprint, const TftpThrottle& rules,
                           SteadyTime now) {
  Meter& meter = sources_[source.prefix.address()];
  if (meter.failures > 0 && fingerprint != 0 && meter.last_fingerprint == fingerprint &&
      now - meter.window_began < rules.within)
    return false;
  meter.last_fingerprint = fingerprint;
  const bool alone = count(meter, rules.failures, rules, now);
  Meter& around = neighbourhoods_[neighbourhood(source.prefix).address()];
  const bool together = count(around, rules.failures_per_neighbourhood, rules, now);
  return alone || together;
}

// True when this failure begins a throttle.
bool UnprovenMeter::count(Meter& meter, uint32_t most, const TftpThrottle& rules, SteadyTime now) {
  if (meter.failures == 0 || now - meter.window_began >= rules.within) {
    meter.window_began = now;
    meter.failures = 0;
  }
  if (++meter.failures < most) return false;
  const bool begins = meter.throttled_until <= now;
  meter.throttled_until = now + rules.throttle_for;
  return begins;
}

UnprovenMeter::Throttle UnprovenMeter::throttle(const SourceKey& source, SteadyTime now) const {
  Throttle throttle;
  if (const Meter* meter = sources_.peek(source.prefix.address())) {
    throttle.failures = meter->failures;
    if (meter->throttled_until > now) throttle.source_until = meter->throttled_until;
  }
  if (const Meter* around = neighbourhoods_.peek(neighbourhood(source.prefix).address()))
    if (around->throttled_until > now) throttle.neighbourhood_until = around->throttled_until;
  return throttle;
}

}  // namespace stormdoor::acl
