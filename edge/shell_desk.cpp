// The shell's commands for hot desks.

#include <fmt/format.h>

#include "edge/qr_code.hpp"
#include "edge/shell.hpp"
#include "edge/table.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string cell(const json& row, const char* key) {
  const auto& text = row[key].get_ref<const std::string&>();
  return text.empty() ? "-" : text;
}

std::string render_desks(const json& desks) {
  if (desks.empty()) return "No such hot-desk phone.\n";
  Table table({"PHONE", "LOCATION", "LABEL", "STATE", "EXTENSION", "USER", "SINCE", "CALL"});
  for (const auto& desk : desks)
    table.add({cell(desk, "phone"), cell(desk, "location"), cell(desk, "label"),
               cell(desk, "state"), cell(desk, "extension"), cell(desk, "user"),
               cell(desk, "since"), cell(desk, "call")});
  return table.text();
}

std::string render_misplaced(const json& rows) {
  if (rows.empty()) return "Every phone that asked is where it should be.\n";
  Table table({"PHONE", "LOCATION", "SEEN AT", "SINCE"});
  for (const auto& row : rows)
    table.add(
        {cell(row, "phone"), cell(row, "location"), cell(row, "address"), cell(row, "since")});
  return table.text() +
         "An emergency call from one of them carries its location's number and address. Move it,\n"
         "give it another location, or take note: stormdoor desk misplaced --acknowledge MAC\n";
}

std::string render_link(const json& link) {
  return fmt::format("{}\nWhoever opens it logs in at {} with extension and PIN.\n",
                     link["url"].get<std::string>(), link["phone"].get<std::string>());
}

// The code alone where it cannot be made says why.
std::string code_of(const json& link, Result<std::string> (*draw)(std::string_view)) {
  const auto code = draw(link["url"].get<std::string>());
  return code ? *code : code.error().message() + "\n";
}
std::string render_qr(const json& link) {
  return code_of(link, qr_in_terminal) + render_link(link);
}
std::string render_svg(const json& link) {
  return code_of(link, qr_as_svg);
}

std::string render_apps(const json& rows) {
  if (rows.empty()) return "No hot-desk phone is of a model that runs an app.\n";
  Table table({"PHONE", "MODEL", "LOCATION", "ADDRESS", "STATE"});
  for (const auto& row : rows)
    table.add({cell(row, "phone"), cell(row, "model"), cell(row, "location"), cell(row, "address"),
               cell(row, "state")});
  return table.text();
}

std::string render_phone_password(const json& answer) {
  return answer["password"].get<std::string>() + "\n";
}

void add_app_commands(Shell& shell, CLI::App& desk) {
  auto& app = *desk.add_subcommand("app", "The app by which D40 to D70 phones log people in");
  app.require_subcommand(0, 1);
  const auto list = shell.add(app, "list", "desk.app", "Lists the phones that are to have it",
                              "stormdoor desk app list", render_apps);
  // `stormdoor desk app` alone lists them too.
  app.callback([&shell, &app, command = list.command] {
    if (app.get_subcommands().empty()) shell.choose(command);
  });
  shell
      .add(app, "push", "desk.app.push", "Gives it to phones now, also to those that have it",
           "stormdoor desk app push 00:0F:D3:05:48:48")
      .texts("macs", "macs", "The phones")
      .flag("--all", "all", "Every phone that runs it");
  shell
      .add(app, "password", "desk.app.password",
           "Shows what the menus of such a phone ask for (audited)",
           "stormdoor desk app password 00:0F:D3:05:48:48", render_phone_password)
      .text("mac", "mac", "The phone", true);
}

std::string render_log(const json& rows) {
  if (rows.empty()) return "Nothing was logged in that time.\n";
  Table table({"FROM", "PHONE", "EXTENSION", "LOCATION", "NUMBER", "ADDRESS"});
  for (const auto& row : rows)
    table.add({cell(row, "time"), cell(row, "phone"), cell(row, "extension"), cell(row, "location"),
               cell(row, "number"), cell(row, "address")});
  return table.text();
}

// RFC 4180.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string render_csv(const json& rows) {
  std::string text = "time,phone,extension,location,number,address\r\n";
  for (const auto& row : rows) {
    bool first = true;
    for (const char* key : {"time", "phone", "extension", "location", "number", "address"}) {
      text += (first ? "" : ",") + quoted(row[key].get<std::string>());
      first = false;
    }
    text += "\r\n";
  }
  return text;
}

}  // namespace

void add_desk_commands(Shell& shell) {
  auto& desk = *shell.app().add_subcommand("desk", "Hot desks: who sits where");
  desk.require_subcommand(0, 1);
  auto list = shell.add(desk, "list", "desk.list", "Lists hot-desk phones and who is logged in",
                        "stormdoor desk list --location lobby", render_desks);
  list.text("search", "search", "Only those that contain this text")
      .text("--location", "location", "Only those at this location");
  // `stormdoor desk` alone lists them too.
  desk.callback([&shell, &desk, command = list.command] {
    if (desk.get_subcommands().empty()) shell.choose(command);
  });
  add_app_commands(shell, desk);
  shell
      .add(desk, "login", "desk.login", "Logs a user in at a phone, without the PIN",
           "stormdoor desk login 00:0F:D3:05:48:48 2041")
      .text("mac", "mac", "The phone", true)
      .text("extension", "extension", "The user", true);
  shell
      .add(desk, "logout", "desk.logout", "Logs out one, those of a location, or all",
           "stormdoor desk logout 2041")
      .text("what", "what", "A phone, or the extension of whoever is logged in")
      .text("--location", "location", "Everybody at this location")
      .flag("--all", "all", "Everybody")
      .flag("--even-in-call", "even_in_call", "Also who speaks, but for emergency calls");
  auto link =
      shell.add(desk, "link", "desk.link", "The address of a desk's pages for a person's own phone",
                "stormdoor desk link 00:0F:D3:05:48:48 --svg > beside-the-phone.svg", render_link);
  link.text("mac", "mac", "The phone", true);
  link.app.add_flag_function(
      "--qr", [command = link.command](int64_t) { command->render = render_qr; },
      "With its QR code, for a terminal with light characters on dark");
  link.app.add_flag_function(
      "--svg", [command = link.command](int64_t) { command->render = render_svg; },
      "Its QR code alone, as an SVG image to be printed and put beside the phone");
  shell
      .add(desk, "misplaced", "desk.misplaced",
           "Phones that asked from a network that is not their location's",
           "stormdoor desk misplaced --acknowledge 00:0F:D3:05:48:48", render_misplaced)
      .text("--acknowledge", "acknowledge", "Lists this phone no longer, while it stays there");
  auto log = shell.add(desk, "log", "desk.log",
                       "Who sat where, and which emergency number was in force there",
                       "stormdoor desk log --at 2026-03-01T08:15:30Z", render_log);
  log.text("--at", "at", "At this moment")
      .text("--since", "since", "From then on: 30d, 2026-03-01; default: all")
      .text("--until", "until", "Up to then; default: now")
      .text("--about", "about", "Only this phone, extension or location");
  log.app.add_flag_function(
      "--csv", [command = log.command](int64_t) { command->render = render_csv; },
      "As CSV (RFC 4180)");
}

}  // namespace stormdoor::edge
