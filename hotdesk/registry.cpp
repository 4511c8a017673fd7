#include "hotdesk/registry.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/persistent_map.hpp"

namespace stormdoor::hotdesk {
namespace {

// Slots of one extension are neighbours, so that one range holds a user's phones.
using SlotKey = std::pair<std::string, uint8_t>;

// Phones of one conversion are neighbours.
using ConversionKey = std::pair<uint64_t, MacAddress>;

// One account's stale secrets are neighbours, the newest first.
struct StaleKey {
  std::string account;
  WallTime since;
  MacAddress mac;

  StaleKey(std::string_view of_account, WallTime of_since, const MacAddress& of_mac)
      : account(of_account), since(of_since), mac(of_mac) {}
  bool operator<(const StaleKey& other) const {
    return std::tie(account, other.since, mac) < std::tie(other.account, since, other.mac);
  }
};

template <typename Key, typename Record>
using Table = PersistentMap<Key, std::shared_ptr<const Record>>;

template <typename Table, typename Key>
typename std::decay_t<decltype(*std::declval<Table>().find(std::declval<Key>()))> found(
    const Table& table, const Key& key) {
  const auto* value = table.find(key);
  if (value == nullptr) return nullptr;
  return *value;
}

}  // namespace

struct Registry::State {
  Table<MacAddress, PhoneRecord> phones;
  Table<std::string, UserRecord> users;
  Table<std::string, LocationRecord> locations;
  Table<SlotKey, AssignmentRecord> slots;
  Table<MacAddress, AssignmentRecord> assigned;  // the same assignments by phone
  Table<std::string, PhoneRecord> accounts;      // phones by device account
  PersistentMap<std::string, size_t> phones_at;  // how many; no entry for none
  Table<MacAddress, LeaseRecord> leases;
  Table<StaleKey, StaleSecretRecord> stale_secrets;
  Table<MacAddress, DeskSessionRecord> sessions;
  Table<std::string, DeskSessionRecord> seated;  // the same sessions by extension
  Table<uint64_t, ConversionRecord> conversions;
  Table<ConversionKey, ConversionPhoneRecord> conversion_phones;
  Table<std::string, AdministratorRecord> administrators;
  Table<std::string, ApiTokenRecord> api_tokens;
  uint64_t version = 0;

  void apply(const store::PutLocation& put) {
    locations =
        locations.insert_or_assign(put.row.name, std::make_shared<const LocationRecord>(put.row));
  }
  void apply(const store::EraseLocation& erase) { locations = locations.erase(erase.name); }
  void apply(const store::PutUser& put) {
    users = users.insert_or_assign(put.row.extension, std::make_shared<const UserRecord>(put.row));
  }
  void apply(const store::EraseUser& erase) { users = users.erase(erase.extension); }

  void apply(const store::PutPhone& put) {
    forget_indexes_of(put.row.mac);
    const auto phone = std::make_shared<const PhoneRecord>(put.row);
    if (!phone->device_account.empty())
      accounts = accounts.insert_or_assign(phone->device_account, phone);
    count_at(phone->location, 1);
    phones = phones.insert_or_assign(phone->mac, phone);
  }
  void apply(const store::ErasePhone& erase) {
    forget_indexes_of(erase.mac);
    phones = phones.erase(erase.mac);
  }

  void apply(const store::PutAssignment& put) {
    const auto assignment = std::make_shared<const AssignmentRecord>(put.row);
    apply(store::EraseAssignment{assignment->extension, assignment->slot});
    // A phone has one assignment: a second one moves it.
    if (const auto earlier = found(assigned, assignment->mac))
      slots = slots.erase(SlotKey(earlier->extension, earlier->slot));
    slots = slots.insert_or_assign(SlotKey(assignment->extension, assignment->slot), assignment);
    assigned = assigned.insert_or_assign(assignment->mac, assignment);
  }
  void apply(const store::EraseAssignment& erase) {
    const SlotKey key(erase.extension, erase.slot);
    const auto assignment = found(slots, key);
    if (!assignment) return;
    assigned = assigned.erase(assignment->mac);
    slots = slots.erase(key);
  }
  void apply(const store::PutBlock&) {}  // the guard's
  void apply(const store::EraseBlock&) {}

  void apply(const store::PutLease& put) {
    leases = leases.insert_or_assign(put.row.mac, std::make_shared<const LeaseRecord>(put.row));
  }
  void apply(const store::EraseLease& erase) { leases = leases.erase(erase.mac); }
  void apply(const store::PutStaleSecret& put) {
    const StaleSecretRecord& row = put.row;
    stale_secrets = stale_secrets.insert_or_assign(StaleKey(row.account, row.since, row.mac),
                                                   std::make_shared<const StaleSecretRecord>(row));
  }
  void apply(const store::EraseStaleSecret& erase) {
    stale_secrets = stale_secrets.erase(StaleKey(erase.account, erase.since, erase.mac));
  }

  void apply(const store::PutDeskSession& put) {
    const auto session = std::make_shared<const DeskSessionRecord>(put.row);
    apply(store::EraseDeskSession{session->mac});
    // A user has one session: a second one moves it.
    if (const auto earlier = found(seated, session->extension))
      sessions = sessions.erase(earlier->mac);
    sessions = sessions.insert_or_assign(session->mac, session);
    seated = seated.insert_or_assign(session->extension, session);
  }
  void apply(const store::EraseDeskSession& erase) {
    const auto session = found(sessions, erase.mac);
    if (!session) return;
    seated = seated.erase(session->extension);
    sessions = sessions.erase(erase.mac);
  }
  void apply(const store::AppendDeskLog&) {}  // stays in the store

  void apply(const store::PutConversion& put) {
    conversions = conversions.insert_or_assign(put.row.number,
                                               std::make_shared<const ConversionRecord>(put.row));
  }
  void apply(const store::EraseConversion& erase) {
    conversions = conversions.erase(erase.number);
    for (auto at = conversion_phones.lower_bound(ConversionKey(erase.number, MacAddress()));
         at != conversion_phones.end() && at->first.first == erase.number;
         at = conversion_phones.lower_bound(ConversionKey(erase.number, MacAddress())))
      conversion_phones = conversion_phones.erase(ConversionKey(at->first));
  }
  void apply(const store::PutConversionPhone& put) {
    conversion_phones =
        conversion_phones.insert_or_assign(ConversionKey(put.row.conversion, put.row.mac),
                                           std::make_shared<const ConversionPhoneRecord>(put.row));
  }

  void apply(const store::PutAdministrator& put) {
    administrators = administrators.insert_or_assign(
        put.row.name, std::make_shared<const AdministratorRecord>(put.row));
  }
  void apply(const store::EraseAdministrator& erase) {
    administrators = administrators.erase(erase.name);
  }
  void apply(const store::PutApiToken& put) {
    api_tokens =
        api_tokens.insert_or_assign(put.row.id, std::make_shared<const ApiTokenRecord>(put.row));
  }
  void apply(const store::EraseApiToken& erase) { api_tokens = api_tokens.erase(erase.id); }
  void apply(const store::AppendAudit&) {}  // stays in the store

 private:
  void forget_indexes_of(const MacAddress& mac) {
    const auto before = found(phones, mac);
    if (!before) return;
    count_at(before->location, -1);
    // The account may have passed to another phone since.
    const auto holder = found(accounts, before->device_account);
    if (holder && holder->mac == mac) accounts = accounts.erase(before->device_account);
  }
  void count_at(const std::string& location, int difference) {
    if (location.empty()) return;
    const size_t* before = phones_at.find(location);
    const size_t count = (before != nullptr ? *before : 0) + size_t(difference);
    phones_at = count > 0 ? phones_at.insert_or_assign(location, count) : phones_at.erase(location);
  }
};

Registry::Registry(std::shared_ptr<const State> state) : state_(std::move(state)) {}

std::shared_ptr<const Registry> Registry::from(const store::Contents& contents) {
  State state;
  for (const auto& row : contents.locations) state.apply(store::PutLocation{row});
  for (const auto& row : contents.users) state.apply(store::PutUser{row});
  for (const auto& row : contents.phones) state.apply(store::PutPhone{row});
  for (const auto& row : contents.assignments) state.apply(store::PutAssignment{row});
  for (const auto& row : contents.leases) state.apply(store::PutLease{row});
  for (const auto& row : contents.stale_secrets) state.apply(store::PutStaleSecret{row});
  for (const auto& row : contents.desk_sessions) state.apply(store::PutDeskSession{row});
  for (const auto& row : contents.conversions) state.apply(store::PutConversion{row});
  for (const auto& row : contents.conversion_phones) state.apply(store::PutConversionPhone{row});
  for (const auto& row : contents.administrators) state.apply(store::PutAdministrator{row});
  for (const auto& row : contents.api_tokens) state.apply(store::PutApiToken{row});
  state.version = contents.version;
  return std::shared_ptr<const Registry>(
      new Registry(std::make_shared<const State>(std::move(state))));
}

std::shared_ptr<const Registry> Registry::with(const store::Change& change,
                                               uint64_t version) const {
  State state = *state_;
  for (const auto& operation : change.operations)
    std::visit([&](const auto& one) { state.apply(one); }, operation);
  state.version = version;
  return std::shared_ptr<const Registry>(
      new Registry(std::make_shared<const State>(std::move(state))));
}

std::shared_ptr<const PhoneRecord> Registry::phone(const MacAddress& mac) const {
  return found(state_->phones, mac);
}
std::shared_ptr<const UserRecord> Registry::user(std::string_view extension) const {
  return found(state_->users, extension);
}
std::shared_ptr<const LocationRecord> Registry::location(std::string_view name) const {
  return found(state_->locations, name);
}

std::shared_ptr<const AssignmentRecord> Registry::assignment_of(const MacAddress& mac) const {
  return found(state_->assigned, mac);
}

std::vector<std::shared_ptr<const AssignmentRecord>> Registry::assignments_of(
    std::string_view extension) const {
  std::vector<std::shared_ptr<const AssignmentRecord>> assignments;
  const auto end = state_->slots.end();
  for (auto at = state_->slots.lower_bound(SlotKey(extension, 0));
       at != end && at->first.first == extension; ++at)
    assignments.push_back(at->second);
  return assignments;
}

std::shared_ptr<const PhoneRecord> Registry::phone_with_device_account(
    std::string_view account) const {
  return found(state_->accounts, account);
}

std::shared_ptr<const DeskSessionRecord> Registry::session_at(const MacAddress& mac) const {
  return found(state_->sessions, mac);
}
std::shared_ptr<const DeskSessionRecord> Registry::session_of(std::string_view extension) const {
  return found(state_->seated, extension);
}

std::vector<std::shared_ptr<const ConversionRecord>> Registry::conversions() const {
  std::vector<std::shared_ptr<const ConversionRecord>> all;
  state_->conversions.for_each([&](const auto&, const auto& record) { all.push_back(record); });
  return all;
}
std::shared_ptr<const ConversionPhoneRecord> Registry::conversion_phone(
    uint64_t conversion, const MacAddress& mac) const {
  return found(state_->conversion_phones, ConversionKey(conversion, mac));
}
void Registry::for_each_conversion_phone(
    uint64_t conversion,
    const std::function<void(const std::shared_ptr<const ConversionPhoneRecord>&)>& use) const {
  const auto& phones = state_->conversion_phones;
  const auto end = phones.end();
  for (auto at = phones.lower_bound(ConversionKey(conversion, MacAddress()));
       at != end && at->first.first == conversion; ++at)
    use(at->second);
}

std::shared_ptr<const LeaseRecord> Registry::lease_of(const MacAddress& mac) const {
  return found(state_->leases, mac);
}

std::vector<std::shared_ptr<const StaleSecretRecord>> Registry::stale_secrets_of(
    std::string_view account) const {
  std::vector<std::shared_ptr<const StaleSecretRecord>> secrets;
  const auto end = state_->stale_secrets.end();
  for (auto at =
           state_->stale_secrets.lower_bound(StaleKey(account, WallTime::max(), MacAddress()));
       at != end && at->first.account == account; ++at)
    secrets.push_back(at->second);
  return secrets;
}

std::shared_ptr<const AdministratorRecord> Registry::administrator(std::string_view name) const {
  return found(state_->administrators, name);
}
std::shared_ptr<const ApiTokenRecord> Registry::api_token(std::string_view id) const {
  return found(state_->api_tokens, id);
}

void Registry::for_each_administrator(
    const std::function<void(const std::shared_ptr<const AdministratorRecord>&)>& use) const {
  state_->administrators.for_each([&](const auto&, const auto& record) { use(record); });
}
void Registry::for_each_api_token(
    const std::function<void(const std::shared_ptr<const ApiTokenRecord>&)>& use) const {
  state_->api_tokens.for_each([&](const auto&, const auto& record) { use(record); });
}
void Registry::for_each_session(
    const std::function<void(const std::shared_ptr<const DeskSessionRecord>&)>& use) const {
  state_->sessions.for_each([&](const auto&, const auto& record) { use(record); });
}
void Registry::for_each_phone(
    const std::function<void(const std::shared_ptr<const PhoneRecord>&)>& use) const {
  state_->phones.for_each([&](const auto&, const auto& record) { use(record); });
}
void Registry::for_each_user(
    const std::function<void(const std::shared_ptr<const UserRecord>&)>& use) const {
  state_->users.for_each([&](const auto&, const auto& record) { use(record); });
}
void Registry::for_each_location(
    const std::function<void(const std::shared_ptr<const LocationRecord>&)>& use) const {
  state_->locations.for_each([&](const auto&, const auto& record) { use(record); });
}

void Registry::for_each_lease(
    const std::function<void(const std::shared_ptr<const LeaseRecord>&)>& use) const {
  state_->leases.for_each([&](const auto&, const auto& record) { use(record); });
}
void Registry::for_each_stale_secret(
    const std::function<void(const std::shared_ptr<const StaleSecretRecord>&)>& use) const {
  state_->stale_secrets.for_each([&](const auto&, const auto& record) { use(record); });
}

size_t Registry::phones_at(std::string_view location) const {
  const size_t* count = state_->phones_at.find(location);
  return count != nullptr ? *count : 0;
}

size_t Registry::phone_count() const {
  return state_->phones.size();
}
size_t Registry::user_count() const {
  return state_->users.size();
}
size_t Registry::location_count() const {
  return state_->locations.size();
}
size_t Registry::lease_count() const {
  return state_->leases.size();
}
size_t Registry::session_count() const {
  return state_->sessions.size();
}
uint64_t Registry::version() const {
  return state_->version;
}

}  // namespace stormdoor::hotdesk
