// The part of Guard that administrators and the store talk to: rules, block list, explanation.
#include "acl/explanation.hpp"
#include "acl/guard_state.hpp"

namespace stormdoor::acl {
namespace {

bool forbidden(const RuleSet& rules, const store::BlockRecord& block) {
  return !block.by_administrator &&
         never_blocks(*rules.match(block.source.address()).network, Service{block.service});
}

void append(std::vector<store::BlockRecord>& all, std::vector<store::BlockRecord> some) {
  all.insert(all.end(), std::move_iterator(some.begin()), std::move_iterator(some.end()));
}

}  // namespace

void Guard::replace_rules(std::shared_ptr<const RuleSet> rules) {
  state_->rules.with([&](auto& ours) { ours = rules; });
  const auto is_forbidden = [&](const store::BlockRecord& block) {
    return forbidden(*rules, block);
  };
  for (const auto& cell : state_->cells) {
    cell->shard.with([&](State::Shard& shard) {
      shard.rules = rules;
      shard.blocks.lift_if(is_forbidden);
    });
    cell->suspicion.with([&](State::Suspicion& suspicion) { suspicion.rules = rules; });
  }
  state_->other_blocks.with([&](BlockList& blocks) { blocks.lift_if(is_forbidden); });
}

std::shared_ptr<const RuleSet> Guard::rules() const {
  return state_->rules.with([](const auto& ours) { return ours; });
}

size_t Guard::restore(const std::vector<store::BlockRecord>& blocks, Now now) {
  const auto rules_now = rules();
  size_t without_room = 0;
  for (const store::BlockRecord& record : blocks) {
    if (record.service >= kAllServices.size()) continue;  // of a later version
    const milliseconds remember = rules_now->limit(Service{record.service}).repeat_max;
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

bool Guard::remove_block(const IpPrefix& source, Service service, Now now) {
  return state_->with_blocks_of(
      source, [&](BlockList& list) { return list.remove(SourceKey(source), service, now.steady); });
}

std::vector<store::BlockRecord> Guard::blocks(Now now) const {
  std::vector<store::BlockRecord> all;
  for (const auto& cell : state_->cells)
    append(all, cell->shard.with(
                    [&](const State::Shard& shard) { return shard.blocks.in_force(now.steady); }));
  append(all, state_->other_blocks.with(
                  [&](const BlockList& list) { return list.in_force(now.steady); }));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair(a.source, a.service) < std::pair(b.source, b.service);
  });
  return all;
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
    state_->other_count.store(list.size(), std::memory_order_release);
    return taken;
  }));
  return all;
}

std::vector<std::string> Guard::why(const IpAddress& address, Now now) const {
  const SourceKey source = state_->key_of(address);
  Findings findings;
  findings.address = address;
  findings.source = source.prefix;
  const auto add_block_of = [&](const BlockList::Block* block) {
    if (block != nullptr) findings.blocks.push_back(block->record);
  };
  state_->cell_of(source).shard.with([&](const State::Shard& shard) {
    const RuleSet::Match match = shard.rules->match(address);
    findings.network = *match.network;
    if (match.prefix != nullptr) findings.network_prefix = *match.prefix;
    findings.limits = shard.rules->rules().limits;
    findings.mac_sweep = shard.rules->rules().mac_sweep;
    findings.tftp_rules = shard.rules->rules().tftp_throttle;
    for (const Service service : kAllServices) {
      findings.failures[size_t(service)] = shard.tracker.failures(
          source, State::series_of(service), shard.rules->limit(service).within, now.steady);
      add_block_of(shard.blocks.find(source, service, now.steady));
    }
    findings.swept_macs =
        shard.tracker.failures(source, State::kSweepSeries, findings.mac_sweep.within, now.steady);
    findings.events = shard.evidence.events(source);
    findings.success = shard.evidence.success(source);
  });
  state_->other_blocks.with([&](const BlockList& list) {
    for (const Service service : kAllServices)
      add_block_of(list.find_covering(address, service, now.steady));
  });
  findings.throttle =
      state_->suspicion_of(source).suspicion.with([&](const State::Suspicion& suspicion) {
        return suspicion.meter.throttle(source, now.steady);
      });
  if (findings.success) findings.throttle.neighbourhood_until.reset();  // as admit() has it
  return explain(findings, now);
}

Guard::Counters Guard::counters() const {
  const auto read = [](const std::atomic<uint64_t>& count) {
    return count.load(std::memory_order_relaxed);
  };
  Counters sum;
  for (const auto& cell : state_->cells) {
    sum.admitted += read(cell->admitted);
    sum.refused += read(cell->refused);
    sum.throttled += read(cell->throttled);
    sum.failures += read(cell->failures);
    sum.repeated_mistakes += read(cell->repeated_mistakes);
    sum.unproven += read(cell->unproven);
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
