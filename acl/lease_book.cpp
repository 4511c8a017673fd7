#include "acl/lease_book.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/error.hpp"

namespace stormdoor::acl {
namespace {

using store::LeaseRecord;

// `first`, then what only `second` has; the first `most` of that.
template <typename Item>
std::vector<Item> joined(std::vector<Item> first, const std::vector<Item>& second, size_t most) {
  for (const Item& item : second)
    if (std::ranges::find(first, item) == first.end()) first.push_back(item);
  if (first.size() > most) first.resize(most);
  return first;
}

bool is_request_for_files(FailureKind kind) {
  return kind == FailureKind::WrongToken || kind == FailureKind::ForeignFile ||
         kind == FailureKind::UnknownMac;
}

// Says or proves that it is another phone.
bool is_another_phone(const Failure& failure, const MacAddress& mac) {
  return failure.device && *failure.device != mac && failure.device_proof != DeviceProof::Wire;
}

bool proves_to_be(const Failure& failure, const MacAddress& mac) {
  if (failure.device == mac && failure.device_proof != DeviceProof::Claimed) return true;
  return failure.kind == FailureKind::SipRefused && failure.standing == Standing::Stale &&
         (!failure.device || *failure.device == mac);
}

bool was_seen_at(const LeaseRecord& lease, const IpAddress& address) {
  return std::ranges::find(lease.addresses, address) != lease.addresses.end();
}

// Given that it is about this phone's files or old accounts: is it from this phone?
bool is_from_phone_of(const LeaseRecord& lease, const Failure& failure) {
  if (proves_to_be(failure, lease.mac)) return true;
  return was_seen_at(lease, failure.source) && !is_another_phone(failure, lease.mac);
}

}  // namespace

LeaseRecord merged(const LeaseRecord& known, const LeaseRecord& said, WallTime now) {
  if (said.opened < known.opened) {
    LeaseRecord lease = known;
    lease.addresses = joined(known.addresses, said.addresses, kMostLeaseAddresses);
    return lease;
  }
  LeaseRecord lease = said;
  lease.accounts = joined(said.accounts, known.accounts, kMostLeaseAccounts);
  lease.addresses = joined(said.addresses, known.addresses, kMostLeaseAddresses);
  if (said.opened > known.opened && is_past_deadline(known, now)) return lease;
  lease.opened = known.opened;
  lease.deadline = std::max(known.deadline, said.deadline);
  lease.budget = std::max(known.budget, said.budget);
  lease.spent = std::max(known.spent, said.spent);
  lease.stale = std::max(known.stale, said.stale);
  return lease;
}

bool is_same_lease(const LeaseRecord& a, const LeaseRecord& b) {
  return std::tie(a.mac, a.opened, a.deadline, a.accounts) ==
         std::tie(b.mac, b.opened, b.deadline, b.accounts);
}

LeaseBook::LeaseBook(size_t capacity, milliseconds remember_past)
    : capacity_(capacity), remember_past_(remember_past) {
  STORMDOOR_CHECK(capacity > 0, "a book without room excuses nobody");
}

Result<void> LeaseBook::open(const LeaseRecord& lease, Now now) {
  const auto known = leases_.find(lease.mac);
  if (known == leases_.end()) {
    if (leases_.size() >= capacity_ && !make_room(now))
      return Error(ErrorCode::ResourceExhausted,
                   "there are as many leases in force as can be kept; close some");
    Entry& entry = leases_[lease.mac];
    entry.lease = lease;
    entry.lease.accounts = joined(lease.accounts, {}, kMostLeaseAccounts);
    entry.lease.addresses = joined(lease.addresses, {}, kMostLeaseAddresses);
    index(entry.lease);
    return {};
  }
  Entry& entry = known->second;
  unindex(entry.lease);
  LeaseRecord renewed = merged(entry.lease, lease, now.wall);
  // Where the phone is, this side knows better than the store.
  renewed.addresses = joined(entry.lease.addresses, lease.addresses, kMostLeaseAddresses);
  entry.lease = std::move(renewed);
  entry.changed = entry.lease != lease;
  entry.told_expired = entry.told_expired && is_past_deadline(entry.lease, now.wall);
  index(entry.lease);
  return {};
}

std::optional<LeaseRecord> LeaseBook::close(const MacAddress& mac) {
  const auto entry = leases_.find(mac);
  if (entry == leases_.end()) return {};
  return remove(entry);
}

void LeaseBook::seen_at(const MacAddress& mac, const IpAddress& address) {
  const auto found = leases_.find(mac);
  if (found == leases_.end()) return;
  Entry& entry = found->second;
  auto& addresses = entry.lease.addresses;
  if (const auto known = std::ranges::find(addresses, address); known != addresses.end()) {
    // Only its turn to be forgotten changes, which is not worth a write.
    std::rotate(addresses.begin(), known, known + 1);
    return;
  }
  unindex(entry.lease);
  addresses = joined({address}, addresses, kMostLeaseAddresses);
  index(entry.lease);
  entry.changed = true;
}

void LeaseBook::tried_old_secret(const MacAddress& mac) {
  const auto found = leases_.find(mac);
  if (found == leases_.end() || found->second.lease.stale == std::numeric_limits<uint32_t>::max())
    return;
  ++found->second.lease.stale;
  found->second.changed = true;
}

LeaseBook::Finding LeaseBook::judge(const Failure& failure, Now now) {
  Finding finding;
  if (leases_.empty() || failure.proof == PathProof::None) return finding;
  for (Entry* entry : concerned(failure)) {
    LeaseRecord& lease = entry->lease;
    if (!is_from_phone_of(lease, failure)) continue;
    if (!is_past_deadline(lease, now.wall) && lease.spent < lease.budget) {
      ++lease.spent;
      entry->changed = true;
      return {Answer::Forgiven, lease.mac};
    }
    if (finding.answer == Answer::BudgetSpent) continue;
    finding = {is_past_deadline(lease, now.wall) ? Answer::PastDeadline : Answer::BudgetSpent,
               lease.mac};
  }
  return finding;
}

// Whose files or old account it is about, by MAC. An administrator gives one account to few phones.
std::vector<LeaseBook::Entry*> LeaseBook::concerned(const Failure& failure) {
  std::vector<Entry*> entries;
  if (is_request_for_files(failure.kind) && failure.device) {
    const auto found = leases_.find(*failure.device);
    if (found != leases_.end()) entries.push_back(&found->second);
  }
  if (failure.kind == FailureKind::SipRefused && !failure.account.empty())
    for (auto at = by_account_.lower_bound({failure.account, MacAddress()});
         at != by_account_.end() && at->first == failure.account; ++at)
      entries.push_back(&leases_.at(at->second));
  return entries;
}

const LeaseRecord* LeaseBook::excuse_for(const IpAddress& address, Now now) const {
  for (auto at = by_address_.lower_bound({address, MacAddress()});
       at != by_address_.end() && at->first == address; ++at) {
    const LeaseRecord& lease = leases_.at(at->second).lease;
    if (!is_past_deadline(lease, now.wall) && lease.spent < lease.budget) return &lease;
  }
  return nullptr;
}

const LeaseRecord* LeaseBook::find(const MacAddress& mac) const {
  const auto found = leases_.find(mac);
  return found == leases_.end() ? nullptr : &found->second.lease;
}

std::vector<LeaseRecord> LeaseBook::at(const IpAddress& address) const {
  std::vector<LeaseRecord> leases;
  for (auto at = by_address_.lower_bound({address, MacAddress()});
       at != by_address_.end() && at->first == address; ++at)
    leases.push_back(leases_.at(at->second).lease);
  return leases;
}

bool LeaseBook::knows(const std::string& name) const {
  const auto account = by_account_.lower_bound({name, MacAddress()});
  if (account != by_account_.end() && account->first == name) return true;
  const auto mac = MacAddress::parse(name);
  return mac && leases_.contains(*mac);
}

std::vector<LeaseRecord> LeaseBook::all() const {
  std::vector<LeaseRecord> leases;
  leases.reserve(leases_.size());
  for (const auto& [mac, entry] : leases_) leases.push_back(entry.lease);
  return leases;
}

std::vector<LeaseRecord> LeaseBook::take_changed() {
  std::vector<LeaseRecord> changed;
  for (auto& [mac, entry] : leases_)
    if (std::exchange(entry.changed, false)) changed.push_back(entry.lease);
  return changed;
}

void LeaseBook::not_stored(const MacAddress& mac) {
  if (const auto found = leases_.find(mac); found != leases_.end()) found->second.changed = true;
}

std::vector<LeaseRecord> LeaseBook::take_expired(Now now) {
  std::vector<LeaseRecord> expired;
  for (auto& [mac, entry] : leases_)
    if (is_past_deadline(entry.lease, now.wall) && !std::exchange(entry.told_expired, true))
      expired.push_back(entry.lease);
  return expired;
}

std::vector<LeaseRecord> LeaseBook::take_forgotten(Now now) {
  for (auto at = leases_.begin(); at != leases_.end();) {
    const auto entry = at++;
    // Only one that take_expired() has told: nobody may miss that a phone has not come back.
    if (entry->second.told_expired && now.wall - remember_past_ >= entry->second.lease.deadline)
      forgotten_.push_back(remove(entry));
  }
  return std::exchange(forgotten_, {});
}

// Forgets the lease that is longest past its deadline, if there is one.
bool LeaseBook::make_room(Now now) {
  const auto oldest = std::ranges::min_element(
      leases_, {}, [](const auto& item) { return item.second.lease.deadline; });
  if (!is_past_deadline(oldest->second.lease, now.wall)) return false;
  LeaseRecord lease = remove(oldest);
  if (forgotten_.size() < capacity_) forgotten_.push_back(std::move(lease));
  return true;
}

LeaseRecord LeaseBook::remove(Entries::iterator entry) {
  unindex(entry->second.lease);
  LeaseRecord lease = std::move(entry->second.lease);
  leases_.erase(entry);
  return lease;
}

void LeaseBook::index(const LeaseRecord& lease) {
  for (const IpAddress& address : lease.addresses) by_address_.emplace(address, lease.mac);
  for (const std::string& account : lease.accounts) by_account_.emplace(account, lease.mac);
}

void LeaseBook::unindex(const LeaseRecord& lease) {
  for (const IpAddress& address : lease.addresses) by_address_.erase({address, lease.mac});
  for (const std::string& account : lease.accounts) by_account_.erase({account, lease.mac});
}

}  // namespace stormdoor::acl
