#include "acl/guard.hpp"

#include "acl/explanation.hpp"
#include "acl/guard_state.hpp"
#include "acl/wording.hpp"

namespace stormdoor::acl {
namespace {

void add(std::atomic<uint64_t>& count) {
  count.fetch_add(1, std::memory_order_relaxed);
}

bool refuses_at_all(EnforceMode mode) {
  return mode == EnforceMode::Kernel || mode == EnforceMode::Listeners;
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

// Who shares an address with healthy phones may be one of them: he is served if he proves it.
// Nothing else lets anybody past a block of the whole source, and nothing past an administrator's.
bool Guard::State::Shard::may_prove_itself(const SourceKey& source, Service service,
                                           const BlockList::Block& block, WallTime now) const {
  if (service != Service::Provisioning || block.record.by_administrator) return false;
  return !block.record.account.empty() || healthy.others_than({}, source, now);
}

Admission Guard::admit(const IpAddress& source, Service service, Now now, PathProof proof,
                       std::string_view account) const {
  const SourceKey key = state_->key_of(source);
  State::Cell& cell = state_->cell_of(key);
  Admission admission;
  bool refuses = true;
  const auto blocked = [&](const BlockList::Block* block, bool may_prove) {
    if (block == nullptr) return;
    admission.decision = may_prove ? Decision::OnlyProven : Decision::Blocked;
    admission.retry_after = left_of(block->until, now.steady);
  };
  cell.shard.with([&](const State::Shard& shard) {
    const Network& network = *shard.rules->match(source).network;
    refuses = refuses_at_all(shard.rules->rules().enforce);
    admission.identity = network.identity;
    admission.first_contact = network.first_contact;
    admission.contested = shard.blocks.is_contested(key);
    if (!network.services.contains(service)) {
      admission.decision = Decision::NotAllowed;
      return;
    }
    const auto* block = shard.blocks.find(key, service, now.steady);
    if (block == nullptr && admission.contested && !account.empty())
      block = shard.blocks.find(key, service, now.steady, account);
    if (block != nullptr) blocked(block, shard.may_prove_itself(key, service, *block, now.wall));
  });
  if (admission.admitted() && state_->other_count.load(std::memory_order_acquire) > 0)
    state_->other_blocks.with([&](const BlockList& blocks) {
      blocked(blocks.find_covering(source, service, now.steady), false);
    });
  if (admission.admitted() && proof == PathProof::None && service == Service::Provisioning)
    if (const auto until = state_->throttled_until(key, now.steady)) {
      admission.decision = Decision::Throttled;
      admission.retry_after = left_of(*until, now.steady);
    }
  return state_->counted(cell, admission, refuses);
}

// In shadow mode what would be refused is admitted; what a network does not offer never is.
Admission Guard::State::counted(Cell& cell, Admission admission, bool refuses) const {
  const bool decided =
      admission.decision != Decision::Admit && admission.decision != Decision::NotAllowed;
  if (decided && (!refuses || shadow.load(std::memory_order_relaxed))) {
    add(cell.would_refuse);
    admission.decision = Decision::Admit;
    admission.retry_after = milliseconds{0};
    admission.contested = false;
  }
  add(admission.admitted()                        ? cell.admitted
      : admission.decision == Decision::Throttled ? cell.throttled
                                                  : cell.refused);
  return admission;
}

void Guard::set_shadow(bool shadow) {
  state_->shadow.store(shadow, std::memory_order_relaxed);
}

std::string refusal(const Admission& admission, Service service) {
  const std::string_view name = to_string(service);
  switch (admission.decision) {
    case Decision::Admit:
      return {};
    case Decision::OnlyProven:
      return say("this address is refused ", name, " for ", format_duration(admission.retry_after),
                 " unless the phone proves which one it is, with its token or its certificate");
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

}  // namespace stormdoor::acl
