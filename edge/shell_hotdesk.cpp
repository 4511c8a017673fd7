// The shell's commands for hot desking.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "acl/wording.hpp"
#include "edge/shell.hpp"
#include "edge/table.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string render_emergency(const json& phones) {
  Table table({"PHONE", "LOCATION", "LABEL", "NUMBER", "ADDRESS"});
  std::string missing;
  for (const auto& phone : phones) {
    table.add({phone["phone"].get<std::string>(), phone["location"].get<std::string>(),
               phone["label"].get<std::string>(), phone["number"].get<std::string>(),
               phone["address"].get<std::string>()});
    if (!phone["missing"].get<std::string>().empty())
      missing += fmt::format("{}: {}\n", phone["phone"].get<std::string>(),
                             phone["missing"].get<std::string>());
  }
  return table.text() + missing;
}

std::string counts(const json& row) {
  std::string text;
  for (const auto& [key, word] : {std::pair{"back", "back"},
                                  {"away", "away"},
                                  {"waiting", "waiting"},
                                  {"not_back", "not back"},
                                  {"undone", "left as they were"},
                                  {"refused", "refused"}})
    if (const auto count = row[key].get<size_t>(); count > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, word);
  return text;
}

std::string bar(const json& row) {
  constexpr size_t kWidth = 30;
  const auto phones = std::max<size_t>(row["phones"].get<size_t>(), 1);
  const size_t open = row["waiting"].get<size_t>() + row["away"].get<size_t>();
  const size_t full = (phones - std::min(open, phones)) * kWidth / phones;
  const size_t going = std::min(row["away"].get<size_t>() * kWidth / phones, kWidth - full);
  return std::string(full, '#') + std::string(going, '-') + std::string(kWidth - full - going, '.');
}

std::string render_conversions(const json& conversions) {
  if (conversions.empty()) return "There was no conversion yet.\n";
  Table table({"NUMBER", "STATE", "LOCATION", "AT ONCE", "PHONES", "SO FAR", "OPENED", "ENDED"});
  const auto text = [](const json& row, const char* key) {
    const auto value = row[key].get<std::string>();
    return value.empty() ? std::string("-") : value;
  };
  for (const auto& row : conversions) {
    const auto at_once = row["at_once"].get<uint64_t>();
    table.add({fmt::format("{}", row["number"].get<uint64_t>()), text(row, "state"),
               text(row, "location"), at_once == 0 ? "all" : fmt::format("{}", at_once),
               fmt::format("{}", row["phones"].get<size_t>()), counts(row), text(row, "opened"),
               text(row, "ended")});
  }
  return table.text();
}

std::string note_of(const json& phone) {
  auto note = phone["note"].get<std::string>();
  const auto tries = phone["old_password_tries"].get<uint64_t>();
  if (tries == 0) return note;
  return fmt::format("{}{}tried its old password {}: forgiven", note, note.empty() ? "" : "; ",
                     acl::counted(tries, "time", "times"));
}

std::string render_conversion(const json& row) {
  std::string text =
      fmt::format("Conversion {}, {}: {} phones, {}; {} old failures forgiven.\n",
                  row["number"].get<uint64_t>(), row["state"].get<std::string>(),
                  row["phones"].get<size_t>(), counts(row), row["forgiven"].get<uint64_t>());
  Table table({"PHONE", "STATE", "WAS OF", "TOOK", "FORGIVEN", "NOTE"});
  for (const auto& phone : row["list"])
    table.add(
        {phone["phone"].get<std::string>(), phone["step"].get<std::string>(),
         phone["extension"].get<std::string>().empty() ? "-"
                                                       : phone["extension"].get<std::string>(),
         phone["seconds"].is_null() ? "-" : fmt::format("{} s", phone["seconds"].get<int64_t>()),
         fmt::format("{}", phone["forgiven"].get<uint64_t>()), note_of(phone)});
  return text + table.text();
}

// One line that is written over on a terminal, else a line for each step; the report at the end.
std::string render_progress(const json& row) {
  const bool on_terminal = isatty(STDOUT_FILENO) == 1;
  const bool over = row.contains("list");
  const std::string line = fmt::format(
      "[{}] {} of {} phones: {}", bar(row), row["back"].get<size_t>(), row["phones"].get<size_t>(),
      row["state"] == "paused" ? counts(row) + " (paused)" : counts(row));
  if (!on_terminal) return line + "\n" + (over ? render_conversion(row) : "");
  return "\r\x1b[K" + line + (over ? "\n" + render_conversion(row) : "");
}

}  // namespace

void add_hotdesk_commands(Shell& shell) {
  auto convert = shell.add(
      shell.app(), "convert", "convert", "Makes desk phones into hot-desk phones, all or none",
      "stormdoor convert 00:0F:D3:05:48:48 000fd3054849 --location lobby", render_progress);
  convert.texts("macs", "macs", "MAC addresses in any common spelling")
      .text("--location", "location", "Where they stand; default: where each stands now")
      .number("--at-once", "at_once",
              "How many may be away at a time, the next when one is back; default: all at once");
  convert.app.add_option_function<std::string>(
      "--from",
      [command = convert.command](const std::string& path) {
        command->request.arguments["from"] = read_file(path);
      },
      "A file with one MAC address a line (-: standard input)");
  convert.app.add_flag_callback(
      "--watch,-w",
      [command = convert.command] {
        command->request.arguments["watch"] = true;
        command->follow = true;
      },
      "Shows how it goes until all are back");
  auto& conversions =
      *shell.app().add_subcommand("conversions", "How conversions go, and holding them up");
  conversions.require_subcommand(0, 1);
  auto list = shell.add(conversions, "list", "conversions.list", "Lists conversions",
                        "stormdoor conversions list", render_conversions);
  // `stormdoor conversions` alone lists them too.
  conversions.callback([&shell, &conversions, command = list.command] {
    if (conversions.get_subcommands().empty()) shell.choose(command);
  });
  const auto of_one = [&](const char* name, const char* help, Renderer render) {
    auto added = shell.add(conversions, name, fmt::format("conversions.{}", name), help,
                           fmt::format("stormdoor conversions {} 3", name), std::move(render));
    added.number("number", "number", "Which; default: the latest");
    return added;
  };
  of_one("show", "The report: which phones are back, how long they took, what was forgiven",
         render_conversion);
  of_one("watch", "Shows how it goes until all are back", render_progress).command->follow = true;
  of_one("pause", "Converts no further phone for now", {});
  of_one("resume", "Goes on", {});
  of_one("undo", "Leaves the phones that still wait what they are", {});
  shell
      .add(shell.app(), "emergency", "emergency",
           "Which number and address an emergency call from a phone carries: its desk's",
           "stormdoor emergency 2041", render_emergency)
      .text("what", "what", "A MAC address, an extension or an address", true);
}

}  // namespace stormdoor::edge
