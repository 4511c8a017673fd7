// The part of Guard that says who is to blame, and judges anew who was (promises 1 and 5).
#include <algorithm>

#include "acl/guard_state.hpp"

namespace stormdoor::acl {
namespace {

// Services at which the account is somebody behind the address; people's passwords for the portal
// and programs' for the API are the address's own.
bool can_fall_below(Service service) {
  return service != Service::Portal && service != Service::Api;
}

// A block of an account that was never well there, by what it was made for.
bool is_of_stranger(const store::BlockRecord& block) {
  const auto grounds = parse_evidence(block.evidence);
  return grounds && std::ranges::any_of(grounds->blamed, [&](const Blamed& one) {
           return one.name == block.account && !one.share.known;
         });
}

}  // namespace

bool Guard::State::Shard::is_decoy(const Failure& failure) const {
  if (failure.kind == FailureKind::DecoyMac) return true;
  return asks_for_a_file(failure.kind) && failure.device && rules->is_decoy(*failure.device);
}

std::vector<Blamed> Guard::State::Shard::blamed_for(const SourceKey& source, const Failure& failure,
                                                    FailureTracker::Series series,
                                                    const Limit& limit, Now now) const {
  std::vector<std::pair<IdentityTag, std::string>> names;
  const auto remember = [&](std::string name) {
    const auto is_it = [&](const auto& one) { return one.second == name; };
    if (name.empty() || std::ranges::any_of(names, is_it)) return;
    names.emplace_back(identity_tag(name), std::move(name));
  };
  remember(identity_of(failure));
  for (std::string& name : evidence.names(source, failure.service)) remember(std::move(name));
  std::vector<Blamed> all;
  for (const auto& share : tracker.shares(source, series, limit.within, now.steady)) {
    const auto name = std::find_if(names.begin(), names.end(),
                                   [&](const auto& one) { return one.first == share.identity; });
    all.push_back({share, name == names.end() ? std::string() : name->second});
  }
  return all;
}

// Whether a block of the whole source would be one of others, too: of those who are well there, or,
// while an account is refused that was well itself, of those who were. So an office keeps its
// address when all of its accounts are refused at once.
bool Guard::State::Shard::is_shared(const SourceKey& source, const Blamed& first, Now now) const {
  return healthy.others_than(first.name, source, now.wall) ||
         (first.share.known && healthy.others_were(first.name, source, now.wall));
}

std::optional<store::BlockRecord> Guard::State::Shard::block(const SourceKey& source,
                                                             const Failure& failure,
                                                             const Verdict& verdict, Now now) {
  const Limit& limit = verdict.sweep ? rules->rules().mac_sweep : rules->limit(failure.service);
  const auto series = verdict.sweep ? kSweepSeries : series_of(failure.service);
  auto blamed = blamed_for(source, failure, series, limit, now);
  // Below the source's limit it is the device that is at its own: it is blamed first; else who
  // failed most is.
  const bool by_device = verdict.failures < verdict.limit;
  if (by_device)
    std::ranges::stable_partition(
        blamed, [&](const Blamed& one) { return one.name == identity_of(failure); });
  Blame blame;
  if (!verdict.sweep && can_fall_below(failure.service) && !blamed.empty() &&
      is_shared(source, blamed.front(), now))
    blame = blame_for(blamed, limit.distinct_identities);
  const size_t strangers =
      blame.whole || blame.identity.share.known ? 0 : blocks.count_accounts(source, is_of_stranger);
  if (strangers >= kMostStrangers) blame.whole = true;
  const BlockEvidence grounds{.rule = !verdict.sweep      ? BlockEvidence::Rule::Limit
                                      : is_decoy(failure) ? BlockEvidence::Rule::Decoy
                                                          : BlockEvidence::Rule::Sweep,
                              .blamed = blamed};
  BlockList::Cause cause{.service = failure.service,
                         .reason = {},
                         .account = blame.whole ? std::string() : blame.identity.name,
                         .evidence = format_evidence(grounds)};
  cause.reason = is_decoy(failure) && verdict.sweep ? reason_of_decoy(failure)
                 : verdict.sweep ? reason_of_sweep(verdict.failures, limit, failure)
                 : blame.whole
                     ? reason_of_limit(failure.service, verdict.failures, limit, failure)
                     : reason_of_blame(failure.service, blame, verdict.failures, limit, failure);
  if (by_device) cause.reason = reason_of_device(failure.service, limit, failure);
  if (strangers >= kMostStrangers)
    cause.reason =
        reason_of_strangers(failure.service, strangers, verdict.failures, limit, failure);
  auto made = blocks.block(source, limit, std::move(cause), now);
  if (!made) return {};
  end_foreign_flow(source, failure, now);
  // They have been paid for: when the block is over, the count begins at nothing.
  if (!made->account.empty()) {
    tracker.settle(source, series, identity_tag(made->account));
    return made;
  }
  tracker.settle(source, series_of(failure.service));
  if (failure.service == Service::Provisioning) tracker.settle(source, kSweepSeries);
  return made;
}

// Past its lease's budget or deadline: only the old account from that source, never the address.
std::optional<store::BlockRecord> Guard::State::Shard::refuse_account(const SourceKey& source,
                                                                      const Failure& failure,
                                                                      const Judged& judged,
                                                                      Now now) {
  const std::string account = identity_of(failure);
  if (account.empty() || account.size() > kMostIdentityBytes) return {};
  if (never_blocks(*rules->match(failure.source).network, failure.service)) return {};
  if (blocks.find(source, failure.service, now.steady) != nullptr) return {};
  tracker.settle(source, series_of(failure.service), identity_tag(account));
  return blocks.block(source, rules->limit(failure.service),
                      {.service = failure.service,
                       .reason = reason_of_lease(judged.phone.value_or(MacAddress()), account),
                       .account = account},
                      now);
}

// What these identities failed at this source is forgiven: it counts no longer, and blocks that
// the rest does not justify are lifted. The rest counts again, as of when the block was made.
std::vector<store::BlockRecord> Guard::State::Shard::judge_without(
    const SourceKey& source, const std::vector<std::string>& names, Now now) {
  std::vector<store::BlockRecord> lifted;
  const auto is_forgiven = [&](IdentityTag tag) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return identity_tag(name) == tag; });
  };
  const auto lift = [&](const store::BlockRecord& block) {
    lifted.push_back(block);
    blocks.remove(source, Service{block.service}, now.steady, block.account);
  };
  for (const Service service : {Service::Provisioning, Service::Sip}) {
    for (const std::string& name : names) {
      tracker.settle(source, series_of(service), identity_tag(name));
      if (service == Service::Provisioning)
        tracker.settle(source, kSweepSeries, identity_tag(name));
      if (const auto* block = blocks.find(source, service, now.steady, name);
          block != nullptr && !block->record.by_administrator)
        lift(store::BlockRecord(block->record));
    }
    const auto* found = blocks.find(source, service, now.steady);
    if (found == nullptr || found->record.by_administrator) continue;
    const store::BlockRecord block = found->record;
    const auto why = parse_evidence(block.evidence);
    if (!why || why->rule == BlockEvidence::Rule::Decoy) continue;
    uint32_t rest = 0;
    uint32_t forgiven = 0;
    for (const Blamed& one : why->blamed)
      (is_forgiven(one.share.identity) ? forgiven : rest) += one.share.failures;
    const bool sweep = why->rule == BlockEvidence::Rule::Sweep;
    const Limit& limit = sweep ? rules->rules().mac_sweep : rules->limit(service);
    if (forgiven == 0 || rest >= limit.failures) continue;
    lift(block);
    const auto then = now.steady - std::max<milliseconds>(now.wall - block.since, milliseconds{0});
    if (now.steady - then >= limit.within) continue;
    for (const Blamed& one : why->blamed)
      if (!is_forgiven(one.share.identity))
        tracker.restore(source, sweep ? kSweepSeries : series_of(service), one.share, then);
  }
  return lifted;
}

// Somebody guesses on a flow that registered: his own account does not cover that.
void Guard::State::Shard::end_foreign_flow(const SourceKey& source, const Failure& failure,
                                           Now now) {
  if (failure.service != Service::Sip || failure.port == 0) return;
  const Flow flow{failure.source, failure.port, failure.tcp};
  const auto registered = healthy.find(source, flow, now.wall);
  if (!registered || registered->account == failure.account) return;
  healthy.unregistered(source, flow);
  note_flow(source, *registered, false, now);
}

}  // namespace stormdoor::acl
