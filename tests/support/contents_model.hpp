#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/store/records.hpp"

namespace stormdoor::test {

// What a store should hold, in plain maps.
class ContentsModel {
 public:
  // Applies the change and counts it.
  void apply(const store::Change& change);
  // Each kind in the order of its key, as a store loads it.
  [[nodiscard]] store::Contents contents() const;
  [[nodiscard]] uint64_t version() const { return version_; }
  // As Store::desk_log().
  [[nodiscard]] std::vector<store::DeskLogRecord> desk_log(WallTime since, WallTime until,
                                                           size_t most) const;

  // As Store::audit(), without looking at `search`.
  [[nodiscard]] store::AuditPage audit(const store::AuditQuery& query) const;

 private:
  std::map<std::string, store::LocationRecord> locations_;
  std::map<std::string, store::UserRecord> users_;
  std::map<MacAddress, store::PhoneRecord> phones_;
  std::map<std::pair<std::string, uint8_t>, store::AssignmentRecord> assignments_;
  // By source as text, service and account.
  std::map<std::tuple<std::string, uint8_t, std::string>, store::BlockRecord> blocks_;
  std::map<MacAddress, store::LeaseRecord> leases_;
  std::map<std::tuple<MacAddress, std::string, WallTime>, store::StaleSecretRecord> stale_secrets_;
  std::map<MacAddress, store::DeskSessionRecord> desk_sessions_;
  std::map<uint64_t, store::ConversionRecord> conversions_;
  std::map<std::pair<uint64_t, MacAddress>, store::ConversionPhoneRecord> conversion_phones_;
  std::vector<store::DeskLogRecord> desk_log_;
  std::map<std::string, store::AdministratorRecord> administrators_;
  std::map<std::string, store::ApiTokenRecord> api_tokens_;
  std::vector<store::AuditRecord> audit_;
  uint64_t version_ = 0;
};

// "" when they are the same, else the first difference.
[[nodiscard]] std::string difference(const store::Contents& a, const store::Contents& b);

// The nth change of an endless, always valid history over a few rows of every kind: puts of all
// sizes, replacements and deletions, several operations each that are wrong without the others.
[[nodiscard]] store::Change numbered_change(uint64_t n);

}  // namespace stormdoor::test
