// What the commands of several subjects have in common.

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "edge/audit.hpp"
#include "edge/commands.hpp"
#include "edge/office.hpp"
#include "hotdesk/rules.hpp"
#include "portal/role.hpp"

namespace stormdoor::edge {

void note_change(Office& office, const Responder& responder, const std::string& sentence) {
  const std::string& by = responder.by().name;
  log_info("change", {{"by", by}, {"what", sentence}});
  office.events().add({.time = office.now().wall,
                       .kind = "change",
                       .text = sentence,
                       .source = {},
                       .phone = {},
                       .extension = {},
                       .by = by});
}

void note_deed(Office& office, const Responder& responder, const std::string& action,
               const std::string& about) {
  office.change([change = audited_deed(responder.by(), action, about, office.now().wall)](
                    const hotdesk::Registry&) -> Result<store::Change> { return change; },
                [](const Result<void>& done) {
                  if (!done) log_error("deed-not-recorded", {{"why", done.error()}});
                });
}

Office::Done answer_with(Office& office, const Responder& responder, std::string sentence,
                         bool goes_on) {
  return [&office, responder, goes_on, sentence = std::move(sentence)](const Result<void>& done) {
    if (!done) return responder.respond(ControlResponse::refused(done.error()));
    note_change(office, responder, sentence);
    auto response = ControlResponse::done(sentence);
    response.more = goes_on;
    responder.respond(response);
  };
}

bool knows_secrets(const Actor& by) {
  return by.role == "shell" || by.role == portal::to_string(portal::Role::Administrator);
}

nlohmann::json variables_for(const Actor& by, const store::Variables& variables) {
  nlohmann::json shown = variables;
  if (!knows_secrets(by))
    for (const auto& [name, value] : variables)
      if (hotdesk::sounds_secret(name) && !value.empty()) shown[name] = "(secret)";
  return shown;
}

bool mentions(std::string_view lower_case_needle, std::initializer_list<std::string_view> texts) {
  if (lower_case_needle.empty()) return true;
  for (const auto text : texts)
    if (ascii_lower(text).find(lower_case_needle) != std::string::npos) return true;
  return false;
}

namespace {

Error import_errors(const std::string& file, const std::vector<hotdesk::RowError>& errors) {
  std::string text = fmt::format("{}: nothing was added:", file);
  for (const auto& error : errors) text += "\n  " + hotdesk::to_string(error);
  return Error(ErrorCode::InvalidArgument, text).with_details(hotdesk::details_of(errors));
}

std::string rows_text(size_t rows) {
  return rows == 1 ? "1 row" : fmt::format("{} rows", rows);
}

}  // namespace

CommandTable::Handler import_handler(Office& office, Importer importer) {
  return [&office, importer = std::move(importer)](Arguments& arguments,
                                                   const Responder& responder) -> Result<void> {
    const auto csv = std::make_shared<const std::string>(arguments.text("csv"));
    const std::string file = printable(arguments.maybe_text("file").value_or("the file"), 200);
    const bool dry_run = arguments.flag("dry_run");
    TRY(arguments.finish());
    if (dry_run) {
      hotdesk::Draft draft(*office.registry());
      const auto report = importer(draft, *csv);
      if (!report.done()) return import_errors(file, report.errors);
      responder.respond(ControlResponse::done(
          fmt::format("{}: {} would be added.", file, rows_text(report.rows))));
      return {};
    }
    const auto rows = std::make_shared<size_t>(0);
    office.change(
        [importer, csv, file, rows](const hotdesk::Registry& registry) -> Result<store::Change> {
          hotdesk::Draft draft(registry);
          const auto report = importer(draft, *csv);
          if (!report.done()) return import_errors(file, report.errors);
          *rows = report.rows;
          return std::move(draft).take();
        },
        [&office, responder, file, rows](const Result<void>& done) {
          answer_with(office, responder,
                      fmt::format("{}: {} added.", file, rows_text(*rows)))(done);
        });
    return {};
  };
}

void add_import_command(CommandTable& table, Office& office, std::string name, Importer importer) {
  table.add(std::move(name), import_handler(office, std::move(importer)));
}

}  // namespace stormdoor::edge
