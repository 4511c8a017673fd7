// Users from the files of another PBX, with a look at what would change.

#include <fmt/format.h>

#include "base/text.hpp"
#include "edge/commands.hpp"
#include "edge/office.hpp"
#include "hotdesk/take_over.hpp"

namespace stormdoor::edge {
namespace {

using hotdesk::TakeOverReport;
using nlohmann::json;
using RowOutcome = TakeOverReport::Outcome;

json texts(const std::vector<hotdesk::RowError>& rows) {
  json all = json::array();
  for (const auto& row : rows) all.push_back(hotdesk::to_string(row));
  return all;
}

json report_json(const TakeOverReport& report) {
  json rows = json::array();
  for (const auto& row : report.rows)
    rows.push_back({{"line", row.line},
                    {"extension", row.extension},
                    {"outcome", hotdesk::to_string(row.outcome)},
                    {"fields", row.fields}});
  return {
      {"rows", std::move(rows)}, {"notes", texts(report.notes)}, {"refused", texts(report.errors)}};
}

Error refusal(const std::string& file, const TakeOverReport& report) {
  std::string text = fmt::format("{}: nothing was changed:", file);
  for (const auto& error : report.errors) text += "\n  " + hotdesk::to_string(error);
  return {ErrorCode::InvalidArgument, text};
}

std::string sentence(const std::string& file, const TakeOverReport& report, const char* would) {
  std::string text = fmt::format("{0}: {2} {1}added, {3} {1}changed, {4} unchanged", file, would,
                                 report.count(RowOutcome::Added), report.count(RowOutcome::Changed),
                                 report.count(RowOutcome::Unchanged));
  if (!report.errors.empty())
    text += fmt::format(", {} refused, so nothing will be done", report.errors.size());
  return text + ".";
}

// What the files say; the texts are gone after this.
Result<hotdesk::TakenUsers> read_users(const std::string& from, Arguments& arguments) {
  const auto csv = arguments.maybe_text("csv");
  const auto pjsip = arguments.maybe_text("pjsip");
  const auto voicemail = arguments.maybe_text("voicemail");
  if (from == "asterisk") {
    if (!pjsip || csv)
      return Error(ErrorCode::InvalidArgument,
                   "from asterisk users are read out of --pjsip FILE and, for their PINs, "
                   "--voicemail FILE");
    return hotdesk::read_asterisk_users(*pjsip, voicemail.value_or(""));
  }
  if (from == "freepbx") {
    if (!csv || pjsip || voicemail)
      return Error(ErrorCode::InvalidArgument,
                   "from freepbx users are read out of one CSV file, its export of extensions");
    return hotdesk::read_freepbx_users(*csv);
  }
  return Error(
      ErrorCode::InvalidArgument,
      fmt::format("from: \"{}\" is no PBX that is known here; expected asterisk or freepbx",
                  printable(from, 40)));
}

}  // namespace

Result<void> take_over_users(Office& office, const std::string& from, Arguments& arguments,
                             const Responder& responder) {
  const bool preview = arguments.flag("dry_run");
  const std::string file = printable(arguments.maybe_text("file").value_or(from), 200);
  const auto taken = std::make_shared<const hotdesk::TakenUsers>(TRY(read_users(from, arguments)));
  TRY(arguments.finish());
  if (preview) {
    hotdesk::Draft draft(*office.registry());
    const auto report = hotdesk::take_over(draft, *taken, office.tools());
    responder.respond(
        ControlResponse::done(sentence(file, report, "would be "), report_json(report)));
    return {};
  }
  const auto report = std::make_shared<TakeOverReport>();
  office.change(
      [taken, report, file,
       tools = office.tools()](const hotdesk::Registry& registry) -> Result<store::Change> {
        hotdesk::Draft draft(registry);
        *report = hotdesk::take_over(draft, *taken, tools);
        if (!report->done()) return refusal(file, *report);
        return std::move(draft).take();
      },
      [&office, responder, file, report](const Result<void>& done) {
        if (!done) return responder.respond(ControlResponse::refused(done.error()));
        const std::string text = sentence(file, *report, "");
        note_change(office, responder, text);
        responder.respond(ControlResponse::done(text, report_json(*report)));
      });
  return {};
}

}  // namespace stormdoor::edge
