// The API's operations on what is registered: locations, users, phones.

#include <tuple>

#include "portal/routes_parts.hpp"

namespace stormdoor::portal {
namespace {

using enum Kind;

constexpr Parameter kMacs = {"mac", In::Path, Type::Texts, true, kMac.about, "macs"};
constexpr Parameter kDryRun = {"dry_run", In::Query, Type::Flag, false,
                               "Only says what would be done"};
constexpr Parameter kCsv = {"csv", In::Body, Type::Csv, true, "A CSV file with a header line"};

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
          {"last_seen_at", Type::Text, false},
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

const std::vector<std::string_view> kOfTheMoment = {"last_seen", "last_seen_at", "last_source",
                                                    "last_file", "files",        "restart"};

void add_phone_records(std::vector<Route>& table) {
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
                   .parameters = {kMacs}});
}

// Of many at once, all or none.
void add_bulk_actions(std::vector<Route>& table) {
  const Parameter macs = {"macs", In::Body, Type::Texts, true, "MAC addresses"};
  table.push_back({.method = "POST",
                   .path = "/phone-removals",
                   .id = "removePhones",
                   .kind = Change,
                   .command = "phone.remove",
                   .least = Role::Administrator,
                   .about = "Removes phones that nobody has, all or none",
                   .parameters = {macs}});
  table.push_back({.method = "POST",
                   .path = "/phone-restarts",
                   .id = "restartPhones",
                   .kind = Change,
                   .command = "phone.reboot",
                   .least = Role::Helpdesk,
                   .about = "Tells phones to reboot; `items` says of each what comes of it",
                   .parameters = {macs},
                   .columns = {{"message"}, {"items", Type::Objects}}});
}

void add_phone_actions(std::vector<Route>& table) {
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
                   .parameters = {kMacs}});
  table.push_back({.method = "POST",
                   .path = "/phones/{mac}/reload",
                   .id = "reloadPhone",
                   .kind = Change,
                   .command = "phone.reload",
                   .least = Role::Helpdesk,
                   .about = "Tells a phone to fetch its configuration again",
                   .parameters = {kMacs}});
}

void add_phone_files(std::vector<Route>& table) {
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
}

void add_imports(std::vector<Route>& table) {
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

}  // namespace

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
  add_phone_records(table);
  add_phone_actions(table);
  add_bulk_actions(table);
  add_phone_files(table);
  add_imports(table);
}

}  // namespace stormdoor::portal
