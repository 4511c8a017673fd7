#include "base/store/foreign_database.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "base/store/database.hpp"

namespace stormdoor::store {
namespace {

// Which of the files that SQLite writes is closed to us. Whoever of the other program's accounts
// comes first makes the two journals, with the permissions the database has at that moment: mending
// those of the database alone mends nothing.
std::string what_is_not_writable(const std::string& path) {
  std::string closed;
  const std::string directory = std::filesystem::path(path).parent_path().string();
  for (const std::string& file :
       {path, path + "-wal", path + "-shm", directory.empty() ? "." : directory})
    if (faccessat(AT_FDCWD, file.c_str(), F_OK, AT_EACCESS) == 0 &&
        faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) != 0)
      closed += (closed.empty() ? "" : ", ") + file;
  return closed;
}

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
  auto applied = apply(path, sql, check);
  if (applied) return applied;
  // What SQLite says of a journal that it may not open or make.
  const bool may_be_closed = applied.error().code() == ErrorCode::PermissionDenied ||
                             applied.error().code() == ErrorCode::Unavailable;
  const std::string closed = may_be_closed ? what_is_not_writable(path) : std::string();
  if (closed.empty()) return std::move(applied).error().while_doing(path);
  return std::move(applied).error().while_doing(
      fmt::format("{} (user {} may not write {})", path, geteuid(), closed));
}

}  // namespace stormdoor::store
