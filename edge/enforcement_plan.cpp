#include "edge/enforcement_plan.hpp"

#include <algorithm>
#include <utility>

namespace stormdoor::edge {
namespace {

// At least a second: zero means for ever.
uint32_t seconds_until(WallTime until, WallTime now) {
  if (until == WallTime::max()) return 0;
  const auto left = std::chrono::ceil<seconds>(until - now).count();
  return uint32_t(std::clamp<int64_t>(left, 1, kMostEnforceSeconds));
}

EnforceSet set_of(acl::Service service) {
  return EnforceSet(uint8_t(service));
}

EnforceFlow flow_of(const acl::Registration& registration, WallTime now) {
  return {registration.flow.address, registration.flow.port, registration.flow.tcp,
          seconds_until(registration.expires, now)};
}

// What `some` holds and `others` does not.
void append_missing(const std::map<IpPrefix, std::set<std::string>>& some,
                    const std::map<IpPrefix, std::set<std::string>>& others, bool add,
                    std::vector<WatchBlame>& blames) {
  for (const auto& [source, accounts] : some) {
    const auto found = others.find(source);
    for (const auto& account : accounts)
      if (found == others.end() || !found->second.contains(account))
        blames.push_back({add, source, account});
  }
}

}  // namespace

EnforcementPlan::Steps EnforcementPlan::steps(const std::vector<acl::EnforcementChange>& changes,
                                              WallTime now) {
  using Kind = acl::EnforcementChange::Kind;
  Steps steps;
  for (const auto& change : changes) {
    switch (change.kind) {
      case Kind::Refuse:
        refuse(change.refusal, now, steps);
        break;
      case Kind::Release:
        release(change.refusal, steps);
        break;
      case Kind::Meter:
        steps.elements.push_back({EnforceOp::Add,
                                  {EnforceSet::Metered, change.metering.source,
                                   seconds_until(change.metering.until, now)}});
        break;
      case Kind::FlowWell:
        steps.flows.push_back({EnforceOp::Add, flow_of(change.registration, now)});
        break;
      case Kind::FlowGone:
        steps.flows.push_back({EnforceOp::Remove, flow_of(change.registration, now)});
        break;
    }
  }
  return steps;
}

void EnforcementPlan::refuse(const acl::Refusal& refusal, WallTime now, Steps& steps) {
  if (!in_kernel(refusal.service)) return;
  const uint32_t timeout = seconds_until(refusal.until, now);
  if (refusal.account.empty()) {
    steps.elements.push_back({EnforceOp::Add, {set_of(refusal.service), refusal.source, timeout}});
  } else if (refusal.service == acl::Service::Sip) {
    contested_[refusal.source].insert(refusal.account);
    // Without a timeout of its own: other accounts of the source may last longer.
    steps.elements.push_back({EnforceOp::Add, {EnforceSet::Contested, refusal.source, 0}});
    steps.blames.push_back({true, refusal.source, refusal.account});
  }
}

void EnforcementPlan::release(const acl::Refusal& refusal, Steps& steps) {
  if (!in_kernel(refusal.service)) return;
  if (refusal.account.empty()) {
    steps.elements.push_back({EnforceOp::Remove, {set_of(refusal.service), refusal.source, 0}});
    return;
  }
  const auto found = contested_.find(refusal.source);
  if (found == contested_.end() || found->second.erase(refusal.account) == 0) return;
  steps.blames.push_back({false, refusal.source, refusal.account});
  if (!found->second.empty()) return;
  contested_.erase(found);
  steps.elements.push_back({EnforceOp::Remove, {EnforceSet::Contested, refusal.source, 0}});
}

EnforcementPlan::Whole EnforcementPlan::all(const acl::Enforcement& intended, WallTime now) {
  Whole whole;
  auto& elements = whole.contents.elements;
  for (const auto& refusal : intended.blocked)
    if (in_kernel(refusal.service))
      elements.push_back(
          {set_of(refusal.service), refusal.source, seconds_until(refusal.until, now)});
  const auto before = std::exchange(contested_, {});
  for (const auto& refusal : intended.contested)
    if (refusal.service == acl::Service::Sip) contested_[refusal.source].insert(refusal.account);
  append_missing(before, contested_, false, whole.blames);
  append_missing(contested_, before, true, whole.blames);
  for (const auto& [source, accounts] : contested_)
    elements.push_back({EnforceSet::Contested, source, 0});
  for (const auto& metering : intended.metered)
    elements.push_back({EnforceSet::Metered, metering.source, seconds_until(metering.until, now)});
  for (const auto& registration : intended.healthy)
    whole.contents.flows.push_back(flow_of(registration, now));
  return whole;
}

std::vector<WatchBlame> EnforcementPlan::blames() const {
  std::vector<WatchBlame> all;
  for (const auto& [source, accounts] : contested_)
    for (const auto& account : accounts) all.push_back({true, source, account});
  return all;
}

}  // namespace stormdoor::edge
