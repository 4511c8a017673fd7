// The part of Guard that says what the kernel should hold, as a whole and step by step.
#include <algorithm>

#include "acl/guard_state.hpp"

namespace stormdoor::acl {
namespace {

using Kind = EnforcementChange::Kind;

WallTime wall(SteadyTime until, Now now) {
  if (until == SteadyTime::max()) return WallTime::max();
  return now.wall + std::chrono::ceil<milliseconds>(until - now.steady);
}

Refusal refusal_of(const BlockList::Block& block, Now now) {
  const store::BlockRecord& record = block.record;
  return {record.source, Service{record.service}, record.account, wall(block.until, now)};
}

EnforcementChange change_of(const BlockList::Change& change, Now now) {
  return {.kind = change.in_force ? Kind::Refuse : Kind::Release,
          .refusal = refusal_of(change.block, now),
          .metering = {},
          .registration = {}};
}

EnforcementChange change_of(const Registration& registration, bool well) {
  return {.kind = well ? Kind::FlowWell : Kind::FlowGone,
          .refusal = {},
          .metering = {},
          .registration = registration};
}

// An administrator's block is of everybody there.
bool lets_flows_pass(const store::BlockRecord& block) {
  return Service{block.service} == Service::Sip && !block.by_administrator;
}

}  // namespace

Enforcement Guard::enforcement(Now now) const {
  Enforcement all;
  std::vector<SourceKey> around;  // whose flows keep passing
  for (const BlockList::Block& block : state_->blocks_in_force(now.steady)) {
    (block.record.account.empty() ? all.blocked : all.contested).push_back(refusal_of(block, now));
    if (lets_flows_pass(block.record)) around.emplace_back(block.record.source);
  }
  for (const auto& cell : state_->cells)
    for (const auto& [source, until] : cell->suspicion.with(
             [&](const State::Suspicion& some) { return some.probes.metered(now.steady); })) {
      all.metered.push_back({source, wall(until, now)});
      around.emplace_back(source);
    }
  std::sort(around.begin(), around.end(),
            [](const SourceKey& a, const SourceKey& b) { return a.prefix < b.prefix; });
  const SourceKey* before = nullptr;
  for (const SourceKey& source : around) {
    if (before != nullptr && before->prefix == source.prefix) continue;
    before = &source;
    const auto flows = state_->cell_of(source).shard.with([&](const State::Shard& shard) {
      const auto* block = shard.blocks.find(source, Service::Sip, now.steady);
      return block != nullptr && block->record.by_administrator
                 ? std::vector<Registration>{}
                 : shard.healthy.flows(source, now.wall);
    });
    all.healthy.insert(all.healthy.end(), flows.begin(), flows.end());
  }
  return all;
}

// Whether registered flows of this source need to pass something.
bool Guard::State::Shard::concerns_enforcement(const SourceKey& source, SteadyTime now) const {
  const auto* block = blocks.find(source, Service::Sip, now);
  if (block != nullptr) return !block->record.by_administrator;
  if (blocks.is_contested(source)) return true;
  const SteadyTime* until = metered.peek(source.prefix.address());
  return until != nullptr && *until > now;
}

void Guard::State::Shard::meter(const SourceKey& source, SteadyTime until, Now now) {
  metered[source.prefix.address()] = until;
  note({.kind = Kind::Meter,
        .refusal = {},
        .metering = {source.prefix, wall(until, now)},
        .registration = {}});
  for (const Registration& flow : healthy.flows(source, now.wall)) note(change_of(flow, true));
}

void Guard::State::Shard::note_flow(const SourceKey& source, const Registration& registration,
                                    bool well, Now now) {
  if (concerns_enforcement(source, now.steady)) note(change_of(registration, well));
}

void Guard::State::Shard::note(const EnforcementChange& change) {
  if (changes.size() >= BlockList::kMostChanges)
    changes_overflowed = true;
  else
    changes.push_back(change);
}

// The shard's changes in order; with each new refusal the flows that are to pass it.
void Guard::State::Shard::take_changes(EnforcementChanges& all, Now now) {
  auto taken = blocks.take_changes();
  all.overflowed = all.overflowed || taken.overflowed || std::exchange(changes_overflowed, false);
  for (const BlockList::Change& change : taken.changes) {
    all.changes.push_back(change_of(change, now));
    const store::BlockRecord& block = change.block.record;
    if (Service{block.service} != Service::Sip) continue;
    const SourceKey source(block.source);
    const bool concerned = concerns_enforcement(source, now.steady);
    for (const Registration& flow : healthy.flows(source, now.wall))
      all.changes.push_back(change_of(flow, concerned));
  }
  all.changes.insert(all.changes.end(), changes.begin(), changes.end());
  changes.clear();
}

void Guard::keep_no_enforcement_changes() {
  for (const auto& cell : state_->cells)
    cell->shard.with([](State::Shard& shard) {
      shard.blocks.keep_no_changes();
      shard.changes.clear();
      shard.changes_overflowed = true;
    });
  state_->other_blocks.with([](BlockList& blocks) { blocks.keep_no_changes(); });
}

EnforcementChanges Guard::take_enforcement_changes(Now now) {
  EnforcementChanges all;
  for (uint64_t bits = state_->dirty.exchange(0, std::memory_order_acq_rel); bits != 0;
       bits &= bits - 1) {
    auto& cell = *state_->cells[size_t(std::countr_zero(bits))];
    cell.shard.with([&](State::Shard& shard) { shard.take_changes(all, now); });
  }
  if (state_->other_dirty.exchange(false, std::memory_order_acq_rel))
    state_->other_blocks.with([&](BlockList& blocks) {
      auto taken = blocks.take_changes();
      all.overflowed = all.overflowed || taken.overflowed;
      for (const BlockList::Change& change : taken.changes)
        all.changes.push_back(change_of(change, now));
    });
  return all;
}

std::vector<Registration> Guard::healthy_flows(const IpAddress& address, Now now) const {
  const SourceKey source = state_->key_of(address);
  return state_->cell_of(source).shard.with(
      [&](const State::Shard& shard) { return shard.healthy.flows(source, now.wall); });
}

std::vector<Registration> Guard::registrations(Now now) const {
  std::vector<Registration> all;
  for (const auto& cell : state_->cells)
    cell->shard.with([&](const State::Shard& shard) { shard.healthy.append_all(all, now.wall); });
  return all;
}

}  // namespace stormdoor::acl
