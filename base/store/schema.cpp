#include "base/store/schema.hpp"

#include <fmt/format.h>

#include <array>

#include "base/store/copy.hpp"

namespace stormdoor::store {
namespace {

// The tables mirror records.hpp, one column per field. Which rows make sense together is for the
// rooms to say; the store only keeps references whole, at the end of a change and not before it, so
// that the operations of a change may come in any order. Secrets are sealed BLOBs, NULL if empty.
constexpr UpgradeStep kVersion1 = R"sql(
PRAGMA application_id = 0x53544452;

CREATE TABLE store_state (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  version   INTEGER NOT NULL,              -- counts committed changes
  key_check BLOB NOT NULL                  -- opens with the right key file only
) STRICT;

CREATE TABLE location (
  name TEXT PRIMARY KEY NOT NULL,
  label TEXT NOT NULL,
  emergency_number TEXT NOT NULL,
  house_number TEXT NOT NULL,
  street TEXT NOT NULL,
  city TEXT NOT NULL,
  state TEXT NOT NULL,
  postal_code TEXT NOT NULL,
  country TEXT NOT NULL,
  building TEXT NOT NULL,
  floor TEXT NOT NULL,
  room TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE location_network (
  location TEXT NOT NULL REFERENCES location ON DELETE CASCADE,
  position INTEGER NOT NULL,
  prefix   TEXT NOT NULL,                  -- 10.20.0.0/16
  PRIMARY KEY (location, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE location_layer (
  location TEXT NOT NULL REFERENCES location ON DELETE CASCADE,
  kind     TEXT NOT NULL CHECK (kind IN ('variable', 'template')),
  name     TEXT NOT NULL,
  value    TEXT NOT NULL,
  PRIMARY KEY (location, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
  extension TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  sip_secret BLOB,
  pin_hash TEXT NOT NULL,
  main_phone_type INTEGER NOT NULL         -- 0 none, 1 desk phone, 2 hot desking
) STRICT, WITHOUT ROWID;

CREATE TABLE phone (
  mac TEXT PRIMARY KEY NOT NULL,           -- 00:0F:D3:05:48:48
  vendor TEXT NOT NULL,
  model TEXT NOT NULL,
  role INTEGER NOT NULL,                   -- 0 unassigned, 1 desk, 2 hot-desk
  location TEXT REFERENCES location DEFERRABLE INITIALLY DEFERRED,
  device_account TEXT NOT NULL,
  device_secret BLOB,
  token BLOB,
  token_issued INTEGER NOT NULL,
  first_contact_approved INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX phone_by_location ON phone (location);

CREATE TABLE phone_layer (
  mac   TEXT NOT NULL REFERENCES phone ON DELETE CASCADE,
  kind  TEXT NOT NULL CHECK (kind IN ('variable', 'template')),
  name  TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (mac, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE assignment (
  extension TEXT NOT NULL REFERENCES user DEFERRABLE INITIALLY DEFERRED,
  slot INTEGER NOT NULL,
  mac TEXT NOT NULL REFERENCES phone DEFERRABLE INITIALLY DEFERRED,
  PRIMARY KEY (extension, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignment_by_mac ON assignment (mac);

CREATE TABLE block (
  source TEXT NOT NULL,                    -- 198.51.100.7/32
  service INTEGER NOT NULL,                -- acl::Service
  since INTEGER NOT NULL,                  -- milliseconds since 1970, UTC
  until INTEGER,                           -- NULL: until removed
  repeats INTEGER NOT NULL,
  reason TEXT NOT NULL,
  by_administrator INTEGER NOT NULL,
  PRIMARY KEY (source, service)
) STRICT, WITHOUT ROWID;
)sql";

// Blocks of one account of a source beside those of the whole source; leases; secrets that phones
// had until they were changed. Neither refers to a phone: both outlive one that was removed.
constexpr UpgradeStep kVersion2 = R"sql(
CREATE TABLE block_of_version_2 (
  source TEXT NOT NULL,                    -- 198.51.100.7/32
  service INTEGER NOT NULL,                -- acl::Service
  account TEXT NOT NULL,                   -- '': the source as a whole
  since INTEGER NOT NULL,                  -- milliseconds since 1970, UTC
  until INTEGER,                           -- NULL: until removed
  repeats INTEGER NOT NULL,
  reason TEXT NOT NULL,
  by_administrator INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  PRIMARY KEY (source, service, account)
) STRICT, WITHOUT ROWID;
INSERT INTO block_of_version_2
  SELECT source, service, '', since, until, repeats, reason, by_administrator, '' FROM block;
DROP TABLE block;
ALTER TABLE block_of_version_2 RENAME TO block;

CREATE TABLE lease (
  mac TEXT PRIMARY KEY NOT NULL,           -- 00:0F:D3:05:48:48
  opened INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  budget INTEGER NOT NULL,
  spent INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE lease_account (
  mac      TEXT NOT NULL REFERENCES lease ON DELETE CASCADE,
  position INTEGER NOT NULL,
  account  TEXT NOT NULL,
  PRIMARY KEY (mac, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE lease_address (
  mac      TEXT NOT NULL REFERENCES lease ON DELETE CASCADE,
  position INTEGER NOT NULL,
  address  TEXT NOT NULL,                  -- 10.20.0.17
  PRIMARY KEY (mac, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE stale_secret (
  mac TEXT NOT NULL,
  account TEXT NOT NULL,
  since INTEGER NOT NULL,                  -- when it stopped being right
  until INTEGER NOT NULL,
  secret BLOB,
  PRIMARY KEY (mac, account, since)
) STRICT, WITHOUT ROWID;
)sql";

// Who is logged in where and who was, and conversions of many phones.
constexpr UpgradeStep kVersion3 = R"sql(
CREATE TABLE desk_session (
  mac TEXT PRIMARY KEY NOT NULL REFERENCES phone DEFERRABLE INITIALLY DEFERRED,
  extension TEXT NOT NULL UNIQUE REFERENCES user DEFERRABLE INITIALLY DEFERRED,
  since INTEGER NOT NULL                   -- milliseconds since 1970, UTC
) STRICT, WITHOUT ROWID;

CREATE TABLE desk_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  mac TEXT NOT NULL,
  extension TEXT NOT NULL,                 -- '': nobody
  location TEXT NOT NULL,
  emergency_number TEXT NOT NULL,
  address TEXT NOT NULL
) STRICT;
CREATE INDEX desk_log_by_phone ON desk_log (mac, at);
CREATE TRIGGER desk_log_is_not_changed BEFORE UPDATE ON desk_log
  BEGIN SELECT RAISE (ABORT, 'the desk log is only added to'); END;
CREATE TRIGGER desk_log_is_not_erased BEFORE DELETE ON desk_log
  BEGIN SELECT RAISE (ABORT, 'the desk log is only added to'); END;

CREATE TABLE conversion (
  number INTEGER PRIMARY KEY NOT NULL,
  location TEXT NOT NULL,
  at_once INTEGER NOT NULL,                -- how many may be rebooting; 0: all
  paused INTEGER NOT NULL,
  opened INTEGER NOT NULL,
  ended INTEGER                            -- NULL: not yet
) STRICT;

CREATE TABLE conversion_phone (
  conversion INTEGER NOT NULL REFERENCES conversion ON DELETE CASCADE
             DEFERRABLE INITIALLY DEFERRED,
  mac TEXT NOT NULL,
  step INTEGER NOT NULL,                   -- ConversionStep
  extension TEXT NOT NULL,
  started INTEGER,
  ended INTEGER,
  forgiven INTEGER NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (conversion, mac)
) STRICT, WITHOUT ROWID;
)sql";

// Who may use the portal and the API, and what they did. The trigger's number is kMostAuditRows.
constexpr UpgradeStep kVersion4 = R"sql(
CREATE TABLE administrator (
  name TEXT PRIMARY KEY NOT NULL,
  role INTEGER NOT NULL,                   -- 0 viewer, 1 helpdesk, 2 administrator
  password_hash TEXT NOT NULL,
  made INTEGER NOT NULL                    -- milliseconds since 1970, UTC
) STRICT, WITHOUT ROWID;

CREATE TABLE api_token (
  id TEXT PRIMARY KEY NOT NULL,
  label TEXT NOT NULL,
  role INTEGER NOT NULL,
  hash TEXT NOT NULL,                      -- SHA-256 of the token
  made INTEGER NOT NULL,
  expires INTEGER                          -- NULL: never
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  role TEXT NOT NULL,
  action TEXT NOT NULL,
  about TEXT NOT NULL,
  before TEXT NOT NULL,                    -- JSON; '': it was not there
  after TEXT NOT NULL                      -- JSON; '': it is gone
) STRICT;
CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
  BEGIN SELECT RAISE (ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_log_keeps_the_latest BEFORE DELETE ON audit_log
  WHEN OLD.id > (SELECT max(id) FROM audit_log) - 500000
  BEGIN SELECT RAISE (ABORT, 'the audit log is only added to'); END;
)sql";

// How often a phone whose secret was changed tried the one that it had.
constexpr UpgradeStep kVersion5 = R"sql(
ALTER TABLE lease ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversion_phone ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr std::array<UpgradeStep, 5> kSteps = {kVersion1, kVersion2, kVersion3, kVersion4,
                                               kVersion5};

Result<void> check_references(Database& database) {
  return database.for_each_row("PRAGMA foreign_key_check", [](Row row) -> Result<void> {
    return Error(ErrorCode::Corrupt, fmt::format("it leaves a row of {} that refers to no {}",
                                                 row.text(0), row.text(2)));
  });
}

Result<void> run_step(Database& database, UpgradeStep step, size_t makes) {
  TRY(database.run("BEGIN IMMEDIATE"));
  TRY(database.execute(step));
  TRY(check_references(database));
  TRY(database.execute(fmt::format("PRAGMA user_version = {}", makes)));
  return database.run("COMMIT");
}

}  // namespace

std::span<const UpgradeStep> schema_steps() {
  return kSteps;
}

Result<size_t> schema_version(Database& database, size_t known) {
  const int64_t application = TRY(database.integer("PRAGMA application_id"));
  const int64_t version = TRY(database.integer("PRAGMA user_version"));
  const int64_t tables = TRY(database.integer("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && tables == 0) return size_t{0};
  if (application != kApplicationId || version < 1)
    return Error(ErrorCode::Corrupt, "it is not a database of stormdoor");
  if (size_t(version) > known)
    return Error(ErrorCode::Conflict,
                 fmt::format("it was made by a newer stormdoor (schema version {}, this one knows "
                             "{}); run that one, or put back a backup made by this one",
                             version, known));
  return size_t(version);
}

Result<void> bring_up_to_date(Database& database, const std::string& path,
                              std::span<const UpgradeStep> steps) {
  const size_t version = TRY(schema_version(database, steps.size()));
  if (version > 0 && version < steps.size()) {
    const std::string copy = fmt::format("{}.before-v{}", path, steps.size());
    TRY_WHILE("copy the database before its upgrade",
              copy_database(database, copy, IfExists::Replace));
  }
  for (size_t next = version; next < steps.size(); ++next) {
    const Result<void> done = run_step(database, steps[next], next + 1);
    if (done) continue;
    if (database.in_transaction()) (void)database.run("ROLLBACK");
    return done.error().while_doing(fmt::format("upgrade to schema version {}", next + 1));
  }
  return {};
}

}  // namespace stormdoor::store
