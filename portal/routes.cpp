// The table of the API's operations: those of signing in, the overview and administration here.

#include "portal/routes_parts.hpp"

namespace stormdoor::portal {
namespace {

using enum Kind;

constexpr Parameter kRole = {"role", In::Body, Type::Text, true,
                             "viewer, helpdesk or administrator"};

void add_sessions(std::vector<Route>& table) {
  const std::vector<Column> session = {
      {"name"}, {"role"}, {"csrf"}, {"expires"}, {"idle_seconds", Type::Number}};
  table.push_back({.method = "POST",
                   .path = "/session",
                   .id = "signIn",
                   .about = "Signs in: sets the session's cookie, and tells what to send as "
                            "X-CSRF-Token with every change",
                   .parameters = {{"name", In::Body, Type::Text, true, "Who"},
                                  {"password", In::Body, Type::Text, true, "The password"}},
                   .columns = session,
                   .open = true,
                   .has_secrets = true});
  table.push_back({.method = "GET",
                   .path = "/session",
                   .id = "getSession",
                   .about = "Who is signed in; 401 when nobody is",
                   .columns = session});
  table.push_back(
      {.method = "DELETE", .path = "/session", .id = "signOut", .about = "Ends the session"});
  table.push_back(
      {.method = "GET", .path = "/openapi.json", .id = "getOpenApi", .about = "This document"});
}

void add_overview(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/overview",
                   .id = "getOverview",
                   .kind = Object,
                   .command = "overview",
                   .about = "What needs attention, how many phones there are, and the last ten "
                            "minutes, a point every two seconds",
                   .columns = {{"attention", Type::Objects},
                               {"phones", Type::Any},
                               {"blocks", Type::Number},
                               {"series", Type::Objects}},
                   .unattended = true});
  table.push_back({.method = "GET",
                   .path = "/events/stream",
                   .id = "streamEvents",
                   .about = "What happens, as server-sent events: rows as /events has them; "
                            "Last-Event-ID gets what was missed",
                   .unattended = true});
}

void add_state(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/status",
                   .id = "getStatus",
                   .kind = Object,
                   .command = "status",
                   .about = "How the daemon is, and which promises cannot hold",
                   .columns = {{"pid", Type::Number},
                               {"healthy", Type::Flag},
                               {"listeners", Type::Objects},
                               {"sections", Type::Objects},
                               {"limits", Type::Texts}}});
  table.push_back({.method = "POST",
                   .path = "/reload",
                   .id = "reloadConfiguration",
                   .kind = Change,
                   .command = "reload",
                   .least = Role::Administrator,
                   .about = "Reads the configuration's file again, all or nothing",
                   .columns = {{"message"},
                               {"changed", Type::Texts},
                               {"needs_restart", Type::Texts},
                               {"warnings", Type::Texts}}});
  table.push_back({.method = "GET",
                   .path = "/backup",
                   .id = "getBackup",
                   .kind = File,
                   .command = "backup",
                   .least = Role::Administrator,
                   .about = "A consistent copy of the database, its secrets sealed as they are"});
  table.push_back(
      {.method = "GET",
       .path = "/audit",
       .id = "listAudit",
       .kind = Page,
       .command = "audit.list",
       .least = Role::Helpdesk,
       .about = "Who changed what, the newest first",
       .parameters = {{"search", In::Query, Type::Text, false, kSearch.about, "search"},
                      {"after", In::Query, Type::Number, false,
                       "The cursor `next` of the page before", "before"},
                      {"limit", In::Query, Type::Number, false, "How many at most", "most"}},
       .columns = {{"id", Type::Number},
                   {"time"},
                   {"who"},
                   {"role"},
                   {"action"},
                   {"about"},
                   {"before", Type::Any, false},
                   {"after", Type::Any, false}}});
}

void add_administrators(std::vector<Route>& table) {
  const Parameter name = {"name", In::Path, Type::Text, true, "The administrator's name"};
  table.push_back({.method = "GET",
                   .path = "/administrators",
                   .id = "listAdministrators",
                   .kind = List,
                   .command = "admin.list",
                   .least = Role::Helpdesk,
                   .about = "Who may sign in",
                   .parameters = {kSearch},
                   .columns = {{"name"}, {"role"}, {"made"}},
                   .key = "name"});
  table.push_back({.method = "POST",
                   .path = "/administrators",
                   .id = "addAdministrator",
                   .kind = Change,
                   .command = "admin.add",
                   .least = Role::Administrator,
                   .about = "Adds somebody; without a password one is made and told once",
                   .parameters = {{"name", In::Body, Type::Text, true, "To sign in with"},
                                  kRole,
                                  {"password", In::Body, Type::Text, false, "The password"}},
                   .columns = {{"message"}, {"password", Type::Text, false}},
                   .has_secrets = true});
  table.push_back({.method = "PATCH",
                   .path = "/administrators/{name}",
                   .id = "setAdministrator",
                   .kind = Change,
                   .command = "admin.set",
                   .least = Role::Administrator,
                   .about = "Changes somebody's role",
                   .parameters = {name, kRole}});
  table.push_back({.method = "DELETE",
                   .path = "/administrators/{name}",
                   .id = "removeAdministrator",
                   .kind = Change,
                   .command = "admin.remove",
                   .least = Role::Administrator,
                   .about = "Removes somebody, and ends that person's sessions",
                   .parameters = {name}});
  table.push_back(
      {.method = "PUT",
       .path = "/administrators/{name}/password",
       .id = "setPassword",
       .kind = Change,
       .command = "admin.password",
       .least = Role::Administrator,
       .about = "Sets a password (everybody may set the own one); other sessions end",
       .parameters = {name, {"password", In::Body, Type::Text, false, "Left out: one is made"}},
       .columns = {{"message"}, {"password", Type::Text, false}},
       .has_secrets = true,
       .own = true});
}

void add_tokens(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/tokens",
                   .id = "listTokens",
                   .kind = List,
                   .command = "admin.token.list",
                   .least = Role::Helpdesk,
                   .about = "What programs come in with",
                   .parameters = {kSearch},
                   .columns = {{"id"}, {"label"}, {"role"}, {"made"}, {"expires"}},
                   .key = "id"});
  table.push_back({.method = "POST",
                   .path = "/tokens",
                   .id = "addToken",
                   .kind = Change,
                   .command = "admin.token.add",
                   .least = Role::Administrator,
                   .about = "Makes a token, which is told once",
                   .parameters = {{"label", In::Body, Type::Text, true, "What it is for"},
                                  kRole,
                                  {"expires", In::Body, Type::Text, false,
                                   "In 90d, or at 2027-01-01; left out: in a year; never"}},
                   .columns = {{"message"}, {"id"}, {"token"}},
                   .has_secrets = true});
  table.push_back({.method = "DELETE",
                   .path = "/tokens/{id}",
                   .id = "removeToken",
                   .kind = Change,
                   .command = "admin.token.remove",
                   .least = Role::Administrator,
                   .about = "Removes a token; it stops working at once",
                   .parameters = {{"id", In::Path, Type::Text, true, "The token's id"}}});
}

std::vector<Route> make_table() {
  std::vector<Route> table;
  add_sessions(table);
  add_overview(table);
  add_state(table);
  add_administrators(table);
  add_tokens(table);
  add_locations(table);
  add_users(table);
  add_phones(table);
  add_desks(table);
  add_desk_apps(table);
  add_conversions(table);
  add_security(table);
  return table;
}

}  // namespace

std::span<const Route> routes() {
  static const std::vector<Route> kTable = make_table();
  return kTable;
}

}  // namespace stormdoor::portal
