#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

// The one place that talks to SQLite's C interface. Only for the files of this folder.
namespace stormdoor::store {

// Bytes that are bound as a BLOB and not as TEXT.
class Blob {
 public:
  explicit Blob(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

using Value = std::variant<std::monostate, int64_t, std::string_view, Blob>;  // monostate: NULL

// One row of a result, valid inside the callback that gets it. Columns count from 0.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;  // NULL: empty
  [[nodiscard]] std::string_view blob(int column) const;

 private:
  sqlite3_stmt* statement_;
};

// A connection to one database file and the statements prepared on it, which are kept for as long
// as it lives (a few dozen: every statement is a constant of this folder). One thread at a time.
// Errors: Conflict for a row that the tables refuse, InvalidArgument for a value that is too long;
// Timeout when another process holds the file; Unavailable, ResourceExhausted, PermissionDenied and
// Corrupt for what the disk did.
class Database {
 public:
  // `vfs` is the name of the SQLite file layer; empty: the system's.
  static Result<Database> open(const std::string& path, const std::string& vfs);
  Database(Database&&) = default;
  Database& operator=(Database&&) = delete;

  // SQL of several statements that give no rows, such as a step of the schema. Not kept prepared.
  Result<void> execute(std::string_view sql);
  // One statement, kept prepared. A row that it gives (as some PRAGMAs do) is dropped.
  Result<void> run(std::string_view sql, std::initializer_list<Value> values = {});
  // `use` sees each row; its first error ends the walk and is the answer. It may not use the
  // database itself.
  Result<void> for_each_row(std::string_view sql, const std::function<Result<void>(Row)>& use,
                            std::initializer_list<Value> values = {});
  // The first column of the first row; NotFound without rows.
  Result<int64_t> integer(std::string_view sql);
  Result<std::string> text(std::string_view sql);

  [[nodiscard]] bool in_transaction() const;
  // No row refers to one that does not exist, so far in this transaction.
  [[nodiscard]] bool references_are_whole() const;

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  explicit Database(sqlite3* connection) : connection_(connection) {}
  Result<sqlite3_stmt*> prepared(std::string_view sql);
  [[nodiscard]] Error failure() const;

  std::unique_ptr<sqlite3, Close> connection_;
  std::map<std::string, Statement, std::less<>> statements_;  // by SQL text; dies first
};

}  // namespace stormdoor::store
