#include "base/store/sqlite_store.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/store/copy.hpp"
#include "base/store/database.hpp"
#include "base/store/private_file.hpp"
#include "base/store/rows.hpp"
#include "base/store/schema.hpp"

namespace stormdoor::store {

struct SqliteStore::State {
  Database database;
  crypto::SecretBox box;
  Follower follower;
  uint64_t version = 0;
};

namespace {

constexpr std::string_view kKeyCheckText = "stormdoor";
constexpr std::string_view kKeyCheckContext = "store_state.key_check:1";

// Before the first read. With the file held exclusively SQLite needs no shared memory file, and a
// second process cannot come in; it must be said before WAL is entered.
Result<void> claim(Database& database) {
  TRY(database.run("PRAGMA locking_mode = EXCLUSIVE"));
  TRY(database.run("PRAGMA temp_store = MEMORY"));  // nothing of ours in /tmp
  return database.run("PRAGMA cell_size_check = ON");
}

Result<void> enter_wal(Database& database, const std::string& synchronous) {
  const std::string mode = TRY(database.text("PRAGMA journal_mode = WAL"));
  if (mode != "wal")
    return Error(
        ErrorCode::Unavailable,
        fmt::format("this file system cannot hold a write-ahead log (journal mode {})", mode));
  TRY(database.execute(fmt::format("PRAGMA synchronous = {}", synchronous)));
  // After a large import the log shrinks back.
  return database.run("PRAGMA journal_size_limit = 16777216");
}

Result<void> check_integrity(Database& database) {
  const std::string verdict = TRY(database.text("PRAGMA quick_check(1)"));
  if (verdict == "ok") return {};
  return Error(ErrorCode::Corrupt,
               fmt::format("it fails the integrity check ({}); put back a backup", verdict));
}

// Finds a wrong key file now and not row by row.
Result<void> check_key(Database& database, const crypto::SecretBox& box) {
  std::string sealed;
  const auto take = [&](const Row& row) -> Result<void> {
    sealed = row.blob(0);
    return {};
  };
  TRY(database.for_each_row("SELECT key_check FROM store_state", take));
  if (sealed.empty()) {
    sealed = box.seal(Secret(std::string(kKeyCheckText)), kKeyCheckContext);
    return database.run("INSERT INTO store_state (id, version, key_check) VALUES (1, 0, ?1)",
                        {Blob(sealed)});
  }
  if (box.open(sealed, kKeyCheckContext)) return {};
  return Error(ErrorCode::PermissionDenied,
               "the key file is not the one it was made with; put back the key file that belongs "
               "to this database");
}

Result<void> apply_change(Database& database, const crypto::SecretBox& box, const Change& change) {
  for (const Operation& operation : change.operations) TRY(apply(database, box, operation));
  if (database.references_are_whole()) return {};
  return Error(ErrorCode::Conflict, "the change leaves a row that refers to one that is not there");
}

// Wrong by itself, whatever the disk does.
bool is_refusal(const Error& error) {
  return error.code() == ErrorCode::Conflict || error.code() == ErrorCode::InvalidArgument;
}

// One change inside the group's transaction: whole, or as if it had never been tried; `answer` says
// which. An error means that the disk failed.
Result<void> try_change(Database& database, const crypto::SecretBox& box, const Change& change,
                        Result<void>& answer) {
  TRY(database.run("SAVEPOINT change"));
  answer = apply_change(database, box, change);
  if (!answer && !is_refusal(answer.error())) return answer.error();
  if (!answer) TRY(database.run("ROLLBACK TO change"));
  return database.run("RELEASE change");
}

// Applies the changes and commits those that fit; says how many. An error means that the disk
// failed and none of them is in effect.
Result<size_t> commit_group(Database& database, const crypto::SecretBox& box, uint64_t version,
                            std::span<const Change> changes, std::vector<Result<void>>& answers) {
  TRY(database.run("BEGIN IMMEDIATE"));
  size_t applied = 0;
  for (size_t i = 0; i < changes.size(); ++i) {
    TRY(try_change(database, box, changes[i], answers[i]));
    if (answers[i]) ++applied;
  }
  if (applied == 0) {
    TRY(database.run("ROLLBACK"));
    return size_t{0};
  }
  TRY(database.run("UPDATE store_state SET version = ?1", {int64_t(version + applied)}));
  TRY(database.run("COMMIT"));
  return applied;
}

// From a file to a store that may be used; says the version of the contents.
Result<uint64_t> prepare(Database& database, const SqliteStoreOptions& options,
                         const crypto::SecretBox& box) {
  TRY(claim(database));
  const auto steps = schema_steps();
  (void)TRY(schema_version(database, steps.size()));
  TRY(make_private(options.path));  // now that we know that it is ours
  TRY(enter_wal(database, options.synchronous_for_test));
  TRY(check_integrity(database));
  TRY(bring_up_to_date(database, options.path, steps));
  TRY(database.run("PRAGMA foreign_keys = ON"));
  TRY(check_key(database, box));
  return uint64_t(TRY(database.integer("SELECT version FROM store_state")));
}

Result<Database> create_and_open(const SqliteStoreOptions& options) {
  TRY(create_private_file(options.path));
  return Database::open(options.path, options.vfs_for_test);
}

Error explained(const Error& error, const std::string& path) {
  const std::string doing = "open the database " + path;
  if (error.code() != ErrorCode::Timeout) return error.while_doing(doing);
  return Error(ErrorCode::Unavailable,
               "it is in use by another process (a second stormdoord, or a database shell); stop "
               "that one first")
      .while_doing(doing);
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const SqliteStoreOptions& options,
                                                       const crypto::SecretBox& box) {
  auto database = create_and_open(options);
  if (!database) return explained(database.error(), options.path);
  const auto version = prepare(*database, options, box);
  if (!version) return explained(version.error(), options.path);
  return std::unique_ptr<SqliteStore>(new SqliteStore(
      std::make_unique<State>(State{*std::move(database), box, Follower(), *version})));
}

SqliteStore::SqliteStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqliteStore::~SqliteStore() = default;

Result<Contents> SqliteStore::load() {
  auto contents = read_contents(state_->database, state_->box);
  if (!contents) return std::move(contents).error().while_doing("load the database");
  contents->version = state_->version;
  return contents;
}

std::vector<Result<void>> SqliteStore::commit(std::span<const Change> changes) {
  std::vector<Result<void>> answers(changes.size());
  const auto applied =
      commit_group(state_->database, state_->box, state_->version, changes, answers);
  if (!applied) {
    // SQLite may have rolled back by itself already.
    if (state_->database.in_transaction()) (void)state_->database.run("ROLLBACK");
    const Error failed = applied.error().while_doing("write to the database");
    return std::vector<Result<void>>(changes.size(), Result<void>(failed));
  }
  for (size_t i = 0; i < changes.size(); ++i) {
    if (!answers[i]) continue;
    ++state_->version;
    if (state_->follower) state_->follower(changes[i], state_->version);
  }
  return answers;
}

Result<std::vector<DeskLogRecord>> SqliteStore::desk_log(WallTime since, WallTime until,
                                                         size_t most) {
  auto rows = read_desk_log(state_->database, since, until, most);
  if (!rows) return std::move(rows).error().while_doing("read the desk log");
  return rows;
}

Result<AuditPage> SqliteStore::audit(const AuditQuery& query) {
  auto page = read_audit(state_->database, query);
  if (!page) return std::move(page).error().while_doing("read the audit log");
  return page;
}

void SqliteStore::follow(Follower follower) {
  state_->follower = std::move(follower);
}

Result<void> SqliteStore::backup(const std::string& path) {
  const auto done = copy_database(state_->database, path, IfExists::Refuse);
  if (!done) return done.error().while_doing("back up to " + path);
  return {};
}

}  // namespace stormdoor::store
