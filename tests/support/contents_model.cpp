#include "tests/support/contents_model.hpp"

#include <fmt/format.h>

#include <random>
#include <tuple>
#include <variant>

namespace stormdoor::test {
namespace {

using namespace store;

constexpr uint64_t kSlots = 7;

template <typename Key, typename Row>
std::vector<Row> values(const std::map<Key, Row>& rows) {
  std::vector<Row> all;
  all.reserve(rows.size());
  for (const auto& [key, row] : rows) all.push_back(row);
  return all;
}

template <typename Row>
std::string difference_of(std::string_view kind, const std::vector<Row>& a,
                          const std::vector<Row>& b) {
  if (a.size() != b.size()) return fmt::format("{} {} and {}", a.size(), kind, b.size());
  for (size_t i = 0; i < a.size(); ++i)
    if (!(a[i] == b[i])) return fmt::format("{} differ at place {}", kind, i);
  return {};
}

MacAddress mac_of(uint64_t slot) {
  return MacAddress({0x00, 0x0f, 0xd3, 0x05, 0x48, uint8_t(slot)});
}
std::string location_of(uint64_t slot) {
  return fmt::format("room-{}", slot);
}
std::string extension_of(uint64_t slot) {
  return fmt::format("{}", 2000 + slot);
}

Variables random_variables(std::mt19937_64& random) {
  // Mostly short, sometimes longer than a page of the database.
  Variables variables;
  const uint64_t count = random() % 4;
  for (uint64_t i = 0; i < count; ++i)
    variables[fmt::format("variable{}", i)] = std::string(
        random() % 8 == 0 ? random() % 30000 : random() % 40, char('a' + random() % 26));
  return variables;
}

Change erase_of(uint64_t slot) {
  // In an order in which each step alone would leave a reference to nothing.
  return {{EraseLocation{location_of(slot)}, EraseUser{extension_of(slot)},
           ErasePhone{mac_of(slot)}, EraseAssignment{extension_of(slot), 0},
           EraseBlock{IpPrefix(IpAddress::v4(uint32_t(slot)), 32), 1},
           EraseBlock{IpPrefix(IpAddress::v4(uint32_t(slot)), 32), 1, extension_of(slot)},
           EraseLease{mac_of(slot)}, EraseDeskSession{mac_of(slot)}, EraseConversion{slot},
           EraseStaleSecret{mac_of(slot), extension_of(slot), WallTime(seconds(slot))},
           EraseAdministrator{location_of(slot)}, EraseApiToken{extension_of(slot)}}};
}

}  // namespace

void ContentsModel::apply(const Change& change) {
  struct Apply {
    ContentsModel& m;
    void operator()(const PutLocation& put) const { m.locations_[put.row.name] = put.row; }
    void operator()(const EraseLocation& erase) const { m.locations_.erase(erase.name); }
    void operator()(const PutUser& put) const { m.users_[put.row.extension] = put.row; }
    void operator()(const EraseUser& erase) const { m.users_.erase(erase.extension); }
    void operator()(const PutPhone& put) const { m.phones_[put.row.mac] = put.row; }
    void operator()(const ErasePhone& erase) const { m.phones_.erase(erase.mac); }
    void operator()(const PutAssignment& put) const {
      m.assignments_[{put.row.extension, put.row.slot}] = put.row;
    }
    void operator()(const EraseAssignment& erase) const {
      m.assignments_.erase({erase.extension, erase.slot});
    }
    void operator()(const PutBlock& put) const {
      m.blocks_[{put.row.source.to_string(), put.row.service, put.row.account}] = put.row;
    }
    void operator()(const EraseBlock& erase) const {
      m.blocks_.erase({erase.source.to_string(), erase.service, erase.account});
    }
    void operator()(const PutLease& put) const { m.leases_[put.row.mac] = put.row; }
    void operator()(const EraseLease& erase) const { m.leases_.erase(erase.mac); }
    void operator()(const PutStaleSecret& put) const {
      m.stale_secrets_[{put.row.mac, put.row.account, put.row.since}] = put.row;
    }
    void operator()(const EraseStaleSecret& erase) const {
      m.stale_secrets_.erase({erase.mac, erase.account, erase.since});
    }
    void operator()(const PutDeskSession& put) const { m.desk_sessions_[put.row.mac] = put.row; }
    void operator()(const EraseDeskSession& erase) const { m.desk_sessions_.erase(erase.mac); }
    void operator()(const AppendDeskLog& append) const { m.desk_log_.push_back(append.row); }
    void operator()(const PutConversion& put) const { m.conversions_[put.row.number] = put.row; }
    void operator()(const EraseConversion& erase) const {
      m.conversions_.erase(erase.number);
      std::erase_if(m.conversion_phones_,
                    [&](const auto& phone) { return phone.first.first == erase.number; });
    }
    void operator()(const PutConversionPhone& put) const {
      m.conversion_phones_[{put.row.conversion, put.row.mac}] = put.row;
    }
    void operator()(const PutAdministrator& put) const {
      m.administrators_[put.row.name] = put.row;
    }
    void operator()(const EraseAdministrator& erase) const { m.administrators_.erase(erase.name); }
    void operator()(const PutApiToken& put) const { m.api_tokens_[put.row.id] = put.row; }
    void operator()(const EraseApiToken& erase) const { m.api_tokens_.erase(erase.id); }
    void operator()(const AppendAudit& append) const {
      m.audit_.push_back(append.row);
      m.audit_.back().id = m.audit_.size();
    }
  };
  for (const Operation& operation : change.operations) std::visit(Apply{*this}, operation);
  ++version_;
}

Contents ContentsModel::contents() const {
  return {values(locations_),
          values(users_),
          values(phones_),
          values(assignments_),
          values(blocks_),
          values(leases_),
          values(stale_secrets_),
          values(desk_sessions_),
          values(conversions_),
          values(conversion_phones_),
          values(administrators_),
          values(api_tokens_),
          version_};
}

std::vector<DeskLogRecord> ContentsModel::desk_log(WallTime since, WallTime until,
                                                   size_t most) const {
  std::map<MacAddress, size_t> held;  // the last row of each phone until `since`
  for (size_t i = 0; i < desk_log_.size(); ++i)
    if (desk_log_[i].at <= since) held[desk_log_[i].mac] = i;
  std::vector<DeskLogRecord> rows;
  for (size_t i = 0; i < desk_log_.size() && rows.size() < most; ++i) {
    const DeskLogRecord& row = desk_log_[i];
    const auto last = held.find(row.mac);
    if ((last != held.end() && last->second == i) || (row.at > since && row.at <= until))
      rows.push_back(row);
  }
  return rows;
}

AuditPage ContentsModel::audit(const AuditQuery& query) const {
  AuditPage page;
  page.total = audit_.size();
  for (auto row = audit_.rbegin(); row != audit_.rend() && page.rows.size() < query.most; ++row)
    if (query.before == 0 || row->id < query.before) page.rows.push_back(*row);
  return page;
}

std::string difference(const Contents& a, const Contents& b) {
  if (a.version != b.version) return fmt::format("versions {} and {}", a.version, b.version);
  for (const std::string& found :
       {difference_of("locations", a.locations, b.locations),
        difference_of("users", a.users, b.users), difference_of("phones", a.phones, b.phones),
        difference_of("assignments", a.assignments, b.assignments),
        difference_of("blocks", a.blocks, b.blocks), difference_of("leases", a.leases, b.leases),
        difference_of("stale secrets", a.stale_secrets, b.stale_secrets),
        difference_of("desk sessions", a.desk_sessions, b.desk_sessions),
        difference_of("conversions", a.conversions, b.conversions),
        difference_of("phones of conversions", a.conversion_phones, b.conversion_phones),
        difference_of("administrators", a.administrators, b.administrators),
        difference_of("API tokens", a.api_tokens, b.api_tokens)})
    if (!found.empty()) return found;
  return {};
}

Change numbered_change(uint64_t n) {
  std::mt19937_64 random(n);
  const uint64_t slot = random() % kSlots;
  if (random() % 10 == 0) return erase_of(slot);
  const std::string mark = fmt::format("change {}", n);
  LocationRecord location;
  location.name = location_of(slot);
  location.label = mark;
  location.variables = random_variables(random);
  for (uint64_t i = random() % 3; i > 0; --i)
    location.networks.emplace_back(IpAddress::v4(uint32_t(random())), int(random() % 33));
  UserRecord user;
  user.extension = extension_of(slot);
  user.name = mark;
  user.sip_secret = Secret(mark);
  user.main_phone_type = MainPhoneType::DeskPhone;
  PhoneRecord phone;
  phone.mac = mac_of(slot);
  phone.vendor = "sangoma";
  phone.model = mark;
  phone.role = PhoneRole::Desk;
  phone.location = location.name;
  phone.device_secret = Secret(mark);
  phone.variables = random_variables(random);
  BlockRecord block;
  block.source = IpPrefix(IpAddress::v4(uint32_t(slot)), 32);
  block.service = 1;
  block.since = WallTime(milliseconds(n));
  block.until = WallTime::max();
  block.reason = mark;
  if (random() % 2 == 0) block.account = user.extension;
  block.evidence = std::string(random() % 4096, 'e');
  LeaseRecord lease;
  lease.mac = phone.mac;
  lease.opened = WallTime(milliseconds(n));
  lease.deadline = lease.opened + seconds(n);
  lease.budget = 60;
  lease.spent = uint32_t(random() % 60);
  lease.stale = uint32_t(random());
  lease.reason = mark;
  for (uint64_t i = random() % 4; i > 0; --i) lease.accounts.push_back(extension_of(i));
  for (uint64_t i = random() % 4; i > 0; --i)
    lease.addresses.push_back(IpAddress::v4(uint32_t(random())));
  const StaleSecretRecord stale{phone.mac, user.extension, WallTime(seconds(slot)),
                                WallTime(seconds(n)), Secret(mark)};
  const DeskSessionRecord session{phone.mac, user.extension, WallTime(milliseconds(n))};
  const DeskLogRecord logged{
      WallTime(milliseconds(n)), phone.mac, user.extension, location.name, "+12025550123", mark};
  const ConversionRecord conversion{
      slot, location.name, 5, n % 2 == 0, WallTime(milliseconds(n)), WallTime::max()};
  const ConversionPhoneRecord converted{slot,
                                        phone.mac,
                                        ConversionStep::Away,
                                        user.extension,
                                        WallTime(milliseconds(n)),
                                        WallTime::max(),
                                        3,
                                        2,
                                        mark};
  const AdministratorRecord administrator{location.name, AdminRole(random() % 3), mark,
                                          WallTime(milliseconds(n))};
  const ApiTokenRecord token{user.extension,
                             mark,
                             AdminRole::Helpdesk,
                             mark,
                             WallTime(milliseconds(n)),
                             n % 2 == 0 ? WallTime::max() : WallTime(seconds(n))};
  const AuditRecord audited{0,    WallTime(milliseconds(n)),  mark, "shell", "phone.set",
                            mark, std::string(n % 3000, 'b'), mark};
  return {{PutAdministrator{administrator}, PutApiToken{token}, AppendAudit{audited},
           PutDeskSession{session}, PutConversionPhone{converted},
           PutAssignment{{user.extension, 0, phone.mac}}, PutPhone{phone}, PutUser{user},
           PutLocation{location}, PutBlock{block}, PutLease{lease}, PutStaleSecret{stale},
           AppendDeskLog{logged}, PutConversion{conversion}}};
}

}  // namespace stormdoor::test
