// The part of Guard that explains (promise 13).
#include <algorithm>

#include "acl/explanation.hpp"
#include "acl/guard_state.hpp"
#include "acl/wording.hpp"
#include "base/text.hpp"

namespace stormdoor::acl {
namespace {

constexpr size_t kMostPlaces = 8;

std::string from(const IpAddress& address, std::string_view line) {
  return say(address.to_string(), ": ", line);
}

}  // namespace

Findings Guard::State::findings_of(const IpAddress& address, Now now) const {
  const SourceKey source = key_of(address);
  Findings findings;
  findings.address = address;
  findings.source = source.prefix;
  findings.shadow = shadow.load(std::memory_order_relaxed);
  const auto add_block_of = [&](const BlockList::Block* block) {
    if (block != nullptr) findings.blocks.push_back(block->record);
  };
  cell_of(source).shard.with([&](const Shard& shard) {
    const RuleSet::Match match = shard.rules->match(address);
    findings.network = *match.network;
    if (match.prefix != nullptr) findings.network_prefix = *match.prefix;
    findings.shadow = findings.shadow || shard.rules->rules().enforce == EnforceMode::Shadow;
    findings.limits = shard.rules->rules().limits;
    findings.mac_sweep = shard.rules->rules().mac_sweep;
    findings.tftp_rules = shard.rules->rules().tftp_throttle;
    findings.probe_limit = shard.rules->rules().sip_probes.answers;
    for (const Service service : kAllServices) {
      findings.failures[size_t(service)] = shard.tracker.failures(
          source, series_of(service), shard.rules->limit(service).within, now.steady);
      add_block_of(shard.blocks.find(source, service, now.steady));
    }
    for (const auto* block : shard.blocks.accounts_of(source, now.steady)) add_block_of(block);
    findings.swept_macs =
        shard.tracker.failures(source, kSweepSeries, findings.mac_sweep.within, now.steady);
    findings.events = shard.evidence.events(source);
    findings.success = shard.evidence.success(source);
    findings.well = shard.healthy.well(source, now.wall);
    findings.flows = shard.healthy.flows(source, now.wall).size();
  });
  other_blocks.with([&](const BlockList& list) {
    for (const Service service : kAllServices)
      add_block_of(list.find_covering(address, service, now.steady));
  });
  suspicion_of(source).suspicion.with([&](const Suspicion& suspicion) {
    findings.throttle = suspicion.meter.throttle(source, now.steady);
    findings.probes = suspicion.probes.state(source, now.steady);
  });
  leases.with([&](const Leases& all) { findings.leases = all.book.at(address); });
  if (findings.success) findings.throttle.neighbourhood_until.reset();  // as admit() has it
  return findings;
}

std::vector<std::string> Guard::why(const IpAddress& address, Now now) const {
  return explain(state_->findings_of(address, now), now);
}

// Where it was well, and where somebody failed in its name.
std::vector<IpAddress> Guard::State::places_of(std::string_view name) const {
  auto places = whereabouts.with([&](const Whereabouts& all) { return all.of(name); });
  for (const auto& cell : cells) {
    const auto more = cell->shard.with(
        [&](const Shard& shard) { return shard.evidence.sources_naming(name, kMostPlaces); });
    for (const IpAddress& address : more)
      if (std::find(places.begin(), places.end(), address) == places.end())
        places.push_back(address);
    if (places.size() >= kMostPlaces) break;
  }
  return places;
}

std::vector<std::string> Guard::State::tell(std::string_view name,
                                            const std::vector<store::LeaseRecord>& of_it,
                                            Now now) const {
  std::vector<std::string> lines;
  for (const store::LeaseRecord& lease : of_it) lines.push_back(sentence_of(lease, now));
  auto places = places_of(name);
  for (const store::LeaseRecord& lease : of_it)
    for (const IpAddress& address : lease.addresses)
      if (std::find(places.begin(), places.end(), address) == places.end())
        places.push_back(address);
  for (const IpAddress& address : places)
    for (const std::string& line : explain(findings_of(address, now), now))
      lines.push_back(from(address, line));
  if (lines.empty())
    lines.push_back(say("nothing is known of \"", printable(name),
                        "\": it was not seen, nothing "
                        "failed in its name, and no lease excuses it"));
  return lines;
}

std::vector<std::string> Guard::why(const MacAddress& phone, Now now) const {
  const auto of_it = state_->leases.with([&](const State::Leases& all) {
    const auto* lease = all.book.find(phone);
    return lease == nullptr ? std::vector<store::LeaseRecord>{} : std::vector{*lease};
  });
  return state_->tell(phone.to_string(), of_it, now);
}

std::vector<std::string> Guard::why(std::string_view account, Now now) const {
  const auto of_it = state_->leases.with([&](const State::Leases& all) {
    auto leases = all.book.all();
    std::erase_if(leases, [&](const store::LeaseRecord& lease) {
      return std::find(lease.accounts.begin(), lease.accounts.end(), account) ==
             lease.accounts.end();
    });
    return leases;
  });
  return state_->tell(account, of_it, now);
}

}  // namespace stormdoor::acl
