#include "base/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> problems(const CsvTable& table) {
  std::vector<std::string> lines;
  for (const auto& problem : table.problems()) lines.push_back(problem.to_string());
  return lines;
}

TEST(Csv, ReadsRowsByTheNamesInTheFirst) {
  const auto table = CsvTable::parse("MAC, Vendor ,label\n000fd3054848,digium,  Desk 1 \n,,\n");
  EXPECT_THAT(problems(table), IsEmpty());
  EXPECT_THAT(table.columns(), ElementsAre("mac", "vendor", "label"));
  ASSERT_EQ(table.rows().size(), 2U);
  EXPECT_EQ(table.rows()[0].line, 2U);
  EXPECT_EQ(table.field(table.rows()[0], "label"), "Desk 1");
  EXPECT_EQ(table.field(table.rows()[1], "mac"), "");
  EXPECT_EQ(table.field(table.rows()[0], "none"), "");
  EXPECT_EQ(table.column("vendor"), 1U);
  EXPECT_EQ(table.column("none"), std::nullopt);
}

TEST(Csv, TakesQuotesLineEndsAndSeparatorsInsideQuotedFields) {
  const auto table = CsvTable::parse("a,b\r\n\"x, \"\"y\"\"\",\"two\r\nlines\"\r\n\"\",\"last\"");
  EXPECT_THAT(problems(table), IsEmpty());
  ASSERT_EQ(table.rows().size(), 2U);
  EXPECT_THAT(table.rows()[0].fields, ElementsAre("x, \"y\"", "two\r\nlines"));
  EXPECT_THAT(table.rows()[1].fields, ElementsAre("", "last"));
  EXPECT_EQ(table.rows()[1].line, 4U);  // as an editor counts
}

TEST(Csv, TakesByteOrderMarkEmptyLinesAndEveryLineEnd) {
  for (const char* text : {"\xef\xbb\xbfname\nx", "name\r\nx\r\n", "\n\nname\n\n\nx\n\n"}) {
    const auto table = CsvTable::parse(text);
    EXPECT_THAT(problems(table), IsEmpty()) << text;
    EXPECT_THAT(table.columns(), ElementsAre("name"));
    ASSERT_EQ(table.rows().size(), 1U) << text;
    EXPECT_THAT(table.rows()[0].fields, ElementsAre("x"));
  }
}

TEST(Csv, NamesEveryProblemByItsLine) {
  const auto table = CsvTable::parse(
      "a,b\n1\n1,2,3\nx\"y,2\n\"x\"y,2\nfine,2\n1,\"\xff\"\n\"two\nlines\",\"open\n");
  EXPECT_THAT(
      problems(table),
      ElementsAre("line 2: 1 fields where the first row names 2 columns",
                  "line 3: 3 fields where the first row names 2 columns",
                  "line 4: a quote inside a field that does not start with one; put the whole "
                  "field in quotes and double the quote",
                  "line 5: text after the closing quote of a field; a quote inside a field is "
                  "doubled",
                  "line 7: \"\\xff\" is not UTF-8; save the file as UTF-8",
                  "line 9: a quoted field starts here and never ends"));
}

TEST(Csv, RefusesWhatIsNoTable) {
  EXPECT_THAT(problems(CsvTable::parse("")),
              ElementsAre("line 1: the file is empty; the first row names the columns"));
  EXPECT_THAT(problems(CsvTable::parse("\n\r\n")),
              ElementsAre("line 1: the file is empty; the first row names the columns"));
  EXPECT_THAT(problems(CsvTable::parse("a;b\n1;2\n")),
              ElementsAre("line 1: the columns are separated by semicolons or tabs; use commas"));
  EXPECT_THAT(problems(CsvTable::parse("a,,A\n1,2,3\n")),
              ElementsAre("line 1: column 2 has no name", "line 1: two columns are called \"a\""));
  EXPECT_THAT(problems(CsvTable::parse(std::string_view("a\n\0x\n", 5))),
              ElementsAre("line 2: a zero byte; save the file as UTF-8 text"));
  EXPECT_THAT(problems(CsvTable::parse("a,b\n1,2\r3,4\n")),
              ElementsAre("line 2: a carriage return without a line feed; save the file with "
                          "ordinary line ends"));
}

TEST(Csv, HoldsEveryLimit) {
  const CsvLimits limits{.bytes = 40, .rows = 2, .columns = 3, .field_bytes = 8, .problems = 2};
  EXPECT_THAT(problems(CsvTable::parse("a\n" + std::string(38, '\n'), limits)), IsEmpty());
  EXPECT_THAT(problems(CsvTable::parse("a\n" + std::string(39, '\n'), limits)),
              ElementsAre("line 1: the file is larger than 40 B; import it in parts"));
  EXPECT_THAT(problems(CsvTable::parse("a\n1\n2\n", limits)), IsEmpty());
  EXPECT_THAT(problems(CsvTable::parse("a\n1\n2\n3\n4\n", limits)),
              ElementsAre("line 4: more than 2 rows; import them in parts"));
  EXPECT_THAT(problems(CsvTable::parse("a,b,c\n", limits)), IsEmpty());
  EXPECT_THAT(problems(CsvTable::parse("a,b,c,d\n", limits)),
              ElementsAre("line 1: more than 3 columns"));
  EXPECT_THAT(problems(CsvTable::parse("a\n12345678\n", limits)), IsEmpty());
  EXPECT_THAT(problems(CsvTable::parse("a\n123456789\n1,2\n", limits)),
              ElementsAre("line 2: a field longer than 8 B"));
  EXPECT_EQ(problems(CsvTable::parse("a\n1,2\n1,2\n1,2\n", limits)).size(), 2U);
  // Two of them in one row with a third at its end.
  EXPECT_EQ(problems(CsvTable::parse("a,,\r1\n", limits)).size(), 2U);
}

TEST(Csv, ChecksTheColumnsThatAnImportKnows) {
  auto table = CsvTable::parse("mac,lable\n");
  table.check_columns(std::vector<std::string_view>{"mac", "vendor"},
                      std::vector<std::string_view>{"label"});
  EXPECT_THAT(problems(table),
              ElementsAre("line 1: there is no column \"vendor\"",
                          "line 1: unknown column \"lable\"; did you mean \"label\"?"));
}

TEST(Csv, ReadsBackWhatItWrote) {
  const std::vector<std::vector<std::string>> rows = {
      {"plain", "", " edge ", "a,b"}, {"\"quoted\"", "two\nlines", "\r", "ü"}, {"", "", "", ""}};
  std::string text = csv_line(std::vector<std::string>{"a", "b", "c", "d"});
  for (const auto& row : rows) text += csv_line(row);
  const auto table = CsvTable::parse(text);
  EXPECT_THAT(problems(table), IsEmpty());
  ASSERT_EQ(table.rows().size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(table.rows()[i].fields, rows[i]);
  EXPECT_EQ(csv_line(std::vector<std::string>{"a", "b c", ""}), "a,b c,\r\n");
  EXPECT_EQ(csv_line(std::vector<std::string>{""}), "\"\"\r\n");
}

}  // namespace
}  // namespace stormdoor
