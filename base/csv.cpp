#include "base/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace stormdoor {
namespace {

// Cuts a text into rows, one call of next() each.
class Reader {
 public:
  Reader(std::string_view text, const CsvLimits& limits, std::vector<CsvProblem>& problems)
      : text_(text), limits_(limits), problems_(problems) {}

  // The next row that is not empty; false at the end, or where reading on makes no sense.
  bool next(CsvRow& row) {
    while (!stopped_ && at_ < text_.size()) {
      row = CsvRow{line_, {}};
      while (read_field(row)) {
      }
      if (stopped_) return false;
      if (row.fields.size() > 1 || !row.fields.front().empty()) return true;
    }
    return false;
  }

  void problem(size_t line, std::string message) {
    if (stopped_) return;
    problems_.push_back({line, std::move(message)});
    if (problems_.size() >= limits_.problems) stopped_ = true;
  }
  void stop(size_t line, std::string message) {
    problem(line, std::move(message));
    stopped_ = true;
  }

 private:
  // One field and what ends it; true when another follows in this row.
  bool read_field(CsvRow& row) {
    std::string field;
    const size_t line = line_;
    if (at_ < text_.size() && text_[at_] == '"')
      read_quoted(field);
    else
      read_plain(field);
    if (stopped_) return false;
    check(field, line);
    row.fields.push_back(std::move(field));
    if (row.fields.size() > limits_.columns)
      stop(line, fmt::format("more than {} columns", limits_.columns));
    return !stopped_ && ends_with_comma();
  }

  void read_plain(std::string& field) {
    const size_t end = std::min(text_.find_first_of(",\r\n\"", at_), text_.size());
    field = text_.substr(at_, end - at_);
    at_ = end;
    if (at_ < text_.size() && text_[at_] == '"') {
      problem(line_,
              "a quote inside a field that does not start with one; put the whole field in "
              "quotes and double the quote");
      skip_to_end_of_field();
    }
  }

  void read_quoted(std::string& field) {
    const size_t first_line = line_;
    ++at_;
    for (;;) {
      const size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos)
        return stop(first_line, "a quoted field starts here and never ends");
      const auto part = text_.substr(at_, quote - at_);
      line_ += static_cast<size_t>(std::ranges::count(part, '\n'));
      field += part;
      at_ = quote + 1;
      if (at_ >= text_.size() || text_[at_] != '"') break;
      field += '"';  // doubled: one that belongs to the field
      ++at_;
    }
    if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
      problem(line_, "text after the closing quote of a field; a quote inside a field is doubled");
      skip_to_end_of_field();
    }
  }

  void skip_to_end_of_field() { at_ = std::min(text_.find_first_of(",\n", at_), text_.size()); }

  bool ends_with_comma() {
    if (at_ >= text_.size()) return false;
    if (text_[at_] == ',') {
      ++at_;
      return true;
    }
    if (text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n')
      ++at_;
    else if (at_ < text_.size() || text_[at_ - 1] == '\r')
      problem(line_,
              "a carriage return without a line feed; save the file with ordinary line ends");
    ++line_;
    return false;
  }

  void check(const std::string& field, size_t line) {
    if (field.size() > limits_.field_bytes)
      stop(line, fmt::format("a field longer than {}", format_size(limits_.field_bytes)));
    else if (field.find('\0') != std::string::npos)
      problem(line, "a zero byte; save the file as UTF-8 text");
    else if (!is_valid_utf8(field))
      problem(line,
              fmt::format("\"{}\" is not UTF-8; save the file as UTF-8", printable(field, 60)));
  }

  std::string_view text_;
  const CsvLimits& limits_;
  std::vector<CsvProblem>& problems_;
  size_t at_ = 0;
  size_t line_ = 1;
  bool stopped_ = false;
};

// The column names from the first row; notes what cannot be looked up by name.
std::vector<std::string> read_names(Reader& reader, const CsvRow& header) {
  std::vector<std::string> names;
  for (const auto& field : header.fields) {
    std::string name = ascii_lower(trim(field));
    if (name.empty())
      reader.problem(header.line, fmt::format("column {} has no name", names.size() + 1));
    else if (std::ranges::find(names, name) != names.end())
      reader.problem(header.line,
                     fmt::format("two columns are called \"{}\"", printable(name, 60)));
    names.push_back(std::move(name));
  }
  if (names.size() == 1 && names[0].find_first_of(";\t") != std::string::npos)
    reader.stop(header.line, "the columns are separated by semicolons or tabs; use commas");
  return names;
}

}  // namespace

std::string CsvProblem::to_string() const {
  return fmt::format("line {}: {}", line, message);
}

CsvTable CsvTable::parse(std::string_view text, const CsvLimits& limits) {
  CsvTable table;
  if (text.size() > limits.bytes) {
    table.problems_.push_back({1, fmt::format("the file is larger than {}; import it in parts",
                                              format_size(limits.bytes))});
    return table;
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Reader reader(text, limits, table.problems_);
  CsvRow row;
  if (!reader.next(row)) {
    if (table.problems_.empty())
      reader.stop(1, "the file is empty; the first row names the columns");
    return table;
  }
  table.columns_ = read_names(reader, row);
  while (reader.next(row)) {
    if (row.fields.size() != table.columns_.size()) {
      reader.problem(row.line, fmt::format("{} fields where the first row names {} columns",
                                           row.fields.size(), table.columns_.size()));
    } else if (table.rows_.size() >= limits.rows) {
      reader.stop(row.line, fmt::format("more than {} rows; import them in parts", limits.rows));
    } else {
      table.rows_.push_back(std::move(row));
    }
  }
  return table;
}

std::optional<size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::ranges::find(columns_, name);
  if (found == columns_.end()) return std::nullopt;
  return static_cast<size_t>(found - columns_.begin());
}

std::string_view CsvTable::field(const CsvRow& row, std::string_view name) const {
  const auto index = column(name);
  return index && *index < row.fields.size() ? trim(row.fields[*index]) : std::string_view();
}

void CsvTable::check_columns(std::span<const std::string_view> required,
                             std::span<const std::string_view> optional) {
  std::vector<std::string> known(required.begin(), required.end());
  known.insert(known.end(), optional.begin(), optional.end());
  for (const auto name : required)
    if (!column(name)) problems_.push_back({1, fmt::format("there is no column \"{}\"", name)});
  for (const auto& name : columns_) {
    if (name.empty() || std::ranges::find(known, name) != known.end()) continue;
    const std::string meant = name.size() > 64 ? "" : closest_match(name, known);
    problems_.push_back(
        {1, fmt::format("unknown column \"{}\"; {}", printable(name, 60),
                        meant.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                                      : fmt::format("did you mean \"{}\"?", meant))});
  }
}

std::string csv_line(std::span<const std::string> fields) {
  std::string line;
  for (const auto& field : fields) {
    if (&field != fields.data()) line += ',';
    const bool edge_space = !field.empty() && (field.front() == ' ' || field.back() == ' ');
    // A row of one empty field would be an empty line, which readers skip.
    const bool alone = field.empty() && fields.size() == 1;
    if (!edge_space && !alone && field.find_first_of(",\"\r\n") == std::string::npos) {
      line += field;
      continue;
    }
    line += '"';
    for (const char c : field) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line + "\r\n";
}

}  // namespace stormdoor
