#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stormdoor {

// Something wrong in a line of a CSV file, the reader's complaint or the importer's.
struct CsvProblem {
  size_t line = 0;  // counts from 1, as an editor shows it
  std::string message;

  [[nodiscard]] std::string to_string() const;  // "line 3: ..."
  bool operator==(const CsvProblem&) const = default;
};

struct CsvLimits {
  size_t bytes = size_t{16} << 20;
  size_t rows = 100'000;
  size_t columns = 64;
  size_t field_bytes = size_t{64} << 10;
  size_t problems = 100;  // how many are kept; reading stops there
};

// One row; the line it starts at, and a field for each column.
struct CsvRow {
  size_t line = 0;
  std::vector<std::string> fields;
  bool operator==(const CsvRow&) const = default;
};

// A CSV text (RFC 4180) whose first row names the columns. Takes CRLF and LF, a UTF-8 byte order
// mark, quoted fields with separators, quotes and line ends in them, and skips empty lines. Fields
// must be UTF-8 without NUL. Never fails: what is wrong stands in problems(), by line, and a table
// with problems is not to be used. Beyond a limit reading stops with a problem that says so.
class CsvTable {
 public:
  static CsvTable parse(std::string_view text, const CsvLimits& limits = {});

  // Trimmed and in lower case, as column() looks them up.
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] std::optional<size_t> column(std::string_view name) const;
  // Each with exactly as many fields as there are columns.
  [[nodiscard]] const std::vector<CsvRow>& rows() const { return rows_; }
  // The field under `name`, trimmed; empty when there is no such column.
  [[nodiscard]] std::string_view field(const CsvRow& row, std::string_view name) const;
  [[nodiscard]] const std::vector<CsvProblem>& problems() const { return problems_; }

  // Notes a problem for each of `required` that is no column, and for each column that is in
  // neither list (with a guess at what was meant).
  void check_columns(std::span<const std::string_view> required,
                     std::span<const std::string_view> optional);

 private:
  std::vector<std::string> columns_;
  std::vector<CsvRow> rows_;
  std::vector<CsvProblem> problems_;
};

// One row as RFC 4180 writes it, quoted where needed, with CRLF.
[[nodiscard]] std::string csv_line(std::span<const std::string> fields);

}  // namespace stormdoor
