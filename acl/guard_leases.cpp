// The part of Guard that knows what administrators are doing: leases, and who is excused.
#include <set>

#include "acl/guard_state.hpp"
#include "acl/wording.hpp"
#include "base/text.hpp"

namespace stormdoor::acl {
namespace {

std::vector<std::string> names_of(const store::LeaseRecord& lease) {
  std::vector<std::string> names = lease.accounts;
  names.push_back(lease.mac.to_string());
  return names;
}

Excuse excuse_of(LeaseBook::Answer answer) {
  switch (answer) {
    case LeaseBook::Answer::NotCovered:
      return Excuse::None;
    case LeaseBook::Answer::Forgiven:
      return Excuse::Forgiven;
    case LeaseBook::Answer::BudgetSpent:
    case LeaseBook::Answer::PastDeadline:
      return Excuse::Exhausted;
  }
  return Excuse::None;
}

}  // namespace

// In the order that the Guard's header gives. Where the failure itself proves which phone it is,
// the phone is known to be there from now on.
Guard::State::Judged Guard::State::judge(const Failure& failure, Now now) {
  const bool is_digest = failure.kind == FailureKind::SipRefused;
  if (is_digest && failure.standing == Standing::Current)
    return {.excuse = Excuse::RefusedOtherwise, .phone = {}};
  const bool stale = is_digest && failure.standing == Standing::Stale;
  if (failure.device && (stale || failure.device_proof != DeviceProof::Claimed))
    seen(*failure.device, failure.source, now);
  Judged judged;
  if (stale) {
    judged.excuse = Excuse::Stale;
    judged.phone = failure.device;
  }
  if (lease_count.load(std::memory_order_acquire) == 0) return judged;
  if (failure.service != Service::Sip && failure.service != Service::Provisioning) return judged;
  leases.with([&](Leases& all) {
    if (stale) {
      if (failure.device && failure.proof != PathProof::None)
        all.book.tried_old_secret(*failure.device);
    } else {
      const auto finding = all.book.judge(failure, now);
      judged.excuse = excuse_of(finding.answer);
      if (judged.excuse != Excuse::None) judged.phone = finding.mac;
      judged.leased = judged.excuse != Excuse::None || all.book.knows(identity_of(failure));
    }
    if (judged.phone)
      if (const auto quiet = all.quiet_since.find(*judged.phone); quiet != all.quiet_since.end())
        quiet->second = now.steady;
  });
  return judged;
}

std::vector<store::BlockRecord> Guard::phone_seen(const MacAddress& phone, const IpAddress& address,
                                                  Now now) {
  return state_->seen(phone, address, now);
}

std::vector<store::BlockRecord> Guard::State::seen(const MacAddress& phone,
                                                   const IpAddress& address, Now now) {
  whereabouts.with([&](Whereabouts& places) { places.seen(phone.to_string(), address); });
  if (lease_count.load(std::memory_order_acquire) == 0) return {};
  const auto lease = leases.with([&](Leases& all) -> std::optional<store::LeaseRecord> {
    const store::LeaseRecord* found = all.book.find(phone);
    if (found == nullptr || is_past_deadline(*found, now.wall)) return {};
    const auto& known = found->addresses;
    if (std::find(known.begin(), known.end(), address) != known.end()) return {};
    all.book.seen_at(phone, address);
    return *found;
  });
  if (!lease) return {};
  return judge_anew(*lease, {address}, now);
}

std::vector<store::BlockRecord> Guard::State::judge_anew(const store::LeaseRecord& lease,
                                                         const std::vector<IpAddress>& addresses,
                                                         Now now) {
  const auto names = names_of(lease);
  std::vector<store::BlockRecord> lifted;
  std::set<MacAddress> devices{lease.mac};
  for (const IpAddress& address : addresses) {
    const SourceKey source = key_of(address);
    with_shard(source, [&](Shard& shard) {
      append(lifted, shard.judge_without(source, names, now));
      for (const MacAddress& device : shard.evidence.devices(source)) devices.insert(device);
    });
  }
  for (const MacAddress& device : devices)
    for (const Service service : {Service::Provisioning, Service::Sip})
      for (const std::string& name : names) settle_device(device, service, name);
  return lifted;
}

Result<std::vector<store::BlockRecord>> Guard::open_lease(const store::LeaseRecord& said, Now now) {
  store::LeaseRecord lease = said;
  state_->whereabouts.with([&](const Whereabouts& places) {
    for (const std::string& name : names_of(said))
      for (const IpAddress& address : places.of(name))
        if (lease.addresses.size() < kMostLeaseAddresses &&
            std::find(lease.addresses.begin(), lease.addresses.end(), address) ==
                lease.addresses.end())
          lease.addresses.push_back(address);
  });
  auto opened = state_->leases.with([&](State::Leases& all) -> Result<store::LeaseRecord> {
    TRY(all.book.open(lease, now));
    all.quiet_since.erase(lease.mac);
    state_->lease_count.store(all.book.size(), std::memory_order_release);
    return *all.book.find(lease.mac);
  });
  if (!opened) return opened.error();
  if (is_past_deadline(*opened, now.wall)) return std::vector<store::BlockRecord>{};
  return state_->judge_anew(*opened, opened->addresses, now);
}

std::optional<WallTime> Guard::lease_deadline(const MacAddress& phone) const {
  return state_->leases.with([&](const State::Leases& all) -> std::optional<WallTime> {
    const auto* const lease = all.book.find(phone);
    return lease == nullptr ? std::nullopt : std::optional(lease->deadline);
  });
}

std::optional<store::LeaseRecord> Guard::close_lease(const MacAddress& phone) {
  return state_->end_lease(phone);
}

std::optional<store::LeaseRecord> Guard::State::end_lease(const MacAddress& phone) {
  if (lease_count.load(std::memory_order_acquire) == 0) return {};
  return leases.with([&](Leases& all) {
    auto ended = all.book.close(phone);
    if (ended) all.closed.push_back(*ended);
    all.quiet_since.erase(phone);
    lease_count.store(all.book.size(), std::memory_order_release);
    return ended;
  });
}

std::vector<store::LeaseRecord> Guard::leases() const {
  return state_->leases.with([](const State::Leases& all) { return all.book.all(); });
}

std::vector<store::LeaseRecord> Guard::take_changed_leases() {
  if (state_->lease_count.load(std::memory_order_acquire) == 0) return {};
  return state_->leases.with([](State::Leases& all) { return all.book.take_changed(); });
}

std::vector<store::LeaseRecord> Guard::take_closed_leases(Now now) {
  return state_->leases.with([&](State::Leases& all) {
    auto over = std::exchange(all.closed, {});
    auto forgotten = all.book.take_forgotten(now);
    over.insert(over.end(), forgotten.begin(), forgotten.end());
    // One that was opened again has the same key: to erase it would erase the new one.
    std::erase_if(over, [&](const auto& lease) { return all.book.find(lease.mac) != nullptr; });
    state_->lease_count.store(all.book.size(), std::memory_order_release);
    return over;
  });
}

std::vector<store::LeaseRecord> Guard::take_expired_leases(Now now) {
  if (state_->lease_count.load(std::memory_order_acquire) == 0) return {};
  return state_->leases.with([&](State::Leases& all) { return all.book.take_expired(now); });
}

void Guard::leases_not_stored(const std::vector<store::LeaseRecord>& changed,
                              const std::vector<store::LeaseRecord>& closed) {
  state_->leases.with([&](State::Leases& all) {
    for (const auto& lease : changed) all.book.not_stored(lease.mac);
    append(all.closed, closed);
  });
}

// The configuration that the phone has now was made after its lease was opened.
void Guard::State::begin_quiet(const MacAddress& phone, Now now) {
  if (lease_count.load(std::memory_order_acquire) == 0) return;
  leases.with([&](Leases& all) {
    if (all.book.find(phone) != nullptr) all.quiet_since[phone] = now.steady;
  });
}

void Guard::tick(Now now) {
  if (state_->lease_count.load(std::memory_order_acquire) == 0) return;
  state_->leases.with([&](State::Leases& all) {
    for (auto quiet = all.quiet_since.begin(); quiet != all.quiet_since.end();) {
      if (now.steady - quiet->second < kQuietTime) {
        ++quiet;
        continue;
      }
      if (auto ended = all.book.close(quiet->first)) all.closed.push_back(std::move(*ended));
      quiet = all.quiet_since.erase(quiet);
    }
    state_->lease_count.store(all.book.size(), std::memory_order_release);
  });
}

std::optional<Exemption> Guard::excused(const IpAddress& address, Now now) const {
  if (state_->lease_count.load(std::memory_order_acquire) > 0) {
    auto lease = state_->leases.with([&](const State::Leases& all) -> std::optional<Exemption> {
      const store::LeaseRecord* found = all.book.excuse_for(address, now);
      if (found == nullptr) return {};
      return Exemption{say("phone ", found->mac.to_string(), " is there and is excused (",
                           printable(found->reason, 200), "); ", found->budget - found->spent,
                           " of its failures are still forgiven"),
                       found->deadline};
    });
    if (lease) return lease;
  }
  const SourceKey source = state_->key_of(address);
  return state_->cell_of(source).shard.with(
      [&](const State::Shard& shard) -> std::optional<Exemption> {
        const auto flows = shard.healthy.flows(source, now.wall);
        if (flows.empty() || shard.blocks.find(source, Service::Sip, now.steady) != nullptr)
          return {};
        const auto last =
            std::max_element(flows.begin(), flows.end(),
                             [](const auto& a, const auto& b) { return a.expires < b.expires; });
        const size_t below = shard.blocks.accounts_of(source, now.steady).size();
        return Exemption{
            say(counted(flows.size(), "registered phone shares", "registered phones share"),
                " this address; what fails there is refused by account (", below, " now)"),
            last->expires};
      });
}

}  // namespace stormdoor::acl
