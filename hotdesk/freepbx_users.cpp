// Users from FreePBX's export; see hotdesk/take_over.hpp.

#include <fmt/format.h>

#include <array>

#include "base/csv.hpp"
#include "base/text.hpp"
#include "hotdesk/rows.hpp"
#include "hotdesk/take_over.hpp"

namespace stormdoor::hotdesk {
namespace {

constexpr CsvLimits kUserLimits = {.bytes = size_t{16} << 20,
                                   .rows = kMostRows,
                                   .columns = 512,  // it exports every setting of an extension
                                   .field_bytes = 4096,
                                   .problems = kMostRowErrors};

// The first of these columns that says something.
std::string_view first_of(const CsvTable& table, const CsvRow& row,
                          std::initializer_list<std::string_view> columns) {
  for (const auto column : columns)
    if (const auto field = table.field(row, column); !field.empty()) return field;
  return {};
}

bool has_mailbox(const CsvTable& table, const CsvRow& row) {
  const std::string_view enabled = table.field(row, "voicemail_enable");
  return !equals_ignoring_case(enabled, "no") && !equals_ignoring_case(enabled, "disabled") &&
         !equals_ignoring_case(table.field(row, "voicemail"), "novm");
}

TakenUser user_from(const CsvTable& table, const CsvRow& row) {
  TakenUser taken{.line = row.line, .extension = std::string(table.field(row, "extension"))};
  taken.name = std::string(first_of(table, row, {"name", "description"}));
  if (const auto secret = first_of(table, row, {"secret", "devinfo_secret"}); !secret.empty())
    taken.secret = Secret(std::string(secret));
  std::string_view pin = first_of(table, row, {"voicemail_vmpwd", "vmpwd"});
  if (pin.starts_with('-')) pin.remove_prefix(1);
  if (!pin.empty() && has_mailbox(table, row)) taken.pin = Secret(std::string(pin));
  return taken;
}

bool registers_by_sip(std::string_view tech) {
  return tech.empty() || equals_ignoring_case(tech, "pjsip") || equals_ignoring_case(tech, "sip");
}

}  // namespace

TakenUsers read_freepbx_users(std::string_view csv) {
  const CsvTable table = CsvTable::parse(csv, kUserLimits);
  RowErrors errors;
  RowErrors notes;
  for (const CsvProblem& problem : table.problems())
    errors.add({0, problem.line}, "", problem.message);
  TakenUsers taken;
  if (table.problems().empty() && !table.column("extension"))
    errors.add({0, 1}, "", "there is no column \"extension\"; expected an export of extensions");
  if (errors.none()) {
    SeenRows seen;
    for (const CsvRow& row : table.rows()) {
      TakenUser user = user_from(table, row);
      const std::string_view tech = table.field(row, "tech");
      if (!registers_by_sip(tech)) {
        notes.add({0, row.line}, "",
                  fmt::format("{} was left out: its technology is {}",
                              printable(user.extension, 40), printable(tech, 40)));
        continue;
      }
      const Problems twice = seen.note("extension", "extension", user.extension, {0, row.line});
      errors.add({0, row.line}, twice);
      if (twice.none()) taken.users.push_back(std::move(user));
    }
  }
  taken.errors = errors.take();
  taken.notes = notes.take();
  return taken;
}

}  // namespace stormdoor::hotdesk
