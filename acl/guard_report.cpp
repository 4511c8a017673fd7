// The part of Guard that hears what happened: failures, probes, successes.
#include <span>

#include "acl/guard_state.hpp"

namespace stormdoor::acl {
namespace {

constexpr uint64_t kSweepFingerprint = 1;  // all events of one source's sweep are one

void count_one(std::atomic<uint64_t>& count) {
  count.fetch_add(1, std::memory_order_relaxed);
}

uint64_t fingerprint_of_file(const MacAddress& phone) {
  return keyed_hash(HashKey::of_this_process(), std::as_bytes(std::span(phone.bytes())));
}

bool is_proven(const Failure& failure) {
  return failure.device && failure.device_proof != DeviceProof::Claimed;
}

// A device as a source of its own: an address that nobody can have (RFC 6666's discard prefix).
SourceKey key_of_device(const MacAddress& device) {
  std::array<uint8_t, 16> bytes{0x01, 0x00};
  std::copy(device.bytes().begin(), device.bytes().end(), bytes.begin() + 10);
  return SourceKey(IpPrefix(IpAddress::v6(bytes), 128));
}

}  // namespace

Verdict Guard::report_failure(const Failure& failure, Now now) {
  if (asks_for_a_file(failure.kind) && failure.device) {
    // Files are told apart by the phone they are for, whatever the server made of them.
    Failure of_file = failure;
    of_file.fingerprint = fingerprint_of_file(*failure.device);
    return state_->report(of_file, now);
  }
  return state_->report(failure, now);
}

Verdict Guard::State::report(const Failure& failure, Now now) {
  const SourceKey key = key_of(failure.source);
  Cell& cell = cell_of(key);
  count_one(cell.failures);
  if (failure.proof == PathProof::None) {
    // Promise 4: an address in a UDP packet is a claim. Other services' unproven failures are
    // nothing at all.
    count_one(cell.unproven);
    if (failure.service == Service::Provisioning)
      suspicion_of(key).suspicion.with([&](Suspicion& suspicion) {
        suspicion.meter.report(key, failure.fingerprint, suspicion.rules->rules().tftp_throttle,
                               now.steady);
      });
    return {};
  }
  const Judged judged = judge(failure, now);
  Verdict verdict =
      with_shard(cell, [&](Shard& shard) { return shard.report(key, failure, judged, now); });
  if (is_proven(failure)) {
    if (verdict.block)
      settle_device(*failure.device, failure.service, verdict.block->account);
    else if (verdict.counted && count_device(failure, now))
      verdict.block =
          with_shard(cell, [&](Shard& shard) { return shard.block(key, failure, verdict, now); });
  }
  if (verdict.excuse != Excuse::None) {
    count_one(cell.excused);
    if (failure.service == Service::Sip) take_back_probe(key);
  }
  if (verdict.repeated) count_one(cell.repeated_mistakes);
  if (verdict.block) count_one(cell.blocks_made);
  if (verdict.block && verdict.sweep) count_one(cell.sweeps);
  return verdict;
}

void Guard::State::take_back_probe(const SourceKey& source) {
  suspicion_of(source).suspicion.with(
      [&](Suspicion& suspicion) { suspicion.probes.take_back(source); });
}

// A device that proves which one it is keeps its count wherever it goes, of what counts there.
bool Guard::State::count_device(const Failure& failure, Now now) {
  const SourceKey device = key_of_device(*failure.device);
  return cell_of(device).shard.with([&](Shard& shard) {
    const Limit& limit = shard.rules->limit(failure.service);
    const auto series = FailureTracker::Series(kDeviceSeries + series_of(failure.service));
    const auto tally = shard.tracker.report(
        device, series,
        {.fingerprint = failure.fingerprint, .identity = identity_tag(identity_of(failure))},
        limit.within, now.steady);
    if (tally.repeated || tally.failures < limit.failures) return false;
    shard.tracker.settle(device, series);
    return true;
  });
}

// What is paid for or forgiven at a source, of this identity or all, counts no longer against the
// device that it came through: behind a router that is the router's.
void Guard::State::settle_device(const MacAddress& device, Service service,
                                 std::string_view identity) {
  const SourceKey key = key_of_device(device);
  const auto series = FailureTracker::Series(kDeviceSeries + series_of(service));
  cell_of(key).shard.with([&](Shard& shard) {
    if (identity.empty())
      shard.tracker.settle(key, series);
    else
      shard.tracker.settle(key, series, identity_tag(identity));
  });
}

Verdict Guard::State::Shard::report(const SourceKey& source, const Failure& failure,
                                    const Judged& judged, Now now) {
  Verdict verdict;
  const Limit& limit = rules->limit(failure.service);
  const auto series = series_of(failure.service);
  tracker.will_look_up(source, series);
  evidence.will_look_up(source);
  verdict.limit = limit.failures;
  verdict.excuse = judged.excuse;
  verdict.phone = judged.phone;
  if (judged.excuse != Excuse::None) {
    evidence.record_failure(source, failure, false, now.wall, judged.excuse);
    if (judged.excuse == Excuse::Exhausted)
      verdict.block = refuse_account(source, failure, judged, now);
    return verdict;
  }
  const std::string identity = identity_of(failure);
  const bool is_blocked = blocks.find(source, failure.service, now.steady) != nullptr ||
                          (blocks.is_contested(source) &&
                           blocks.find(source, failure.service, now.steady, identity) != nullptr);
  evidence.will_record(source);
  if (is_blocked) {
    // The rest of what was on its way when the block fell: part of the story, not of the count.
    evidence.record_failure(source, failure, false, now.wall);
    end_foreign_flow(source, failure, now);
    return verdict;
  }
  tracker.will_report(source, series);
  const FailureTracker::Attempt attempt{
      .fingerprint = failure.fingerprint,
      .identity = identity_tag(identity),
      .known = judged.leased || healthy.knows(identity, source, now.wall)};
  const auto tally = tracker.report(source, series, attempt, limit.within, now.steady);
  verdict.failures = tally.failures;
  verdict.repeated = tally.repeated;
  uint32_t swept = 0;
  if (failure.service == Service::Provisioning && asks_for_a_file(failure.kind) && failure.device)
    swept =
        tracker.report(source, kSweepSeries, attempt, rules->rules().mac_sweep.within, now.steady)
            .failures;
  const bool decoy = is_decoy(failure);
  const bool harmless = never_blocks(*rules->match(failure.source).network, failure.service) ||
                        rules->rules().enforce == EnforceMode::Off;
  verdict.counted = !verdict.repeated && !harmless;
  evidence.record_failure(source, failure, verdict.counted, now.wall);
  if (verdict.repeated) return verdict;
  verdict.sweep = decoy || swept >= rules->rules().mac_sweep.failures;
  if (verdict.sweep) {
    verdict.failures = decoy ? rules->rules().mac_sweep.failures : swept;
    verdict.limit = rules->rules().mac_sweep.failures;
    Failure sweep = failure;
    sweep.kind = decoy ? FailureKind::DecoyMac : FailureKind::MacSweep;
    sweep.fingerprint = kSweepFingerprint;
    evidence.record_failure(source, sweep, verdict.counted, now.wall);
  }
  if (!harmless && verdict.failures >= verdict.limit)
    verdict.block = block(source, failure, verdict, now);
  return verdict;
}

Verdict Guard::report_probe(const IpAddress& source, Now now) {
  const SourceKey key = state_->key_of(source);
  const size_t known = state_->cell_of(key).shard.with(
      [&](const State::Shard& shard) { return shard.healthy.count_known(key, now.wall); });
  const auto until = state_->suspicion_of(key).suspicion.with([&](State::Suspicion& suspicion) {
    return suspicion.probes.report(key, suspicion.rules->rules().sip_probes, now.steady, known);
  });
  Verdict verdict;
  if (!until) return verdict;
  count_one(state_->cell_of(key).metered);
  verdict.meter =
      Metering{key.prefix, now.wall + std::chrono::ceil<milliseconds>(*until - now.steady)};
  state_->with_shard(key, [&](State::Shard& shard) { shard.meter(key, *until, now); });
  return verdict;
}

void Guard::report_success(const IpAddress& source, Service service,
                           std::optional<MacAddress> device, Now now, DeviceProof proof) {
  const SourceKey key = state_->key_of(source);
  const bool proven = device && proof != DeviceProof::Claimed;
  state_->with_shard(key, [&](State::Shard& shard) {
    shard.evidence.record_success(key, service, device, now.wall);
    if (proven) shard.healthy.fetched(key, *device, now.wall);
  });
  if (!proven) return;
  if (service == Service::Provisioning) state_->begin_quiet(*device, now);
  phone_seen(*device, source, now);
}

void Guard::report_registered(const Registration& registration, bool fresh, Now now) {
  const SourceKey key = state_->key_of(registration.flow.address);
  state_->with_shard(key, [&](State::Shard& shard) {
    shard.evidence.record_success(key, Service::Sip, registration.device, now.wall);
    shard.healthy.registered(key, registration, now.wall);
    if (registration.flow.port != 0) shard.note_flow(key, registration, true, now);
  });
  state_->take_back_probe(key);
  state_->whereabouts.with([&](Whereabouts& whereabouts) {
    if (!registration.account.empty() && registration.account.size() <= kMostIdentityBytes)
      whereabouts.seen(registration.account, registration.flow.address);
  });
  if (!registration.device) return;
  if (fresh) state_->end_lease(*registration.device);
  phone_seen(*registration.device, registration.flow.address, now);
}

void Guard::report_unregistered(const Flow& flow, Now now) {
  const SourceKey key = state_->key_of(flow.address);
  state_->with_shard(key, [&](State::Shard& shard) {
    if (shard.healthy.unregistered(key, flow))
      shard.note_flow(key, Registration{.flow = flow}, false, now);
  });
}

}  // namespace stormdoor::acl
