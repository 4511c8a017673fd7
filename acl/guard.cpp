#include "acl/guard.hpp"

#include <span>

#include "acl/explanation.hpp"
#include "acl/guard_state.hpp"
#include "acl/wording.hpp"

namespace stormdoor::acl {
namespace {

constexpr uint64_t kSweepFingerprint = 1;  // all events of one source's sweep are one

void add(std::atomic<uint64_t>& count) {
  count.fetch_add(1, std::memory_order_relaxed);
}

bool asks_for_a_file(FailureKind kind) {
  return kind == FailureKind::ForeignFile || kind == FailureKind::UnknownMac;
}

// Files are told apart by the phone they are for, whatever the server made of them.
Failure with_fingerprint(Failure failure) {
  if (asks_for_a_file(failure.kind) && failure.device)
    failure.fingerprint =
        keyed_hash(HashKey::of_this_process(), std::as_bytes(std::span(failure.device->bytes())));
  return failure;
}

milliseconds left_of(SteadyTime until, SteadyTime now) {
  if (until == SteadyTime::max()) return milliseconds::max();
  return std::chrono::ceil<milliseconds>(until - now);
}

}  // namespace

Guard::Guard(const std::shared_ptr<const RuleSet>& rules, const GuardSizes& sizes)
    : state_(std::make_unique<State>(rules, sizes)) {}
Guard::~Guard() = default;

// ---- may this source ask? ----

// A neighbourhood's throttle does not hold for a source that was seen to be well: a flood in the
// name of its neighbours must not keep it from booting.
std::optional<SteadyTime> Guard::State::throttled_until(const SourceKey& source,
                                                        SteadyTime now) const {
  const auto throttle = suspicion_of(source).suspicion.with(
      [&](const Suspicion& suspicion) { return suspicion.meter.throttle(source, now); });
  if (throttle.source_until) return throttle.source_until;
  if (!throttle.neighbourhood_until) return {};
  const bool known_well = cell_of(source).shard.with(
      [&](const Shard& shard) { return shard.evidence.success(source).has_value(); });
  return known_well ? std::nullopt : throttle.neighbourhood_until;
}

Admission Guard::admit(const IpAddress& source, Service service, Now now, PathProof proof) const {
  const SourceKey key = state_->key_of(source);
  State::Cell& cell = state_->cell_of(key);
  Admission admission;
  const auto blocked = [&](const BlockList::Block* block) {
    if (block == nullptr) return;
    admission.decision = Decision::Blocked;
    admission.retry_after = left_of(block->until, now.steady);
  };
  cell.shard.with([&](const State::Shard& shard) {
    const Network& network = *shard.rules->match(source).network;
    admission.identity = network.identity;
    admission.first_contact = network.first_contact;
    if (!network.services.contains(service))
      admission.decision = Decision::NotAllowed;
    else
      blocked(shard.blocks.find(key, service, now.steady));
  });
  if (admission.admitted() && state_->other_count.load(std::memory_order_acquire) > 0)
    state_->other_blocks.with([&](const BlockList& blocks) {
      blocked(blocks.find_covering(source, service, now.steady));
    });
  if (admission.admitted() && proof == PathProof::None && service == Service::Provisioning)
    if (const auto until = state_->throttled_until(key, now.steady)) {
      admission.decision = Decision::Throttled;
      admission.retry_after = left_of(*until, now.steady);
    }
  add(admission.admitted()                        ? cell.admitted
      : admission.decision == Decision::Throttled ? cell.throttled
                                                  : cell.refused);
  return admission;
}

std::string refusal(const Admission& admission, Service service) {
  const std::string_view name = to_string(service);
  switch (admission.decision) {
    case Decision::Admit:
      return {};
    case Decision::NotAllowed:
      return say("this address may not use ", name, " here; the administrator's networks say so");
    case Decision::Blocked:
      if (admission.retry_after == milliseconds::max())
        return say("this address is blocked for ", name, " by the administrator");
      return say("this address is blocked for ", name, " for ",
                 format_duration(admission.retry_after),
                 "; the administrator can see why with: stormdoor why ADDRESS");
    case Decision::Throttled:
      return say("too many wrong requests from here; try again in ",
                 format_duration(admission.retry_after));
  }
  return {};
}

// ---- what a failure leads to ----

Verdict Guard::report_failure(const Failure& reported, Now now) {
  const Failure failure = with_fingerprint(reported);
  const SourceKey key = state_->key_of(failure.source);
  State::Cell& cell = state_->cell_of(key);
  add(cell.failures);
  if (failure.proof == PathProof::None) {
    // Promise 4: an address in a UDP packet is a claim. Other services' unproven failures are
    // nothing at all.
    add(cell.unproven);
    if (failure.service == Service::Provisioning)
      state_->suspicion_of(key).suspicion.with([&](State::Suspicion& suspicion) {
        suspicion.meter.report(key, failure.fingerprint, suspicion.rules->rules().tftp_throttle,
                               now.steady);
      });
    return {};
  }
  const Verdict verdict =
      cell.shard.with([&](State::Shard& shard) { return shard.report(key, failure, now); });
  if (verdict.repeated) add(cell.repeated_mistakes);
  if (verdict.block) add(cell.blocks_made);
  if (verdict.block && verdict.sweep) add(cell.sweeps);
  return verdict;
}

Verdict Guard::State::Shard::report(const SourceKey& source, const Failure& failure, Now now) {
  Verdict verdict;
  const Limit& limit = rules->limit(failure.service);
  verdict.limit = limit.failures;
  if (blocks.find(source, failure.service, now.steady) != nullptr) {
    // The rest of what was on its way when the block fell: part of the story, not of the count.
    evidence.record_failure(source, failure, false, now.wall);
    return verdict;
  }
  const auto tally = tracker.report(source, series_of(failure.service), failure.fingerprint,
                                    limit.within, now.steady);
  verdict.failures = tally.failures;
  verdict.repeated = tally.repeated;
  uint32_t swept = 0;
  if (failure.service == Service::Provisioning && asks_for_a_file(failure.kind) && failure.device)
    swept = tracker
                .report(source, kSweepSeries, failure.fingerprint, rules->rules().mac_sweep.within,
                        now.steady)
                .failures;
  const bool harmless = never_blocks(*rules->match(failure.source).network, failure.service);
  verdict.counted = !verdict.repeated && !harmless;
  evidence.record_failure(source, failure, verdict.counted, now.wall);
  if (verdict.repeated) return verdict;
  verdict.sweep = swept >= rules->rules().mac_sweep.failures;
  if (verdict.sweep) {
    verdict.failures = swept;
    verdict.limit = rules->rules().mac_sweep.failures;
    Failure sweep = failure;
    sweep.kind = FailureKind::MacSweep;
    sweep.fingerprint = kSweepFingerprint;
    evidence.record_failure(source, sweep, verdict.counted, now.wall);
  }
  if (!harmless && verdict.failures >= verdict.limit)
    verdict.block = block(source, failure, verdict, now);
  return verdict;
}

std::optional<store::BlockRecord> Guard::State::Shard::block(const SourceKey& source,
                                                             const Failure& failure,
                                                             const Verdict& verdict, Now now) {
  const Limit& limit = verdict.sweep ? rules->rules().mac_sweep : rules->limit(failure.service);
  std::string reason = verdict.sweep
                           ? reason_of_sweep(verdict.failures, limit, failure)
                           : reason_of_limit(failure.service, verdict.failures, limit, failure);
  auto made = blocks.block(source, failure.service, limit, std::move(reason), now);
  if (!made) return {};
  // They have been paid for: when the block is over, the count begins at nothing.
  tracker.settle(source, series_of(failure.service));
  if (failure.service == Service::Provisioning) tracker.settle(source, kSweepSeries);
  return made;
}

void Guard::report_success(const IpAddress& source, Service service,
                           std::optional<MacAddress> device, Now now) {
  const SourceKey key = state_->key_of(source);
  state_->cell_of(key).shard.with(
      [&](State::Shard& shard) { shard.evidence.record_success(key, service, device, now.wall); });
}

}  // namespace stormdoor::acl
