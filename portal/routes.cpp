// The table of the API's operations.

#include <tuple>

#include "portal/route.hpp"

namespace stormdoor::portal {
namespace {

using enum Kind;

constexpr Parameter kMac = {"mac", In::Path, Type::Text, true, "The phone's MAC, in any spelling"};
constexpr Parameter kSearch = {"search", In::Query, Type::Text, false,
                               "Only rows with this text in one of their fields"};
constexpr Parameter kDryRun = {"dry_run", In::Query, Type::Flag, false,
                               "Only says what would be done"};
constexpr Parameter kCsv = {"csv", In::Body, Type::Csv, true, "A CSV file with a header line"};
constexpr Parameter kSince = {"since", In::Query, Type::Text, false,
                              "Only what was since then: 7d, 2026-03-01 or 2026-03-01T08:15:30Z"};

std::vector<Parameter> with(std::vector<Parameter> first, const std::vector<Parameter>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

std::vector<Parameter> location_fields() {
  const auto text = [](std::string_view name, std::string_view about) {
    return Parameter{name, In::Body, Type::Text, false, about};
  };
  return {
      text("label", "What the idle phone shows; default: the name"),
      text("emergency_number", "Caller ID of emergency calls, E.164: +12025550123"),
      text("house_number", "Civic address"),
      text("street", "Civic address"),
      text("city", "Civic address"),
      text("state", "Civic address: state or region"),
      text("postal_code", "Civic address"),
      text("country", "Civic address: two letters"),
      text("building", "Where exactly"),
      text("floor", "Where exactly"),
      text("room", "Where exactly: room or suite"),
      {"networks", In::Body, Type::Texts, false, "Where its phones are expected: prefixes"},
      {"variables", In::Body, Type::Pairs, false, "Template variables; an empty one is removed"},
      {"templates", In::Body, Type::Pairs, false, "Templates of its own: kind and file"}};
}

std::vector<Column> location_columns() {
  return {{"name"},
          {"label"},
          {"emergency_number"},
          {"address"},
          {"house_number"},
          {"street"},
          {"city"},
          {"state"},
          {"postal_code"},
          {"country"},
          {"building"},
          {"floor"},
          {"room"},
          {"networks", Type::Texts},
          {"variables", Type::Pairs},
          {"templates", Type::Pairs},
          {"phones", Type::Number}};
}

std::vector<Parameter> user_fields() {
  return {{"name", In::Body, Type::Text, false, "The person's name, shown on the phone"},
          {"main_phone", In::Body, Type::Text, false, "none, desk-phone or hot-desking"},
          {"pin", In::Body, Type::Text, false, "For logging in at desks; empty: none"},
          {"sip_secret", In::Body, Type::Text, false, "Empty or left out: one is made"}};
}

std::vector<Column> user_columns() {
  return {{"extension"},           {"name"}, {"main_phone"}, {"main_extension"},
          {"phones", Type::Texts}, {"pin"}};
}

std::vector<Column> phone_columns() {
  return {{"mac"},
          {"vendor"},
          {"model"},
          {"role"},
          {"location"},
          {"assigned_to"},
          {"token"},
          {"last_seen"},
          {"last_source", Type::Text, false},
          {"last_file", Type::Text, false},
          {"files", Type::Number, false},
          {"restart", Type::Text, false}};
}

std::vector<Column> one_phone_columns() {
  auto columns = phone_columns();
  for (const Column& more : {Column{"account"}, Column{"emergency"},
                             Column{"variables", Type::Pairs}, Column{"templates", Type::Pairs}})
    columns.push_back(more);
  return columns;
}

const std::vector<std::string_view> kOfTheMoment = {"last_seen", "last_source", "last_file",
                                                    "files", "restart"};

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

void add_locations(std::vector<Route>& table) {
  const Parameter name = {"name", In::Path, Type::Text, true, "The location's name"};
  table.push_back({.method = "GET",
                   .path = "/locations",
                   .id = "listLocations",
                   .kind = List,
                   .command = "location.list",
                   .about = "Where phones stand, and their emergency numbers",
                   .parameters = {kSearch},
                   .columns = location_columns(),
                   .key = "name"});
  table.push_back(
      {.method = "POST",
       .path = "/locations",
       .id = "addLocation",
       .kind = Change,
       .command = "location.add",
       .least = Role::Administrator,
       .about = "Adds a location",
       .parameters = with({{"name", In::Body, Type::Text, true, "Its name: a-z, 0-9, -"}},
                          location_fields())});
  table.push_back({.method = "GET",
                   .path = "/locations/{name}",
                   .id = "getLocation",
                   .kind = Picked,
                   .command = "location.list",
                   .about = "One location",
                   .parameters = {name},
                   .columns = location_columns(),
                   .key = "name",
                   .changing = {"phones"}});
  table.push_back({.method = "PATCH",
                   .path = "/locations/{name}",
                   .id = "setLocation",
                   .kind = Change,
                   .command = "location.set",
                   .least = Role::Administrator,
                   .about = "Changes a location; what is left out stays",
                   .parameters = with({name}, location_fields())});
  table.push_back({.method = "DELETE",
                   .path = "/locations/{name}",
                   .id = "removeLocation",
                   .kind = Change,
                   .command = "location.remove",
                   .least = Role::Administrator,
                   .about = "Removes a location that no phone uses",
                   .parameters = {name}});
}

void add_users(std::vector<Route>& table) {
  const Parameter extension = {"extension", In::Path, Type::Text, true, "The user's extension"};
  table.push_back({.method = "GET",
                   .path = "/users",
                   .id = "listUsers",
                   .kind = List,
                   .command = "user.list",
                   .about = "People: extension, name, main phone",
                   .parameters = {kSearch},
                   .columns = user_columns(),
                   .key = "extension"});
  table.push_back({.method = "POST",
                   .path = "/users",
                   .id = "addUser",
                   .kind = Change,
                   .command = "user.add",
                   .least = Role::Administrator,
                   .about = "Adds a user",
                   .parameters = with({{"extension", In::Body, Type::Text, true, "The extension"}},
                                      user_fields())});
  table.push_back({.method = "GET",
                   .path = "/users/{extension}",
                   .id = "getUser",
                   .kind = Picked,
                   .command = "user.list",
                   .about = "One user",
                   .parameters = {extension},
                   .columns = user_columns(),
                   .key = "extension"});
  table.push_back({.method = "PATCH",
                   .path = "/users/{extension}",
                   .id = "setUser",
                   .kind = Change,
                   .command = "user.set",
                   .least = Role::Administrator,
                   .about = "Changes a user; what is left out stays",
                   .parameters = with({extension}, user_fields())});
  table.push_back({.method = "DELETE",
                   .path = "/users/{extension}",
                   .id = "removeUser",
                   .kind = Change,
                   .command = "user.remove",
                   .least = Role::Administrator,
                   .about = "Removes a user without phones",
                   .parameters = {extension}});
}

void add_phones(std::vector<Route>& table) {
  const Parameter macs = {"mac", In::Path, Type::Texts, true, kMac.about, "macs"};
  table.push_back(
      {.method = "GET",
       .path = "/phones",
       .id = "listPhones",
       .kind = List,
       .command = "phone.list",
       .about = "Phones and whom they belong to",
       .parameters = {{"search", In::Query, Type::Text, false,
                       "Only those with this text in MAC, model, location or user", "search"},
                      {"location", In::Query, Type::Text, false, "Only those there"},
                      {"role", In::Query, Type::Text, false, "desk, hot-desk or unassigned"}},
       .columns = phone_columns(),
       .key = "mac"});
  table.push_back(
      {.method = "POST",
       .path = "/phones",
       .id = "addPhones",
       .kind = Change,
       .command = "phone.add",
       .least = Role::Administrator,
       .about = "Adds phones, all or none; each may be given to a user or made a hot desk at once",
       .parameters = {{"phones", In::Body, Type::Objects, true,
                       "Each: mac, and perhaps vendor, model, location, hot_desk, extension, "
                       "additional"}}});
  table.push_back({.method = "GET",
                   .path = "/phones/{mac}",
                   .id = "getPhone",
                   .kind = Object,
                   .command = "phone.show",
                   .about = "One phone",
                   .parameters = {kMac},
                   .columns = one_phone_columns(),
                   .changing = kOfTheMoment});
  table.push_back(
      {.method = "PATCH",
       .path = "/phones/{mac}",
       .id = "setPhone",
       .kind = Change,
       .command = "phone.set",
       .least = Role::Administrator,
       .about = "Changes a phone; what is left out stays",
       .parameters = {
           kMac,
           {"vendor", In::Body, Type::Text, false, "A profile's name"},
           {"model", In::Body, Type::Text, false, "As the vendor spells it"},
           {"location", In::Body, Type::Text, false, "Where it stands; empty: nowhere"},
           {"hot_desk", In::Body, Type::Flag, false, "Make it a hot-desk phone"},
           {"approve", In::Body, Type::Flag, false,
            "Its next fetch without a token gets the real configuration"},
           {"new_token", In::Body, Type::Flag, false, "A new token; the old one stops working"},
           {"variables", In::Body, Type::Pairs, false, "Template variables"},
           {"templates", In::Body, Type::Pairs, false, "Templates of its own"}}});
  table.push_back({.method = "DELETE",
                   .path = "/phones/{mac}",
                   .id = "removePhone",
                   .kind = Change,
                   .command = "phone.remove",
                   .least = Role::Administrator,
                   .about = "Removes a phone that nobody has",
                   .parameters = {macs}});
  table.push_back({.method = "PUT",
                   .path = "/phones/{mac}/assignment",
                   .id = "assignPhone",
                   .kind = Change,
                   .command = "phone.assign",
                   .least = Role::Administrator,
                   .about = "Gives a phone to a user",
                   .parameters = {kMac,
                                  {"extension", In::Body, Type::Text, true, "The user"},
                                  {"additional", In::Body, Type::Flag, false,
                                   "As an additional phone and not as the main one"}}});
  table.push_back({.method = "DELETE",
                   .path = "/phones/{mac}/assignment",
                   .id = "unassignPhone",
                   .kind = Change,
                   .command = "phone.unassign",
                   .least = Role::Administrator,
                   .about = "Takes a phone from its user",
                   .parameters = {kMac}});
  table.push_back({.method = "POST",
                   .path = "/phones/{mac}/reboot",
                   .id = "rebootPhone",
                   .kind = Change,
                   .command = "phone.reboot",
                   .least = Role::Helpdesk,
                   .about = "Tells a phone to reboot",
                   .parameters = {macs}});
  table.push_back({.method = "POST",
                   .path = "/phones/{mac}/reload",
                   .id = "reloadPhone",
                   .kind = Change,
                   .command = "phone.reload",
                   .least = Role::Helpdesk,
                   .about = "Tells a phone to fetch its configuration again",
                   .parameters = {macs}});
  table.push_back(
      {.method = "GET",
       .path = "/phones/{mac}/rendered",
       .id = "getRenderedPhone",
       .kind = Object,
       .command = "phone.show",
       .about = "The files that a phone gets, secrets masked, and where each value "
                "comes from",
       .parameters = {kMac},
       .columns = {{"mac"}, {"kind"}, {"files", Type::Objects}, {"values", Type::Objects}},
       .flags = {"rendered"}});
  table.push_back({.method = "GET",
                   .path = "/phones/{mac}/why",
                   .id = "whyPhone",
                   .kind = Lines,
                   .command = "why",
                   .about = "Its story: what it asked for, whether it is refused, and why",
                   .parameters = {{"mac", In::Path, Type::Text, true, kMac.about, "what"}}});
  for (const auto& [path, id, command] :
       {std::tuple{"/imports/locations", "importLocations", "location.import"},
        std::tuple{"/imports/users", "importUsers", "user.import"},
        std::tuple{"/imports/phones", "importPhones", "phone.import"}})
    table.push_back({.method = "POST",
                     .path = path,
                     .id = id,
                     .kind = Change,
                     .command = command,
                     .least = Role::Administrator,
                     .about = "Adds what a CSV file (text/csv) says, all rows or none",
                     .parameters = {kDryRun, kCsv}});
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

void add_desks(std::vector<Route>& table) {
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

void add_security(std::vector<Route>& table) {
  table.push_back({.method = "GET",
                   .path = "/blocks",
                   .id = "listBlocks",
                   .kind = List,
                   .command = "blocks.list",
                   .about = "Who is refused, until when, why",
                   .parameters = {kSearch},
                   .columns = {{"source"},
                               {"service"},
                               {"account"},
                               {"since"},
                               {"until"},
                               {"reason"},
                               {"by_administrator", Type::Flag}}});
  table.push_back(
      {.method = "POST",
       .path = "/blocks",
       .id = "addBlock",
       .kind = Change,
       .command = "blocks.add",
       .least = Role::Administrator,
       .about = "Refuses a source",
       .parameters = {{"source", In::Body, Type::Text, true, "An address or a prefix"},
                      {"service", In::Body, Type::Text, false, "Left out: all services"},
                      {"for", In::Body, Type::Text, false, "How long: 1h, 7d; until removed"},
                      {"reason", In::Body, Type::Text, false, "For other administrators"}}});
  table.push_back(
      {.method = "DELETE",
       .path = "/blocks",
       .id = "removeBlock",
       .kind = Change,
       .command = "blocks.remove",
       .least = Role::Helpdesk,
       .about = "Lets a source in again",
       .parameters = {
           {"source", In::Query, Type::Text, true, "The address or prefix"},
           {"service", In::Query, Type::Text, false, "Left out: all services"},
           {"account", In::Query, Type::Text, false, "Only what is refused of this account"}}});
  table.push_back({.method = "GET",
                   .path = "/acl",
                   .id = "getRules",
                   .kind = Object,
                   .command = "acl.show",
                   .about = "The configuration's file as it is",
                   .columns = {{"file"}, {"toml"}}});
  table.push_back({.method = "POST",
                   .path = "/acl/check",
                   .id = "checkRules",
                   .kind = Object,
                   .command = "acl.check",
                   .about = "Names every mistake of a configuration, or of access rules alone, "
                            "where it is",
                   .parameters = {{"toml", In::Body, Type::Text, true, "The text"}},
                   .columns = {{"valid", Type::Flag},
                               {"errors", Type::Objects},
                               {"warnings", Type::Texts},
                               {"expectations", Type::Number}}});
  table.push_back(
      {.method = "POST",
       .path = "/acl/replay",
       .id = "replayRules",
       .kind = Object,
       .command = "acl.replay",
       .least = Role::Helpdesk,
       .about = "Which blocks, of which phones, would have appeared or vanished under other rules",
       .parameters = {{"toml", In::Body, Type::Text, true, "The text"},
                      {"since", In::Body, Type::Text, false, kSince.about}},
       .columns = {{"from"},
                   {"until"},
                   {"events", Type::Number},
                   {"failures", Type::Number},
                   {"lost", Type::Number},
                   {"damaged", Type::Number},
                   {"actual", Type::Number},
                   {"simulated", Type::Number},
                   {"same", Type::Number},
                   {"appeared_count", Type::Number},
                   {"vanished_count", Type::Number},
                   {"appeared", Type::Objects},
                   {"vanished", Type::Objects}}});
  table.push_back(
      {.method = "GET",
       .path = "/acl/shadow",
       .id = "getShadowReport",
       .kind = Object,
       .command = "acl.shadow",
       .about = "Who would have been turned away by the blocks that the journal tells of",
       .parameters = {kSince},
       .columns = {{"from"},
                   {"until"},
                   {"events", Type::Number},
                   {"damaged", Type::Number},
                   {"blocks_count", Type::Number},
                   {"failures", Type::Number},
                   {"successes", Type::Number},
                   {"blocks", Type::Objects},
                   {"phones", Type::Texts}}});
  table.push_back({.method = "GET",
                   .path = "/why",
                   .id = "why",
                   .kind = Lines,
                   .command = "why",
                   .about = "Why something is or is not refused",
                   .parameters = {{"about", In::Query, Type::Text, true,
                                   "An address, a MAC or an extension", "what"}}});
  table.push_back({.method = "GET",
                   .path = "/excused",
                   .id = "isExcused",
                   .kind = Object,
                   .command = "excused",
                   .about = "Whether other guards should leave an address alone",
                   .parameters = {{"address", In::Query, Type::Text, true, "The address"}},
                   .columns = {{"address"},
                               {"excused", Type::Flag},
                               {"reason", Type::Text, false},
                               {"until", Type::Text, false}}});
  table.push_back({.method = "GET",
                   .path = "/leases",
                   .id = "listLeases",
                   .kind = List,
                   .command = "lease.list",
                   .about = "Phones whose old credentials are excused for a while",
                   .parameters = {kSearch},
                   .columns = {{"mac"},
                               {"state"},
                               {"accounts", Type::Texts},
                               {"opened"},
                               {"deadline"},
                               {"budget", Type::Number},
                               {"spent", Type::Number},
                               {"old_password_tries", Type::Number},
                               {"reason"},
                               {"addresses", Type::Texts}},
                   .key = "mac"});
  table.push_back(
      {.method = "POST",
       .path = "/leases",
       .id = "openLease",
       .kind = Change,
       .command = "lease.open",
       .least = Role::Administrator,
       .about = "Excuses a phone's old account and its own files",
       .parameters = {{"mac", In::Body, Type::Text, true, "The phone"},
                      {"for", In::Body, Type::Text, false, "How long: 30m, 2h"},
                      {"budget", In::Body, Type::Number, false, "How many failures at most"}}});
  table.push_back({.method = "DELETE",
                   .path = "/leases/{mac}",
                   .id = "closeLease",
                   .kind = Change,
                   .command = "lease.close",
                   .least = Role::Administrator,
                   .about = "Ends it",
                   .parameters = {kMac}});
  table.push_back(
      {.method = "GET",
       .path = "/bindings",
       .id = "listBindings",
       .kind = List,
       .command = "bindings",
       .about = "Who is behind which address, as the watch has seen it",
       .parameters = {kSearch, {"about", In::Query, Type::Text, false, "An address or a MAC"}},
       .columns =
           {{"address"}, {"conflict", Type::Any}, {"fit", Type::Any}, {"holders", Type::Objects}},
       .key = "address"});
  table.push_back(
      {.method = "GET",
       .path = "/events",
       .id = "listEvents",
       .kind = Rows,
       .command = "events",
       .about = "What happened, the oldest first",
       .parameters = {kSince,
                      {"about", In::Query, Type::Text, false, "An address, a MAC or an extension"},
                      {"limit", In::Query, Type::Number, false, "How many at most", "last"}},
       .columns = {{"number", Type::Number, false},
                   {"time"},
                   {"kind"},
                   {"text"},
                   {"source", Type::Text, false},
                   {"phone", Type::Text, false},
                   {"extension", Type::Text, false},
                   {"by", Type::Text, false}}});
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

void add_administration(std::vector<Route>& table) {
  const Parameter name = {"name", In::Path, Type::Text, true, "The administrator's name"};
  const Parameter role = {"role", In::Body, Type::Text, true, "viewer, helpdesk or administrator"};
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
                                  role,
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
                   .parameters = {name, role}});
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
                                  role,
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
  add_administration(table);
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
