// The shell's commands about who may use the portal and the API, and who did what.

#include <fmt/format.h>

#include "edge/shell.hpp"
#include "edge/table.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string render_administrators(const json& rows) {
  if (rows.empty())
    return "Nobody may sign in yet: stormdoor admin add NAME --role administrator\n";
  Table table({"NAME", "ROLE", "SINCE"});
  for (const auto& row : rows)
    table.add({row["name"].get<std::string>(), row["role"].get<std::string>(),
               row["made"].get<std::string>()});
  return table.text();
}

std::string render_tokens(const json& rows) {
  if (rows.empty()) return "There is no token: stormdoor admin token add LABEL --role viewer\n";
  Table table({"ID", "FOR", "ROLE", "MADE", "EXPIRES"});
  for (const auto& row : rows)
    table.add({row["id"].get<std::string>(), row["label"].get<std::string>(),
               row["role"].get<std::string>(), row["made"].get<std::string>(),
               row["expires"].get<std::string>()});
  return table.text();
}

std::string render_password(const json& data) {
  return fmt::format("The password, shown this once: {}\n", data["password"].get<std::string>());
}

std::string render_token(const json& data) {
  return fmt::format("The token, shown this once: {}\n", data["token"].get<std::string>());
}

std::string side(const json& fields) {
  if (fields.is_null()) return "-";
  std::string text;
  for (const auto& [key, value] : fields.items())
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", key,
                        value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

std::string render_audit(const json& page) {
  if (page["items"].empty()) return "Nothing of that was changed.\n";
  Table table({"TIME", "WHO", "AS", "DID", "ABOUT", "BEFORE", "AFTER"});
  for (const auto& row : page["items"])
    table.add({row["time"].get<std::string>(), row["who"].get<std::string>(),
               row["role"].get<std::string>(), row["action"].get<std::string>(),
               row["about"].get<std::string>(), side(row["before"]), side(row["after"])});
  std::string text = table.text();
  if (!page["next"].is_null())
    text += fmt::format("{} in all; further back: stormdoor audit --before {}\n",
                        page["total"].get<uint64_t>(), page["next"].get<uint64_t>());
  return text;
}

constexpr const char* kRole =
    "viewer (sees), helpdesk (also unblocks, logs out, reboots, converts) or administrator";
constexpr const char* kPassword =
    "Asks for the password (or reads one line of standard input); without it one is made and shown";

}  // namespace

void add_admin_commands(Shell& shell) {
  auto& admin = *shell.app().add_subcommand("admin", "Who may use the portal and the API");
  admin.require_subcommand(1);
  shell
      .add(admin, "add", "admin.add", "Lets somebody sign in",
           "stormdoor admin add ada --role administrator", render_password)
      .text("name", "name", "To sign in with: a-z, 0-9 and . - _ @", true)
      .text("--role", "role", kRole, true)
      .hidden("--password", "password", "Password", kPassword);
  shell
      .add(admin, "set", "admin.set", "Changes somebody's role",
           "stormdoor admin set ada --role helpdesk")
      .text("name", "name", "The name", true)
      .text("--role", "role", kRole, true);
  shell
      .add(admin, "password", "admin.password", "Sets a password; that person's sessions end",
           "stormdoor admin password ada", render_password)
      .text("name", "name", "The name", true)
      .hidden("--password", "password", "Password", kPassword);
  shell.add(admin, "list", "admin.list", "Lists who may sign in", "stormdoor admin list",
            render_administrators);
  shell
      .add(admin, "remove", "admin.remove", "Ends it, with that person's sessions",
           "stormdoor admin remove ada")
      .text("name", "name", "The name", true);
  auto& token = *admin.add_subcommand("token", "What programs come in with");
  token.require_subcommand(1);
  shell
      .add(token, "add", "admin.token.add", "Makes a token, which is shown once",
           "stormdoor admin token add 'nightly export' --role viewer --expires 90d", render_token)
      .text("label", "label", "What it is for", true)
      .text("--role", "role", kRole, true)
      .text("--expires", "expires", "In 90d, at 2027-01-01, or never; default: in a year");
  shell.add(token, "list", "admin.token.list", "Lists tokens", "stormdoor admin token list",
            render_tokens);
  shell
      .add(token, "remove", "admin.token.remove", "Removes a token; it stops working at once",
           "stormdoor admin token remove k3Jx9Q2a")
      .text("id", "id", "Its id, as the list shows it", true);
  shell
      .add(shell.app(), "audit", "audit.list", "Who changed what, the newest first",
           "stormdoor audit --search 00:0F:D3:05:48:48", render_audit)
      .text("--search", "search", "Only rows with this text in one of their columns")
      .number("--last", "most", "How many at most; default: 100")
      .number("--before", "before", "Only what is older than the row of this number");
}

}  // namespace stormdoor::edge
