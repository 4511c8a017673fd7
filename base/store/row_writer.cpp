#include <fmt/format.h>

#include "base/store/rows.hpp"

namespace stormdoor::store {
namespace {

// The structured bindings below name every field of a record, so that a new field does not compile
// until it has a column.

Value text_or_null(std::string_view text) {
  return text.empty() ? Value(std::monostate{}) : Value(text);
}

Value blob_or_null(std::string_view bytes) {
  return bytes.empty() ? Value(std::monostate{}) : Value(Blob(bytes));
}

int64_t in_milliseconds(WallTime time) {
  return time.time_since_epoch().count();
}

Value time_or_null(WallTime time) {
  return time == WallTime::max() ? Value(std::monostate{}) : Value(in_milliseconds(time));
}

Result<std::string> seal(const crypto::SecretBox& box, const Secret& secret,
                         std::string_view column, std::string_view key) {
  if (secret.empty()) return std::string();
  if (secret.reveal().size() > kMostSecretBytes)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("{} is longer than {} bytes", column, kMostSecretBytes));
  return box.seal(secret, seal_context(column, key));
}

Result<void> put_layer(Database& database, std::string_view insert, std::string_view owner,
                       std::string_view kind, const Variables& values) {
  for (const auto& [name, value] : values) TRY(database.run(insert, {owner, kind, name, value}));
  return {};
}

struct Writer {
  Database& database;
  const crypto::SecretBox& box;

  Result<void> operator()(const PutLocation& put) const {
    const auto& [name, label, emergency_number, house_number, street, city, state, postal_code,
                 country, building, floor, room, networks, variables, templates] = put.row;
    TRY(database.run(
        "INSERT INTO location (name, label, emergency_number, house_number, street, city, state,"
        " postal_code, country, building, floor, room)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
        " ON CONFLICT (name) DO UPDATE SET label = ?2, emergency_number = ?3, house_number = ?4,"
        " street = ?5, city = ?6, state = ?7, postal_code = ?8, country = ?9, building = ?10,"
        " floor = ?11, room = ?12",
        {name, label, emergency_number, house_number, street, city, state, postal_code, country,
         building, floor, room}));
    TRY(database.run("DELETE FROM location_network WHERE location = ?1", {name}));
    int64_t position = 0;
    for (const IpPrefix& prefix : networks)
      TRY(database.run(
          "INSERT INTO location_network (location, position, prefix) VALUES (?1, ?2, ?3)",
          {name, position++, prefix.to_string()}));
    TRY(database.run("DELETE FROM location_layer WHERE location = ?1", {name}));
    constexpr std::string_view kInsert =
        "INSERT INTO location_layer (location, kind, name, value) VALUES (?1, ?2, ?3, ?4)";
    TRY(put_layer(database, kInsert, name, "variable", variables));
    return put_layer(database, kInsert, name, "template", templates);
  }

  Result<void> operator()(const EraseLocation& erase) const {
    return database.run("DELETE FROM location WHERE name = ?1", {erase.name});
  }

  Result<void> operator()(const PutUser& put) const {
    const auto& [extension, name, sip_secret, pin_hash, main_phone_type] = put.row;
    const std::string sealed = TRY(seal(box, sip_secret, "user.sip_secret", extension));
    return database.run(
        "INSERT INTO user (extension, name, sip_secret, pin_hash, main_phone_type)"
        " VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (extension) DO UPDATE SET name = ?2, sip_secret = ?3, pin_hash = ?4,"
        " main_phone_type = ?5",
        {extension, name, blob_or_null(sealed), pin_hash, int64_t(main_phone_type)});
  }

  Result<void> operator()(const EraseUser& erase) const {
    return database.run("DELETE FROM user WHERE extension = ?1", {erase.extension});
  }

  Result<void> operator()(const PutPhone& put) const {
    const auto& [mac, vendor, model, role, location, device_account, device_secret, token,
                 token_issued, first_contact_approved, variables, templates] = put.row;
    const std::string key = mac.to_string();
    const std::string sealed_secret = TRY(seal(box, device_secret, "phone.device_secret", key));
    const std::string sealed_token = TRY(seal(box, token, "phone.token", key));
    TRY(database.run(
        "INSERT INTO phone (mac, vendor, model, role, location, device_account, device_secret,"
        " token, token_issued, first_contact_approved)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        " ON CONFLICT (mac) DO UPDATE SET vendor = ?2, model = ?3, role = ?4, location = ?5,"
        " device_account = ?6, device_secret = ?7, token = ?8, token_issued = ?9,"
        " first_contact_approved = ?10",
        {key, vendor, model, int64_t(role), text_or_null(location), device_account,
         blob_or_null(sealed_secret), blob_or_null(sealed_token), int64_t{token_issued},
         int64_t{first_contact_approved}}));
    TRY(database.run("DELETE FROM phone_layer WHERE mac = ?1", {key}));
    constexpr std::string_view kInsert =
        "INSERT INTO phone_layer (mac, kind, name, value) VALUES (?1, ?2, ?3, ?4)";
    TRY(put_layer(database, kInsert, key, "variable", variables));
    return put_layer(database, kInsert, key, "template", templates);
  }

  Result<void> operator()(const ErasePhone& erase) const {
    return database.run("DELETE FROM phone WHERE mac = ?1", {erase.mac.to_string()});
  }

  Result<void> operator()(const PutAssignment& put) const {
    const auto& [extension, slot, mac] = put.row;
    return database.run(
        "INSERT INTO assignment (extension, slot, mac) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (extension, slot) DO UPDATE SET mac = ?3",
        {extension, int64_t{slot}, mac.to_string()});
  }

  Result<void> operator()(const EraseAssignment& erase) const {
    return database.run("DELETE FROM assignment WHERE extension = ?1 AND slot = ?2",
                        {erase.extension, int64_t{erase.slot}});
  }

  Result<void> operator()(const PutBlock& put) const {
    const auto& [source, service, since, until, repeats, reason, by_administrator, account,
                 evidence] = put.row;
    return database.run(
        "INSERT INTO block (source, service, account, since, until, repeats, reason,"
        " by_administrator, evidence)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        " ON CONFLICT (source, service, account) DO UPDATE SET since = ?4, until = ?5,"
        " repeats = ?6, reason = ?7, by_administrator = ?8, evidence = ?9",
        {source.to_string(), int64_t{service}, account, in_milliseconds(since), time_or_null(until),
         int64_t{repeats}, reason, int64_t{by_administrator}, evidence});
  }

  Result<void> operator()(const EraseBlock& erase) const {
    return database.run("DELETE FROM block WHERE source = ?1 AND service = ?2 AND account = ?3",
                        {erase.source.to_string(), int64_t{erase.service}, erase.account});
  }

  Result<void> operator()(const PutLease& put) const {
    const auto& [mac, accounts, opened, deadline, budget, spent, stale, reason, addresses] =
        put.row;
    const std::string key = mac.to_string();
    TRY(
        database.run("INSERT INTO lease (mac, opened, deadline, budget, spent, reason, stale)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                     " ON CONFLICT (mac) DO UPDATE SET opened = ?2, deadline = ?3, budget = ?4,"
                     " spent = ?5, reason = ?6, stale = ?7",
                     {key, in_milliseconds(opened), in_milliseconds(deadline), int64_t{budget},
                      int64_t{spent}, reason, int64_t{stale}}));
    TRY(database.run("DELETE FROM lease_account WHERE mac = ?1", {key}));
    int64_t position = 0;
    for (const std::string& account : accounts)
      TRY(database.run("INSERT INTO lease_account (mac, position, account) VALUES (?1, ?2, ?3)",
                       {key, position++, account}));
    TRY(database.run("DELETE FROM lease_address WHERE mac = ?1", {key}));
    position = 0;
    for (const IpAddress& address : addresses)
      TRY(database.run("INSERT INTO lease_address (mac, position, address) VALUES (?1, ?2, ?3)",
                       {key, position++, address.to_string()}));
    return {};
  }

  Result<void> operator()(const EraseLease& erase) const {
    return database.run("DELETE FROM lease WHERE mac = ?1", {erase.mac.to_string()});
  }

  Result<void> operator()(const PutStaleSecret& put) const {
    const auto& [mac, account, since, until, secret] = put.row;
    const std::string phone = mac.to_string();
    const std::string sealed = TRY(seal(box, secret, "stale_secret.secret",
                                        stale_secret_key(phone, account, in_milliseconds(since))));
    return database.run(
        "INSERT INTO stale_secret (mac, account, since, until, secret)"
        " VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (mac, account, since) DO UPDATE SET until = ?4, secret = ?5",
        {phone, account, in_milliseconds(since), in_milliseconds(until), blob_or_null(sealed)});
  }

  Result<void> operator()(const EraseStaleSecret& erase) const {
    return database.run("DELETE FROM stale_secret WHERE mac = ?1 AND account = ?2 AND since = ?3",
                        {erase.mac.to_string(), erase.account, in_milliseconds(erase.since)});
  }

  // A second session of the same user is refused by the table itself, whatever the rooms believed.
  Result<void> operator()(const PutDeskSession& put) const {
    const auto& [mac, extension, since] = put.row;
    return database.run(
        "INSERT INTO desk_session (mac, extension, since) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (mac) DO UPDATE SET extension = ?2, since = ?3",
        {mac.to_string(), extension, in_milliseconds(since)});
  }

  Result<void> operator()(const EraseDeskSession& erase) const {
    return database.run("DELETE FROM desk_session WHERE mac = ?1", {erase.mac.to_string()});
  }

  Result<void> operator()(const AppendDeskLog& append) const {
    const auto& [at, mac, extension, location, emergency_number, address] = append.row;
    return database.run(
        "INSERT INTO desk_log (at, mac, extension, location, emergency_number, address)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        {in_milliseconds(at), mac.to_string(), extension, location, emergency_number, address});
  }

  Result<void> operator()(const PutConversion& put) const {
    const auto& [number, location, at_once, paused, opened, ended] = put.row;
    return database.run(
        "INSERT INTO conversion (number, location, at_once, paused, opened, ended)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT (number) DO UPDATE SET location = ?2, at_once = ?3, paused = ?4,"
        " opened = ?5, ended = ?6",
        {int64_t(number), location, int64_t{at_once}, int64_t{paused}, in_milliseconds(opened),
         time_or_null(ended)});
  }

  Result<void> operator()(const EraseConversion& erase) const {
    return database.run("DELETE FROM conversion WHERE number = ?1", {int64_t(erase.number)});
  }

  Result<void> operator()(const PutConversionPhone& put) const {
    const auto& [conversion, mac, step, extension, started, ended, forgiven, stale, note] = put.row;
    return database.run(
        "INSERT INTO conversion_phone"
        " (conversion, mac, step, extension, started, ended, forgiven, note, stale)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        " ON CONFLICT (conversion, mac) DO UPDATE SET step = ?3, extension = ?4, started = ?5,"
        " ended = ?6, forgiven = ?7, note = ?8, stale = ?9",
        {int64_t(conversion), mac.to_string(), int64_t(step), extension, time_or_null(started),
         time_or_null(ended), int64_t{forgiven}, note, int64_t{stale}});
  }

  Result<void> operator()(const PutAdministrator& put) const {
    const auto& [name, role, password_hash, made] = put.row;
    return database.run(
        "INSERT INTO administrator (name, role, password_hash, made) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (name) DO UPDATE SET role = ?2, password_hash = ?3, made = ?4",
        {name, int64_t(role), password_hash, in_milliseconds(made)});
  }

  Result<void> operator()(const EraseAdministrator& erase) const {
    return database.run("DELETE FROM administrator WHERE name = ?1", {erase.name});
  }

  Result<void> operator()(const PutApiToken& put) const {
    const auto& [id, label, role, hash, made, expires] = put.row;
    return database.run(
        "INSERT INTO api_token (id, label, role, hash, made, expires)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT (id) DO UPDATE SET label = ?2, role = ?3, hash = ?4, made = ?5, expires = ?6",
        {id, label, int64_t(role), hash, in_milliseconds(made), time_or_null(expires)});
  }

  Result<void> operator()(const EraseApiToken& erase) const {
    return database.run("DELETE FROM api_token WHERE id = ?1", {erase.id});
  }

  Result<void> operator()(const AppendAudit& append) const {
    const auto& [id, at, who, role, action, about, before, after] = append.row;
    TRY(
        database.run("INSERT INTO audit_log (at, who, role, action, about, before, after)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                     {in_milliseconds(at), who, role, action, about, before, after}));
    return database.run("DELETE FROM audit_log WHERE id <= (SELECT max(id) FROM audit_log) - ?1",
                        {kMostAuditRows});
  }
};

}  // namespace

std::string seal_context(std::string_view column, std::string_view key) {
  return fmt::format("{}:{}", column, key);
}

std::string stale_secret_key(std::string_view mac, std::string_view account, int64_t since) {
  return fmt::format("{} {} {}", mac, since, account);
}

Result<void> apply(Database& database, const crypto::SecretBox& box, const Operation& operation) {
  return std::visit(Writer{database, box}, operation);
}

}  // namespace stormdoor::store
