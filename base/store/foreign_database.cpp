#include "base/store/foreign_database.hpp"

#include "base/store/database.hpp"

namespace stormdoor::store {
namespace {

Result<int64_t> apply(const std::string& path, std::string_view sql, std::string_view check) {
  Database database = TRY(Database::open(path, {}));
  TRY(database.execute("PRAGMA busy_timeout = 5000"));
  TRY(database.execute("PRAGMA journal_mode = WAL"));
  TRY(database.execute("BEGIN IMMEDIATE"));
  // Closing the connection rolls back what is not committed.
  TRY(database.execute(sql));
  TRY(database.execute("COMMIT"));
  return database.integer(check);
}

}  // namespace

Result<int64_t> apply_to_foreign_database(const std::string& path, std::string_view sql,
                                          std::string_view check) {
  return TRY_WHILE(path, apply(path, sql, check));
}

}  // namespace stormdoor::store
