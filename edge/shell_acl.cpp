// The shell's commands about access rules that need no daemon: are they valid, and what would they
// have made of what the journal tells?

#include <fmt/format.h>

#include "base/text.hpp"
#include "edge/acl_report.hpp"
#include "edge/config.hpp"
#include "edge/material.hpp"
#include "edge/shell.hpp"
#include "edge/since.hpp"
#include "edge/table.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

Result<WallTime> since_when(const json& arguments, WallTime now) {
  if (!arguments.contains("since")) return WallTime();
  return TRY_WHILE("--since", parse_since(arguments["since"].get<std::string>(), now));
}

std::string journal_directory(const json& arguments, const StartupConfig& config) {
  return arguments.contains("journal") ? arguments["journal"].get<std::string>()
                                       : StatePaths(config).journal;
}

// ---- as people read it ----

std::string joined(const json& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word.get<std::string>();
  return text.empty() ? "-" : text;
}

void add_rows(const json& rows, const char* what, Table& table) {
  for (const auto& row : rows)
    table.add({what, row["source"].get<std::string>(), row["service"].get<std::string>(),
               row["since"].get<std::string>(), joined(row["phones"]), joined(row["accounts"]),
               std::to_string(row["failures"].get<uint64_t>()),
               std::to_string(row["successes"].get<uint64_t>()), row["reason"].get<std::string>()});
}

std::string render_span(const json& report) {
  if (report["events"].get<uint64_t>() == 0) return "The journal holds no events of that time.\n";
  std::string text =
      fmt::format("{} events from {} to {}.\n", report["events"].get<uint64_t>(),
                  report["from"].get<std::string>(), report["until"].get<std::string>());
  if (const auto damaged = report["damaged"].get<uint64_t>(); damaged > 0)
    text += fmt::format("{} stretches of the journal could not be read.\n", damaged);
  return text;
}

std::string render_replay(const json& report) {
  std::string text = render_span(report);
  if (const auto lost = report["lost"].get<uint64_t>(); lost > 0)
    text += fmt::format("{} events were never written.\n", lost);
  text +=
      fmt::format("{} blocks as it was, {} under these rules: {} the same, {} appear, {} vanish.\n",
                  report["actual"].get<uint64_t>(), report["simulated"].get<uint64_t>(),
                  report["same"].get<uint64_t>(), report["appeared_count"].get<uint64_t>(),
                  report["vanished_count"].get<uint64_t>());
  Table table(
      {"", "SOURCE", "SERVICE", "SINCE", "PHONES", "ACCOUNTS", "FAILED", "WENT WELL", "WHY"});
  add_rows(report["appeared"], "appears", table);
  add_rows(report["vanished"], "vanishes", table);
  return table.empty() ? text : text + "\n" + table.text();
}

std::string render_shadow(const json& report) {
  std::string text = render_span(report);
  text += fmt::format(
      "{} blocks by limits; while they were in force their sources had {} logins and fetches that "
      "went well, of {} phones.\n",
      report["blocks_count"].get<uint64_t>(), report["successes"].get<uint64_t>(),
      report["phones"].size());
  Table table(
      {"", "SOURCE", "SERVICE", "SINCE", "PHONES", "ACCOUNTS", "FAILED", "WENT WELL", "WHY"});
  add_rows(report["blocks"], "", table);
  return table.empty() ? text : text + "\n" + table.text();
}

// ---- the commands ----

Result<ControlResponse> check(const json& arguments) {
  const std::string file = arguments["file"].get<std::string>();
  const Config config = TRY(load_config(file));
  std::string text = fmt::format("{} is valid", printable(file));
  if (config.expectations > 0)
    text += fmt::format("; {} of {} expectations hold", config.expectations, config.expectations);
  return ControlResponse::done(
      text + ".", {{"expectations", config.expectations}, {"warnings", config.warnings}});
}

std::string render_warnings(const json& result) {
  std::string text;
  for (const auto& line : result["warnings"])
    text += fmt::format("warning: {}\n", line.get<std::string>());
  return text;
}

Result<ControlResponse> replay(const json& arguments) {
  const Config config = TRY(load_config(arguments["with"].get<std::string>()));
  const WallTime since = TRY(since_when(arguments, read_clocks().wall));
  json rows = TRY(replay_rows(config, journal_directory(arguments, config.startup), since));
  return ControlResponse::done("", std::move(rows));
}

Result<ControlResponse> shadow(const json& arguments) {
  const WallTime since = TRY(since_when(arguments, read_clocks().wall));
  json rows = TRY(shadow_rows(journal_directory(arguments, StartupConfig()), since));
  return ControlResponse::done("", std::move(rows));
}

constexpr const char* kSince = "Only events since then: 30d, 2026-03-01 or 2026-03-01T08:15:30Z";

}  // namespace

void add_acl_commands(Shell& shell) {
  auto& acl =
      *shell.app().add_subcommand("acl", "Access rules: are they right, what would they do");
  acl.require_subcommand(1);
  shell
      .add(acl, "check", "acl.check",
           "Names every mistake of a file, and every [[expect]] that does not hold",
           "stormdoor acl check new.toml", render_warnings)
      .text("file", "file", "A configuration, or only access rules", true)
      .command->local = check;
  shell
      .add(acl, "replay", "acl.replay",
           "Which blocks, of which phones, would have appeared or vanished under other rules",
           "stormdoor acl replay --with new.toml --since 30d", render_replay)
      .text("--with", "with", "A configuration, or only access rules", true)
      .text("--since", "since", kSince)
      .text("--journal", "journal", "The journal's directory, unless the file names its own")
      .command->local = replay;
  shell
      .add(acl, "shadow", "acl.shadow",
           "Who would have been turned away by the blocks that the journal tells of",
           "stormdoor acl shadow --since 7d", render_shadow)
      .text("--since", "since", kSince)
      .text("--journal", "journal", "The journal's directory")
      .command->local = shadow;
}

}  // namespace stormdoor::edge
