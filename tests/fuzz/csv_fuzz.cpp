#include "base/csv.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

// A CSV file from anywhere: every row has a field per column, and what we would write of it reads
// back the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using stormdoor::CsvTable;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const stormdoor::CsvLimits limits{
      .bytes = 1 << 16, .rows = 100, .columns = 16, .field_bytes = 256, .problems = 10};
  const auto table = CsvTable::parse(text, limits);
  STORMDOOR_CHECK(table.problems().size() <= limits.problems, "the limit on problems holds");
  STORMDOOR_CHECK(table.rows().size() <= limits.rows, "the limit on rows holds");
  size_t last_line = 0;
  for (const auto& row : table.rows()) {
    STORMDOOR_CHECK(row.fields.size() == table.columns().size(), "rows are as long as the first");
    STORMDOOR_CHECK(row.line > last_line, "lines are counted upwards");
    last_line = row.line;
  }
  if (!table.problems().empty()) return 0;
  // After a byte order mark, so that one in the first name stays a part of the name.
  std::string again = "\xef\xbb\xbf" + stormdoor::csv_line(table.columns());
  for (const auto& row : table.rows()) again += stormdoor::csv_line(row.fields);
  stormdoor::CsvLimits wider = limits;
  wider.bytes *= 4;
  const auto reread = CsvTable::parse(again, wider);
  STORMDOOR_CHECK(reread.problems().empty(), "we read what we write");
  STORMDOOR_CHECK(reread.columns() == table.columns(), "the columns are the same");
  STORMDOOR_CHECK(reread.rows().size() == table.rows().size(), "no row is lost");
  for (size_t i = 0; i < table.rows().size(); ++i)
    STORMDOOR_CHECK(reread.rows()[i].fields == table.rows()[i].fields, "no field changes");
  return 0;
}
