// The shell's commands about the daemon itself and about who is refused.

#include <fmt/format.h>

#include <utility>

#include "edge/shell.hpp"
#include "edge/table.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string lines_of(const json& lines) {
  std::string text;
  for (const auto& line : lines) text += line.get<std::string>() + "\n";
  return text;
}

std::string render_status(const json& status) {
  std::string text;
  for (const auto& section : status["sections"]) {
    text += section["title"].get<std::string>() + "\n";
    for (const auto& row : section["rows"])
      text += fmt::format("  {:<22} {}\n", row[0].get<std::string>(), row[1].get<std::string>());
  }
  if (!status["limits"].empty()) {
    text += "What cannot hold here\n";
    for (const auto& line : status["limits"]) text += "  " + line.get<std::string>() + "\n";
  }
  return text;
}

std::string render_event(const json& event) {
  const auto by = event.find("by");
  return fmt::format("{}  {:<10} {}{}\n", event["time"].get<std::string>(),
                     event["kind"].get<std::string>(),
                     by == event.end() ? "" : fmt::format("by {}: ", by->get<std::string>()),
                     event["text"].get<std::string>());
}

std::string render_events(const json& events) {
  if (events.is_object()) return render_event(events);
  std::string text;
  for (const auto& event : events) text += render_event(event);
  return events.empty() ? "Nothing has happened yet.\n" : text;
}

std::string render_blocks(const json& blocks) {
  if (blocks.empty()) return "Nobody is blocked.\n";
  Table table({"SOURCE", "ACCOUNT", "SERVICE", "SINCE", "UNTIL", "WHY"});
  for (const auto& block : blocks)
    table.add({block["source"].get<std::string>(), block["account"].get<std::string>(),
               block["service"].get<std::string>(), block["since"].get<std::string>(),
               block["until"].get<std::string>(), block["reason"].get<std::string>()});
  return table.text();
}

std::string how_fit(const json& binding) {
  if (binding["conflict"].get<bool>()) return "disputed";
  return binding["fit"].get<bool>() ? "proves" : "old";
}

std::string render_bindings(const json& bindings) {
  if (bindings.empty())
    return "Nothing has been seen; the watch needs [watch] interfaces and root.\n";
  Table table({"ADDRESS", "MAC", "BY", "VLAN", "SINCE", "LAST SEEN", ""});
  for (const auto& binding : bindings) {
    std::string address = binding["address"].get<std::string>();
    std::string fit = how_fit(binding);
    for (const auto& holder : binding["holders"]) {
      const auto vlan = holder["vlan"].get<int>();
      table.add({std::exchange(address, ""), holder["mac"].get<std::string>(),
                 holder["learned_by"].get<std::string>(), vlan == 0 ? "" : fmt::to_string(vlan),
                 holder["first"].get<std::string>(), holder["last"].get<std::string>(),
                 std::exchange(fit, "before")});
    }
  }
  return table.text();
}

std::string render_reload(const json& result) {
  std::string text;
  for (const auto& line : result["changed"]) text += "  " + line.get<std::string>() + "\n";
  for (const auto& line : result["needs_restart"])
    text += "  needs a restart: " + line.get<std::string>() + "\n";
  return text;
}

}  // namespace

void add_guard_commands(Shell& shell) {
  auto& blocks = *shell.app().add_subcommand("blocks", "Who is refused");
  blocks.require_subcommand(0, 1);
  auto list = shell.add(blocks, "list", "blocks.list", "Lists blocks", "stormdoor blocks list",
                        render_blocks);
  // `stormdoor blocks` alone lists them too.
  blocks.callback([&shell, &blocks, command = list.command] {
    if (blocks.get_subcommands().empty()) shell.choose(command);
  });
  shell
      .add(blocks, "add", "blocks.add", "Refuses a source",
           "stormdoor blocks add 198.51.100.0/24 --for 7d --reason 'complaint 4711'")
      .text("source", "source", "An address or a prefix", true)
      .text("--service", "service",
            "provisioning, desk-login, sip, portal or api; default: all of them")
      .text("--for", "for", "How long: 30m, 7d; default: until removed")
      .text("--reason", "reason", "Why, for whoever asks later");
  shell
      .add(blocks, "remove", "blocks.remove", "Lets a source in again",
           "stormdoor blocks remove 198.51.100.7")
      .text("source", "source", "The address or prefix as it is listed", true)
      .text("--service", "service", "Only for this service; default: all of them")
      .text("--account", "account", "Only what is refused of this account; default: all of it");
  shell
      .add(shell.app(), "bindings", "bindings",
           "Which MAC was seen behind which address, and before whom",
           "stormdoor bindings 10.20.0.7", render_bindings)
      .text("about", "about", "An address or a MAC; default: all");
  shell
      .add(shell.app(), "why", "why",
           "Explains why an address, phone or extension is (not) refused",
           "stormdoor why 198.51.100.7", lines_of)
      .text("what", "what", "An address, a MAC address or an extension", true);
  shell
      .add(shell.app(), "excused", "excused",
           "Tells other guards whether to leave an address to us: exit status 0 excused, 1 not "
           "(also when the daemon is down), 2 no address",
           "stormdoor excused 198.51.100.7")
      .text("address", "address", "The address that is about to be blocked", true);
}

void add_daemon_commands(Shell& shell) {
  shell.add(shell.app(), "status", "status", "What the daemon does and how it feels",
            "stormdoor status", render_status);
  shell.add(shell.app(), "reload", "reload", "Reads the configuration again, all or nothing",
            "stormdoor reload", render_reload);
  auto backup = shell.add(shell.app(), "backup", "backup",
                          "Writes a consistent copy of the database to a new file",
                          "stormdoor backup /var/backups/stormdoor-monday.db");
  backup.app.add_option("file", backup.command->backup_file, "The file to make; it must not exist")
      ->required();
  auto events = shell.add(shell.app(), "events", "events", "What has happened lately",
                          "stormdoor events --follow", render_events);
  events.number("--last", "last", "How many at most; default 50, of the journal 1000")
      .text("--since", "since",
            "From the journal, since then: 30d, 2026-03-01 or 2026-03-01T08:15:30Z")
      .text("--about", "about", "From the journal, about this address, MAC or extension");
  events.app.add_flag_callback(
      "--follow,-f",
      [command = events.command] {
        command->request.arguments["follow"] = true;
        command->follow = true;
      },
      "Goes on as things happen, until Ctrl-C");
}

}  // namespace stormdoor::edge
