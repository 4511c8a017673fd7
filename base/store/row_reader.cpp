#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/store/rows.hpp"

namespace stormdoor::store {
namespace {

// The database passed its integrity check, so what does not read here was written by somebody else.
Error unreadable(std::string_view table, std::string_view key, std::string_view why) {
  return {ErrorCode::Corrupt, fmt::format("the row \"{}\" of {}: {}", key, table, why)};
}

template <typename Number>
Result<Number> ranged(const Row& row, int column, Number most, std::string_view table) {
  const int64_t value = row.integer(column);
  if (value < 0 || value > int64_t(most))
    return unreadable(table, row.text(0),
                      fmt::format("{} in column {} is out of range", value, column + 1));
  return Number(value);
}

Result<Secret> open_secret(const Row& row, int column, const crypto::SecretBox& box,
                           std::string_view name, std::string_view key) {
  if (row.is_null(column)) return Secret();
  auto secret = box.open(row.blob(column), seal_context(name, key));
  if (!secret) return secret.error().while_doing(fmt::format("{} of {}", name, key));
  return secret;
}

Result<MacAddress> read_mac(const Row& row, int column, std::string_view table) {
  auto mac = MacAddress::parse(row.text(column));
  if (!mac) return unreadable(table, row.text(0), mac.error().message());
  return mac;
}

Result<IpPrefix> read_prefix(const Row& row, int column, std::string_view table) {
  auto prefix = IpPrefix::parse(row.text(column));
  if (!prefix) return unreadable(table, row.text(0), prefix.error().message());
  return prefix;
}

WallTime read_time(const Row& row, int column) {
  if (row.is_null(column)) return WallTime::max();
  return WallTime(milliseconds(row.integer(column)));
}

Result<LocationRecord> read_location(const Row& row) {
  return LocationRecord{.name = row.text(0),
                        .label = row.text(1),
                        .emergency_number = row.text(2),
                        .house_number = row.text(3),
                        .street = row.text(4),
                        .city = row.text(5),
                        .state = row.text(6),
                        .postal_code = row.text(7),
                        .country = row.text(8),
                        .building = row.text(9),
                        .floor = row.text(10),
                        .room = row.text(11),
                        .networks = {},
                        .variables = {},
                        .templates = {}};
}

// A TRY stands on a line of its own: returning out of a half-built record would leak its members.
Result<UserRecord> read_user(const Row& row, const crypto::SecretBox& box) {
  UserRecord user;
  user.extension = row.text(0);
  user.name = row.text(1);
  user.sip_secret = TRY(open_secret(row, 2, box, "user.sip_secret", user.extension));
  user.pin_hash = row.text(3);
  user.main_phone_type = TRY(ranged(row, 4, MainPhoneType::HotDesking, "user"));
  return user;
}

Result<PhoneRecord> read_phone(const Row& row, const crypto::SecretBox& box) {
  PhoneRecord phone;
  phone.mac = TRY(read_mac(row, 0, "phone"));
  phone.vendor = row.text(1);
  phone.model = row.text(2);
  phone.role = TRY(ranged(row, 3, PhoneRole::HotDesk, "phone"));
  phone.location = row.text(4);
  phone.device_account = row.text(5);
  phone.device_secret = TRY(open_secret(row, 6, box, "phone.device_secret", row.text(0)));
  phone.token = TRY(open_secret(row, 7, box, "phone.token", row.text(0)));
  phone.token_issued = row.integer(8) != 0;
  phone.first_contact_approved = row.integer(9) != 0;
  return phone;
}

Result<AssignmentRecord> read_assignment(const Row& row) {
  AssignmentRecord assignment;
  assignment.extension = row.text(0);
  assignment.slot = TRY(ranged(row, 1, std::numeric_limits<uint8_t>::max(), "assignment"));
  assignment.mac = TRY(read_mac(row, 2, "assignment"));
  return assignment;
}

Result<BlockRecord> read_block(const Row& row) {
  BlockRecord block;
  block.source = TRY(read_prefix(row, 0, "block"));
  block.service = TRY(ranged(row, 1, std::numeric_limits<uint8_t>::max(), "block"));
  block.account = row.text(2);
  block.since = read_time(row, 3);
  block.until = read_time(row, 4);
  block.repeats = TRY(ranged(row, 5, std::numeric_limits<uint32_t>::max(), "block"));
  block.reason = row.text(6);
  block.by_administrator = row.integer(7) != 0;
  block.evidence = row.text(8);
  return block;
}

Result<LeaseRecord> read_lease(const Row& row) {
  LeaseRecord lease;
  lease.mac = TRY(read_mac(row, 0, "lease"));
  lease.opened = read_time(row, 1);
  lease.deadline = read_time(row, 2);
  lease.budget = TRY(ranged(row, 3, std::numeric_limits<uint32_t>::max(), "lease"));
  lease.spent = TRY(ranged(row, 4, std::numeric_limits<uint32_t>::max(), "lease"));
  lease.reason = row.text(5);
  lease.stale = TRY(ranged(row, 6, std::numeric_limits<uint32_t>::max(), "lease"));
  return lease;
}

Result<StaleSecretRecord> read_stale_secret(const Row& row, const crypto::SecretBox& box) {
  StaleSecretRecord stale;
  stale.mac = TRY(read_mac(row, 0, "stale_secret"));
  stale.account = row.text(1);
  stale.since = read_time(row, 2);
  stale.until = read_time(row, 3);
  stale.secret = TRY(open_secret(row, 4, box, "stale_secret.secret",
                                 stale_secret_key(row.text(0), stale.account, row.integer(2))));
  return stale;
}

Result<DeskSessionRecord> read_desk_session(const Row& row) {
  DeskSessionRecord session;
  session.mac = TRY(read_mac(row, 0, "desk_session"));
  session.extension = row.text(1);
  session.since = read_time(row, 2);
  return session;
}

Result<DeskLogRecord> read_desk_log_row(const Row& row) {
  DeskLogRecord logged;
  logged.mac = TRY(read_mac(row, 0, "desk_log"));
  logged.at = read_time(row, 1);
  logged.extension = row.text(2);
  logged.location = row.text(3);
  logged.emergency_number = row.text(4);
  logged.address = row.text(5);
  return logged;
}

Result<ConversionRecord> read_conversion(const Row& row) {
  ConversionRecord conversion;
  conversion.number = TRY(ranged(row, 0, std::numeric_limits<int64_t>::max(), "conversion"));
  conversion.location = row.text(1);
  conversion.at_once = TRY(ranged(row, 2, std::numeric_limits<uint32_t>::max(), "conversion"));
  conversion.paused = row.integer(3) != 0;
  conversion.opened = read_time(row, 4);
  conversion.ended = read_time(row, 5);
  return conversion;
}

Result<ConversionPhoneRecord> read_conversion_phone(const Row& row) {
  constexpr std::string_view kTable = "conversion_phone";
  ConversionPhoneRecord phone;
  phone.mac = TRY(read_mac(row, 0, kTable));
  phone.conversion = TRY(ranged(row, 1, std::numeric_limits<int64_t>::max(), kTable));
  phone.step = TRY(ranged(row, 2, ConversionStep::Refused, kTable));
  phone.extension = row.text(3);
  phone.started = read_time(row, 4);
  phone.ended = read_time(row, 5);
  phone.forgiven = TRY(ranged(row, 6, std::numeric_limits<uint32_t>::max(), kTable));
  phone.note = row.text(7);
  phone.stale = TRY(ranged(row, 8, std::numeric_limits<uint32_t>::max(), kTable));
  return phone;
}

Result<AdministratorRecord> read_administrator(const Row& row) {
  AdministratorRecord administrator;
  administrator.name = row.text(0);
  administrator.role = TRY(ranged(row, 1, AdminRole::Administrator, "administrator"));
  administrator.password_hash = row.text(2);
  administrator.made = read_time(row, 3);
  return administrator;
}

Result<ApiTokenRecord> read_api_token(const Row& row) {
  ApiTokenRecord token;
  token.id = row.text(0);
  token.label = row.text(1);
  token.role = TRY(ranged(row, 2, AdminRole::Administrator, "api_token"));
  token.hash = row.text(3);
  token.made = read_time(row, 4);
  token.expires = read_time(row, 5);
  return token;
}

Result<AuditRecord> read_audit_row(const Row& row) {
  return AuditRecord{.id = uint64_t(row.integer(0)),
                     .at = read_time(row, 1),
                     .who = row.text(2),
                     .role = row.text(3),
                     .action = row.text(4),
                     .about = row.text(5),
                     .before = row.text(6),
                     .after = row.text(7)};
}

template <typename Record, typename Read>
Result<std::vector<Record>> read_all(Database& database, std::string_view sql, const Read& read,
                                     std::initializer_list<Value> values = {}) {
  std::vector<Record> records;
  const auto add = [&](const Row& row) -> Result<void> {
    records.push_back(TRY(read(row)));
    return {};
  };
  TRY(database.for_each_row(sql, add, values));
  return records;
}

// The record that a row of a side table belongs to; `records` are in the order of their keys.
template <typename Record, typename Key>
Result<Record*> owner_of(std::vector<Record>& records, Key Record::* key, const Key& wanted,
                         const Row& row, std::string_view table) {
  const auto found = std::ranges::lower_bound(records, wanted, {}, key);
  if (found == records.end() || (*found).*key != wanted)
    return unreadable(table, row.text(0), "it belongs to nothing");
  return &*found;
}

template <typename Record>
void add_to_layer(Record& record, const Row& row) {
  Variables& layer = row.text(1) == "variable" ? record.variables : record.templates;
  layer.emplace_hint(layer.end(), row.text(2), row.text(3));
}

Result<void> read_location_sides(Database& database, std::vector<LocationRecord>& locations) {
  const auto add_network = [&](const Row& row) -> Result<void> {
    LocationRecord* location =
        TRY(owner_of(locations, &LocationRecord::name, row.text(0), row, "location_network"));
    location->networks.push_back(TRY(read_prefix(row, 1, "location_network")));
    return {};
  };
  const auto add_layer = [&](const Row& row) -> Result<void> {
    LocationRecord* location =
        TRY(owner_of(locations, &LocationRecord::name, row.text(0), row, "location_layer"));
    add_to_layer(*location, row);
    return {};
  };
  TRY(database.for_each_row(
      "SELECT location, prefix FROM location_network ORDER BY location, position", add_network));
  return database.for_each_row(
      "SELECT location, kind, name, value FROM location_layer ORDER BY location, kind, name",
      add_layer);
}

Result<void> read_phone_sides(Database& database, std::vector<PhoneRecord>& phones) {
  const auto add_layer = [&](const Row& row) -> Result<void> {
    const MacAddress mac = TRY(read_mac(row, 0, "phone_layer"));
    PhoneRecord* phone = TRY(owner_of(phones, &PhoneRecord::mac, mac, row, "phone_layer"));
    add_to_layer(*phone, row);
    return {};
  };
  return database.for_each_row(
      "SELECT mac, kind, name, value FROM phone_layer ORDER BY mac, kind, name", add_layer);
}

Result<void> read_lease_sides(Database& database, std::vector<LeaseRecord>& leases) {
  const auto lease_of = [&](const Row& row, std::string_view table) -> Result<LeaseRecord*> {
    const MacAddress mac = TRY(read_mac(row, 0, table));
    return owner_of(leases, &LeaseRecord::mac, mac, row, table);
  };
  const auto add_account = [&](const Row& row) -> Result<void> {
    LeaseRecord* lease = TRY(lease_of(row, "lease_account"));
    lease->accounts.push_back(row.text(1));
    return {};
  };
  const auto add_address = [&](const Row& row) -> Result<void> {
    LeaseRecord* lease = TRY(lease_of(row, "lease_address"));
    const auto address = IpAddress::parse(row.text(1));
    if (!address) return unreadable("lease_address", row.text(0), address.error().message());
    lease->addresses.push_back(*address);
    return {};
  };
  TRY(database.for_each_row("SELECT mac, account FROM lease_account ORDER BY mac, position",
                            add_account));
  return database.for_each_row("SELECT mac, address FROM lease_address ORDER BY mac, position",
                               add_address);
}

}  // namespace

Result<Contents> read_contents(Database& database, const crypto::SecretBox& box) {
  Contents contents;
  contents.locations = TRY(read_all<LocationRecord>(
      database,
      "SELECT name, label, emergency_number, house_number, street, city, state, postal_code,"
      " country, building, floor, room FROM location ORDER BY name",
      read_location));
  contents.users = TRY(read_all<UserRecord>(
      database,
      "SELECT extension, name, sip_secret, pin_hash, main_phone_type FROM user ORDER BY extension",
      [&](const Row& row) { return read_user(row, box); }));
  contents.phones = TRY(read_all<PhoneRecord>(
      database,
      "SELECT mac, vendor, model, role, location, device_account, device_secret, token,"
      " token_issued, first_contact_approved FROM phone ORDER BY mac",
      [&](const Row& row) { return read_phone(row, box); }));
  contents.assignments = TRY(read_all<AssignmentRecord>(
      database, "SELECT extension, slot, mac FROM assignment ORDER BY extension, slot",
      read_assignment));
  contents.blocks = TRY(read_all<BlockRecord>(
      database,
      "SELECT source, service, account, since, until, repeats, reason, by_administrator, evidence"
      " FROM block ORDER BY source, service, account",
      read_block));
  contents.leases = TRY(read_all<LeaseRecord>(
      database,
      "SELECT mac, opened, deadline, budget, spent, reason, stale FROM lease ORDER BY mac",
      read_lease));
  contents.stale_secrets = TRY(read_all<StaleSecretRecord>(
      database,
      "SELECT mac, account, since, until, secret FROM stale_secret ORDER BY mac, account, since",
      [&](const Row& row) { return read_stale_secret(row, box); }));
  contents.desk_sessions = TRY(read_all<DeskSessionRecord>(
      database, "SELECT mac, extension, since FROM desk_session ORDER BY mac", read_desk_session));
  contents.conversions = TRY(read_all<ConversionRecord>(
      database,
      "SELECT number, location, at_once, paused, opened, ended FROM conversion ORDER BY number",
      read_conversion));
  contents.conversion_phones = TRY(read_all<ConversionPhoneRecord>(
      database,
      "SELECT mac, conversion, step, extension, started, ended, forgiven, note, stale"
      " FROM conversion_phone ORDER BY conversion, mac",
      read_conversion_phone));
  contents.administrators = TRY(read_all<AdministratorRecord>(
      database, "SELECT name, role, password_hash, made FROM administrator ORDER BY name",
      read_administrator));
  contents.api_tokens = TRY(read_all<ApiTokenRecord>(
      database, "SELECT id, label, role, hash, made, expires FROM api_token ORDER BY id",
      read_api_token));
  TRY(read_location_sides(database, contents.locations));
  TRY(read_phone_sides(database, contents.phones));
  TRY(read_lease_sides(database, contents.leases));
  return contents;
}

Result<std::vector<DeskLogRecord>> read_desk_log(Database& database, WallTime since, WallTime until,
                                                 size_t most) {
  return read_all<DeskLogRecord>(
      database,
      "SELECT mac, at, extension, location, emergency_number, address FROM desk_log"
      " WHERE id IN (SELECT max(id) FROM desk_log WHERE at <= ?1 GROUP BY mac)"
      " OR (at > ?1 AND at <= ?2) ORDER BY id LIMIT ?3",
      read_desk_log_row,
      {since.time_since_epoch().count(), until.time_since_epoch().count(),
       int64_t(std::min<size_t>(most, std::numeric_limits<int64_t>::max()))});
}

Result<AuditPage> read_audit(Database& database, const AuditQuery& query) {
  const int64_t before =
      query.before == 0 ? std::numeric_limits<int64_t>::max() : int64_t(query.before);
  const auto most = int64_t(std::min<size_t>(query.most, std::numeric_limits<int64_t>::max()));
  AuditPage page;
  const auto count = [&](const Row& row) -> Result<void> {
    page.total = uint64_t(row.integer(0));
    return {};
  };
  if (query.search.empty()) {
    TRY(database.for_each_row("SELECT count(*) FROM audit_log", count));
    page.rows = TRY(read_all<AuditRecord>(
        database,
        "SELECT id, at, who, role, action, about, before, after FROM audit_log"
        " WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
        read_audit_row, {before, most}));
    return page;
  }
  // char(31) keeps a text from matching across two columns.
  TRY(database.for_each_row(
      "SELECT count(*) FROM audit_log WHERE instr(lower(who || char(31) || role || char(31) ||"
      " action || char(31) || about || char(31) || before || char(31) || after), lower(?1)) > 0",
      count, {query.search}));
  page.rows = TRY(read_all<AuditRecord>(
      database,
      "SELECT id, at, who, role, action, about, before, after FROM audit_log"
      " WHERE id < ?1 AND instr(lower(who || char(31) || role || char(31) || action || char(31) ||"
      " about || char(31) || before || char(31) || after), lower(?3)) > 0"
      " ORDER BY id DESC LIMIT ?2",
      read_audit_row, {before, most, query.search}));
  return page;
}

}  // namespace stormdoor::store
