#include "base/store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace stormdoor::store {
namespace {

// A statement must not stay in the middle of its rows: that would hold its transaction open.
class ResetAtExit {
 public:
  explicit ResetAtExit(sqlite3_stmt* statement) : statement_(statement) {}
  ResetAtExit(const ResetAtExit&) = delete;
  ResetAtExit& operator=(const ResetAtExit&) = delete;
  ~ResetAtExit() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

ErrorCode code_of(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_CONSTRAINT:
      return ErrorCode::Conflict;
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return ErrorCode::InvalidArgument;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return ErrorCode::ResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::Corrupt;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::PermissionDenied;
    case SQLITE_BUSY:
      return ErrorCode::Timeout;
    default:
      return ErrorCode::Unavailable;
  }
}

// SQLite takes a null pointer for NULL, also with length 0.
const char* never_null(std::string_view bytes) {
  return bytes.empty() ? "" : bytes.data();
}

// The bytes outlive the step: they belong to the caller of run().
int bind(sqlite3_stmt* statement, int index, const Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value))
    return sqlite3_bind_int64(statement, index, *number);
  if (const auto* text = std::get_if<std::string_view>(&value))
    return sqlite3_bind_text64(statement, index, never_null(*text), text->size(), nullptr,
                               SQLITE_UTF8);
  if (const auto* blob = std::get_if<Blob>(&value))
    return sqlite3_bind_blob64(statement, index, never_null(blob->bytes()), blob->bytes().size(),
                               nullptr);
  return sqlite3_bind_null(statement, index);
}

}  // namespace

bool Row::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t Row::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Row::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, size_t(sqlite3_column_bytes(statement_, column))};
}

std::string_view Row::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, size_t(sqlite3_column_bytes(statement_, column))};
}

void Database::Close::operator()(sqlite3* connection) const {
  sqlite3_close(connection);
}

void Database::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<Database> Database::open(const std::string& path, const std::string& vfs) {
  sqlite3* connection = nullptr;
  // One thread at a time uses it, so SQLite needs no mutex of its own.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code =
      sqlite3_open_v2(path.c_str(), &connection, flags, vfs.empty() ? nullptr : vfs.c_str());
  Database database(connection);  // also when it failed: then it holds the message
  if (connection == nullptr) return Error(ErrorCode::ResourceExhausted, "out of memory");
  if (code != SQLITE_OK) return database.failure();
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

Result<void> Database::execute(std::string_view sql) {
  const std::string terminated(sql);
  if (sqlite3_exec(connection_.get(), terminated.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure();
  return {};
}

Result<void> Database::run(std::string_view sql, std::initializer_list<Value> values) {
  sqlite3_stmt* statement = TRY(prepared(sql));
  const ResetAtExit reset(statement);
  int index = 0;
  for (const Value& value : values)
    if (bind(statement, ++index, value) != SQLITE_OK) return failure();
  const int code = sqlite3_step(statement);
  if (code != SQLITE_DONE && code != SQLITE_ROW) return failure();
  return {};
}

Result<void> Database::for_each_row(std::string_view sql,
                                    const std::function<Result<void>(Row)>& use,
                                    std::initializer_list<Value> values) {
  sqlite3_stmt* statement = TRY(prepared(sql));
  const ResetAtExit reset(statement);
  int place = 0;
  for (const Value& value : values)
    if (bind(statement, ++place, value) != SQLITE_OK) return failure();
  int code = SQLITE_OK;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) TRY(use(Row(statement)));
  if (code != SQLITE_DONE) return failure();
  return {};
}

Result<int64_t> Database::integer(std::string_view sql) {
  sqlite3_stmt* statement = TRY(prepared(sql));
  const ResetAtExit reset(statement);
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return Row(statement).integer(0);
  if (code == SQLITE_DONE) return Error(ErrorCode::NotFound, "no such row");
  return failure();
}

Result<std::string> Database::text(std::string_view sql) {
  sqlite3_stmt* statement = TRY(prepared(sql));
  const ResetAtExit reset(statement);
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return Row(statement).text(0);
  if (code == SQLITE_DONE) return Error(ErrorCode::NotFound, "no such row");
  return failure();
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

bool Database::references_are_whole() const {
  int now = 0;
  int highest = 0;
  sqlite3_db_status(connection_.get(), SQLITE_DBSTATUS_DEFERRED_FKS, &now, &highest, 0);
  return now == 0;
}

Result<sqlite3_stmt*> Database::prepared(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end())
    return found->second.get();
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(connection_.get(), sql.data(), int(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &statement, nullptr) != SQLITE_OK)
    return failure();
  STORMDOOR_CHECK(statement != nullptr, "a prepared text holds a statement");
  return statements_.emplace(std::string(sql), Statement(statement)).first->second.get();
}

Error Database::failure() const {
  const int code = sqlite3_extended_errcode(connection_.get());
  // SQLite's sentences name tables and columns, never values.
  return {code_of(code), fmt::format("{} (SQLite {})", sqlite3_errmsg(connection_.get()), code)};
}

}  // namespace stormdoor::store
