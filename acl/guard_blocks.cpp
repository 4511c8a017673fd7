// The part of Guard that administrators and the store talk to: rules and the block list.
#include <tuple>

#include "acl/guard_state.hpp"

namespace stormdoor::acl {
namespace {

bool forbidden(const RuleSet& rules, const store::BlockRecord& block) {
  return !block.by_administrator &&
         never_blocks(*rules.match(block.source.address()).network, Service{block.service});
}

// By source, service and account.
std::vector<store::BlockRecord> sorted(std::vector<store::BlockRecord> blocks) {
  std::sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) {
    return std::tie(a.source, a.service, a.account) < std::tie(b.source, b.service, b.account);
  });
  return blocks;
}

// What it was made by, as far as it says.
const Limit& limit_of(const store::BlockRecord& block, const AclRules& rules) {
  const auto grounds = parse_evidence(block.evidence);
  const bool by_limit = !grounds || grounds->rule == BlockEvidence::Rule::Limit;
  return by_limit ? rules.limit(Service{block.service}) : rules.mac_sweep;
}

}  // namespace

// What `of_list` gives of each list.
template <typename OfList>
auto Guard::State::all_blocks(OfList&& of_list) const {
  auto all = other_blocks.with(of_list);
  for (const auto& cell : cells)
    append(all, cell->shard.with([&](const Shard& shard) { return of_list(shard.blocks); }));
  return all;
}

std::vector<BlockList::Block> Guard::State::blocks_in_force(SteadyTime now) const {
  return all_blocks([&](const BlockList& list) { return list.in_force(now); });
}

void Guard::replace_rules(std::shared_ptr<const RuleSet> rules) {
  state_->rules.with([&](auto& ours) { ours = rules; });
  const auto is_forbidden = [&](const store::BlockRecord& block) {
    return forbidden(*rules, block);
  };
  for (const auto& cell : state_->cells) {
    state_->with_shard(*cell, [&](State::Shard& shard) {
      shard.rules = rules;
      shard.blocks.lift_if(is_forbidden);
    });
    cell->suspicion.with([&](State::Suspicion& suspicion) { suspicion.rules = rules; });
  }
  state_->other_blocks.with([&](BlockList& blocks) {
    blocks.lift_if(is_forbidden);
    state_->note_other(blocks);
  });
}

std::shared_ptr<const RuleSet> Guard::rules() const {
  return state_->rules.with([](const auto& ours) { return ours; });
}

size_t Guard::restore(const std::vector<store::BlockRecord>& blocks,
                      const std::vector<store::LeaseRecord>& leases,
                      const std::vector<Registration>& registrations, Now now) {
  const auto rules_now = rules();
  size_t without_room = 0;
  for (const Registration& one : registrations)
    if (one.expires > now.wall) report_registered(one, false, now);
  state_->leases.with([&](State::Leases& all) {
    for (const store::LeaseRecord& lease : leases)
      if (!all.book.open(lease, now)) ++without_room;
    state_->lease_count.store(all.book.size(), std::memory_order_release);
  });
  for (const store::BlockRecord& record : blocks) {
    if (record.service >= kAllServices.size()) continue;  // of a later version
    const milliseconds remember = limit_of(record, rules_now->rules()).repeat_max;
    const auto put = state_->with_blocks_of(
        record.source, [&](BlockList& list) { return list.put(record, remember, now); });
    if (!put) ++without_room;
  }
  replace_rules(rules_now);  // lifts what they forbid
  return without_room;
}

Result<void> Guard::add_block(const store::BlockRecord& block, Now now) {
  if (block.service >= kAllServices.size())
    return Error(ErrorCode::InvalidArgument, "a block is of one of our services");
  return state_->with_blocks_of(
      block.source, [&](BlockList& list) { return list.put(block, milliseconds{0}, now); });
}

bool Guard::remove_block(const IpPrefix& source, Service service, Now now,
                         std::string_view account) {
  return state_->with_blocks_of(source, [&](BlockList& list) {
    return list.remove(SourceKey(source), service, now.steady, account);
  });
}

std::vector<store::BlockRecord> Guard::blocks(Now now) const {
  std::vector<store::BlockRecord> records;
  for (auto& block : state_->blocks_in_force(now.steady))
    records.push_back(std::move(block.record));
  return sorted(std::move(records));
}

std::vector<store::BlockRecord> Guard::blocks_to_restore() const {
  return sorted(state_->all_blocks([](const BlockList& list) { return list.all(); }));
}

std::optional<store::BlockRecord> Guard::block_to_restore(const IpPrefix& source, Service service,
                                                          std::string_view account) const {
  return state_->with_blocks_of(
      source, [&](const BlockList& list) -> std::optional<store::BlockRecord> {
        const auto* block = list.remembered(SourceKey(source), service, account);
        return block == nullptr ? std::nullopt : std::optional(block->record);
      });
}

std::vector<store::BlockRecord> Guard::take_expired(Now now) {
  std::vector<store::BlockRecord> all;
  const auto take = [&](BlockList& list) {
    list.advance(now.steady);
    return list.take_forgotten();
  };
  for (const auto& cell : state_->cells)
    append(all, cell->shard.with([&](State::Shard& shard) { return take(shard.blocks); }));
  append(all, state_->other_blocks.with([&](BlockList& list) {
    auto taken = take(list);
    state_->note_other(list);
    return taken;
  }));
  return all;
}

Guard::Counters Guard::counters() const {
  const auto read = [](const std::atomic<uint64_t>& count) {
    return count.load(std::memory_order_relaxed);
  };
  Counters sum;
  sum.leases = state_->lease_count.load(std::memory_order_acquire);
  for (const auto& cell : state_->cells) {
    sum.admitted += read(cell->admitted);
    sum.refused += read(cell->refused);
    sum.throttled += read(cell->throttled);
    sum.failures += read(cell->failures);
    sum.repeated_mistakes += read(cell->repeated_mistakes);
    sum.unproven += read(cell->unproven);
    sum.excused += read(cell->excused);
    sum.would_refuse += read(cell->would_refuse);
    sum.metered += read(cell->metered);
    sum.blocks_made += read(cell->blocks_made);
    sum.sweeps += read(cell->sweeps);
    cell->shard.with([&](const State::Shard& shard) {
      sum.evictions += shard.tracker.evictions() + shard.blocks.evictions();
      sum.tracked_sources += shard.tracker.size();
    });
  }
  return sum;
}

}  // namespace stormdoor::acl
