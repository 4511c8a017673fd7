// The API's operations on hot desks: who sits where, login screens, conversions.

#include <tuple>

#include "portal/routes_parts.hpp"

namespace stormdoor::portal {
namespace {

using enum Kind;

void add_sessions_at_desks(std::vector<Route>& table) {
  table.push_back(
      {.method = "GET",
       .path = "/desks",
       .id = "listDesks",
       .kind = List,
       .command = "desk.list",
       .about = "Who sits where since when",
       .parameters = {{"search", In::Query, Type::Text, false,
                       "Only those with this text in phone, location or user", "search"},
                      {"location", In::Query, Type::Text, false, "Only those there"}},
       .columns = {{"phone"},
                   {"model"},
                   {"location"},
                   {"label"},
                   {"state"},
                   {"extension"},
                   {"user"},
                   {"since"},
                   {"call"}},
       .key = "phone"});
  table.push_back({.method = "GET",
                   .path = "/desks/{mac}/link",
                   .id = "getDeskLink",
                   .kind = Object,
                   .command = "desk.link",
                   .least = Role::Helpdesk,
                   .about =
                       "The address of a desk's pages for people's own phones, and its QR code "
                       "as an image",
                   .parameters = {kMac},
                   .columns = {{"phone"}, {"url"}, {"svg"}}});
  table.push_back({.method = "POST",
                   .path = "/desks/{mac}/login",
                   .id = "logInAtDesk",
                   .kind = Change,
                   .command = "desk.login",
                   .least = Role::Administrator,
                   .about = "Logs a user in at a hot-desk phone, without PIN",
                   .parameters = {kMac, {"extension", In::Body, Type::Text, true, "The user"}}});
  table.push_back({.method = "POST",
                   .path = "/desks/logout",
                   .id = "logOutAtDesks",
                   .kind = Change,
                   .command = "desk.logout",
                   .least = Role::Helpdesk,
                   .about = "Logs out a phone or a user, everybody at a location, or all",
                   .parameters = {{"what", In::Body, Type::Text, false, "A phone or an extension"},
                                  {"location", In::Body, Type::Text, false, "Everybody there"},
                                  {"all", In::Body, Type::Flag, false, "Everybody"},
                                  {"even_in_call", In::Body, Type::Flag, false,
                                   "Also who speaks, but for emergency calls"}}});
  table.push_back(
      {.method = "GET",
       .path = "/desk-log",
       .id = "listDeskLog",
       .kind = List,
       .command = "desk.log",
       .about = "Who sat where when, and what an emergency call from there carried; "
                "as CSV with Accept: text/csv",
       .parameters = {kSearch,
                      kSince,
                      {"until", In::Query, Type::Text, false, "Only what was until then"},
                      {"about", In::Query, Type::Text, false,
                       "Only of this phone, extension or location"}},
       .columns = {{"time"}, {"phone"}, {"extension"}, {"location"}, {"number"}, {"address"}}});
}

void add_places(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/misplaced",
                   .id = "listMisplaced",
                   .kind = List,
                   .command = "desk.misplaced",
                   .about = "Phones seen elsewhere than their location's networks",
                   .parameters = {kSearch},
                   .columns = {{"phone"}, {"location"}, {"address"}, {"since"}},
                   .key = "phone"});
  table.push_back({.method = "POST",
                   .path = "/misplaced/{mac}/acknowledge",
                   .id = "acknowledgeMisplaced",
                   .kind = Change,
                   .command = "desk.misplaced",
                   .least = Role::Administrator,
                   .about = "It is known that this phone is there",
                   .parameters = {{"mac", In::Path, Type::Text, true, kMac.about, "acknowledge"}}});
  table.push_back(
      {.method = "GET",
       .path = "/emergency",
       .id = "getEmergency",
       .kind = Rows,
       .command = "emergency",
       .about = "Which number and address an emergency call carries",
       .parameters = {{"of", In::Query, Type::Text, true,
                       "A phone, an extension, a SIP account or an address", "what"}},
       .columns = {{"phone"}, {"location"}, {"label"}, {"number"}, {"address"}, {"missing"}}});
}

}  // namespace

void add_desks(std::vector<Route>& table) {
  add_sessions_at_desks(table);
  add_places(table);
}

void add_desk_apps(std::vector<Route>& table) {
  table.push_back(
      {.method = "GET",
       .path = "/desk-apps",
       .id = "listDeskApps",
       .kind = List,
       .command = "desk.app",
       .about = "Hot-desk phones whose login screen is an app that they are given",
       .parameters = {kSearch},
       .columns =
           {{"phone"}, {"model"}, {"location"}, {"address"}, {"version"}, {"installed"}, {"state"}},
       .key = "phone"});
  table.push_back({.method = "POST",
                   .path = "/desk-apps/push",
                   .id = "pushDeskApps",
                   .kind = Change,
                   .command = "desk.app.push",
                   .least = Role::Helpdesk,
                   .about = "Gives phones their app soon, also those that have it",
                   .parameters = {{"macs", In::Body, Type::Texts, false, "These"},
                                  {"all", In::Body, Type::Flag, false, "All of them"}}});
  table.push_back({.method = "POST",
                   .path = "/desk-apps/{mac}/password",
                   .id = "showDeskAppPassword",
                   .kind = Change,
                   .command = "desk.app.password",
                   .least = Role::Administrator,
                   .about = "What the phone's own menus ask for; who asked is in the audit log",
                   .parameters = {kMac},
                   .columns = {{"phone"}, {"password"}},
                   .has_secrets = true});
}

void add_conversions(std::vector<Route>& table) {
  const Parameter number = {"number", In::Path, Type::Number, true, "The conversion's number"};
  std::vector<Column> columns = {{"number", Type::Number},
                                 {"location"},
                                 {"at_once", Type::Number},
                                 {"state"},
                                 {"opened"},
                                 {"ended"},
                                 {"phones", Type::Number},
                                 {"waiting", Type::Number},
                                 {"away", Type::Number},
                                 {"back", Type::Number},
                                 {"not_back", Type::Number},
                                 {"undone", Type::Number},
                                 {"refused", Type::Number},
                                 {"forgiven", Type::Number},
                                 {"old_password_tries", Type::Number}};
  table.push_back({.method = "GET",
                   .path = "/conversions",
                   .id = "listConversions",
                   .kind = List,
                   .command = "conversions.list",
                   .about = "Phones on their way to hot desking",
                   .parameters = {kSearch},
                   .columns = columns,
                   .key = "number"});
  columns.push_back({"list", Type::Objects});
  table.push_back({.method = "POST",
                   .path = "/conversions",
                   .id = "convert",
                   .kind = Change,
                   .command = "convert",
                   .least = Role::Helpdesk,
                   .about = "Converts phones to hot desking, at a pace",
                   .parameters = {{"macs", In::Body, Type::Texts, true, "The phones"},
                                  {"location", In::Body, Type::Text, false,
                                   "Where they are to stand; left out: where each stands"},
                                  {"at_once", In::Body, Type::Number, false,
                                   "How many may be rebooting; 0 or left out: all"}}});
  table.push_back({.method = "GET",
                   .path = "/conversions/{number}",
                   .id = "getConversion",
                   .kind = Object,
                   .command = "conversions.show",
                   .about = "One conversion, phone by phone",
                   .parameters = {number},
                   .columns = columns});
  for (const auto& [path, id, command, about] :
       {std::tuple{"/conversions/{number}/pause", "pauseConversion", "conversions.pause",
                   "No further phone is converted"},
        std::tuple{"/conversions/{number}/resume", "resumeConversion", "conversions.resume",
                   "It goes on"},
        std::tuple{"/conversions/{number}/undo", "undoConversion", "conversions.undo",
                   "The phones that wait stay what they are"}})
    table.push_back({.method = "POST",
                     .path = path,
                     .id = id,
                     .kind = Change,
                     .command = command,
                     .least = Role::Helpdesk,
                     .about = about,
                     .parameters = {number}});
}

}  // namespace stormdoor::portal
