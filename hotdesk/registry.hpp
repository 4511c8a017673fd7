#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/mac_address.hpp"
#include "base/store/records.hpp"

namespace stormdoor::hotdesk {

using store::AdministratorRecord;
using store::ApiTokenRecord;
using store::AssignmentRecord;
using store::ConversionPhoneRecord;
using store::ConversionRecord;
using store::DeskSessionRecord;
using store::LeaseRecord;
using store::LocationRecord;
using store::PhoneRecord;
using store::StaleSecretRecord;
using store::UserRecord;

// Phones, users, locations and assignments as of one moment, with the leases and previous secrets
// that changes of them left behind (hotdesk/credential_change.hpp bounds both), and who may change
// them. Immutable: any
// thread may read one for as long as it holds the pointer, without locks. A change makes a new one
// that shares everything it did not touch (a change among 20,000 phones copies at most 64 KB).
// Records keep their address while they are unchanged, so `==` on the pointers answers "has this
// changed?".
class Registry {
 public:
  static std::shared_ptr<const Registry> from(const store::Contents& contents);
  // This registry with a committed change applied. Operations that do not concern it are ignored.
  [[nodiscard]] std::shared_ptr<const Registry> with(const store::Change& change,
                                                     uint64_t version) const;

  [[nodiscard]] std::shared_ptr<const PhoneRecord> phone(
      const MacAddress& mac) const;  // or nullptr
  [[nodiscard]] std::shared_ptr<const UserRecord> user(std::string_view extension) const;
  [[nodiscard]] std::shared_ptr<const LocationRecord> location(std::string_view name) const;

  // Whom this phone belongs to; a phone has at most one assignment.
  [[nodiscard]] std::shared_ptr<const AssignmentRecord> assignment_of(const MacAddress& mac) const;
  // The user's phones by slot: 0 main, 1 to 5 additional.
  [[nodiscard]] std::vector<std::shared_ptr<const AssignmentRecord>> assignments_of(
      std::string_view extension) const;
  // Who is logged in at this phone, and where this user is; at most one each.
  [[nodiscard]] std::shared_ptr<const DeskSessionRecord> session_at(const MacAddress& mac) const;
  [[nodiscard]] std::shared_ptr<const DeskSessionRecord> session_of(
      std::string_view extension) const;
  [[nodiscard]] std::shared_ptr<const PhoneRecord> phone_with_device_account(
      std::string_view account) const;

  [[nodiscard]] std::shared_ptr<const LeaseRecord> lease_of(const MacAddress& mac) const;
  // What phones used for this SIP account until it was changed, the newest first.
  [[nodiscard]] std::vector<std::shared_ptr<const StaleSecretRecord>> stale_secrets_of(
      std::string_view account) const;

  // Conversions by number, and the phones of one by MAC; nullptr if it is not among them.
  [[nodiscard]] std::vector<std::shared_ptr<const ConversionRecord>> conversions() const;
  [[nodiscard]] std::shared_ptr<const ConversionPhoneRecord> conversion_phone(
      uint64_t conversion, const MacAddress& mac) const;
  void for_each_conversion_phone(
      uint64_t conversion,
      const std::function<void(const std::shared_ptr<const ConversionPhoneRecord>&)>& use) const;

  [[nodiscard]] std::shared_ptr<const AdministratorRecord> administrator(
      std::string_view name) const;
  [[nodiscard]] std::shared_ptr<const ApiTokenRecord> api_token(std::string_view id) const;

  // In key order.
  void for_each_administrator(
      const std::function<void(const std::shared_ptr<const AdministratorRecord>&)>& use) const;
  void for_each_api_token(
      const std::function<void(const std::shared_ptr<const ApiTokenRecord>&)>& use) const;
  void for_each_session(
      const std::function<void(const std::shared_ptr<const DeskSessionRecord>&)>& use) const;
  void for_each_phone(
      const std::function<void(const std::shared_ptr<const PhoneRecord>&)>& use) const;
  void for_each_user(
      const std::function<void(const std::shared_ptr<const UserRecord>&)>& use) const;
  void for_each_location(
      const std::function<void(const std::shared_ptr<const LocationRecord>&)>& use) const;
  void for_each_lease(
      const std::function<void(const std::shared_ptr<const LeaseRecord>&)>& use) const;
  // By account, the newest first.
  void for_each_stale_secret(
      const std::function<void(const std::shared_ptr<const StaleSecretRecord>&)>& use) const;
  [[nodiscard]] size_t phones_at(std::string_view location) const;

  [[nodiscard]] size_t phone_count() const;
  [[nodiscard]] size_t user_count() const;
  [[nodiscard]] size_t location_count() const;
  [[nodiscard]] size_t lease_count() const;
  [[nodiscard]] size_t session_count() const;
  [[nodiscard]] uint64_t version() const;

 private:
  struct State;
  explicit Registry(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

}  // namespace stormdoor::hotdesk
