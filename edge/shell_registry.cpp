// The shell's commands about locations, users and phones.

#include <fmt/format.h>

#include "edge/shell.hpp"
#include "edge/table.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string text_of(const json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end() || found->is_null()) return "-";
  if (found->is_string())
    return found->get<std::string>().empty() ? "-" : found->get<std::string>();
  return found->dump();
}

struct Column {
  const char* heading;
  const char* key;
};

// A list of objects as a table, and how many there are.
Renderer list_of(std::vector<Column> columns, std::string none) {
  return [columns = std::move(columns), none = std::move(none)](const json& rows) {
    if (rows.empty()) return none + "\n";
    std::vector<std::string> headings;
    for (const auto& column : columns) headings.emplace_back(column.heading);
    Table table(headings);
    for (const auto& row : rows) {
      std::vector<std::string> cells;
      for (const auto& column : columns) cells.push_back(text_of(row, column.key));
      table.add(std::move(cells));
    }
    return table.text();
  };
}

void add_location_fields(Shell::Added& command) {
  command.text("--label", "label", "What the idle phone shows; default: the name")
      .text("--emergency-number", "emergency_number",
            "Caller ID of emergency calls, E.164: +12025550123")
      .text("--house-number", "house_number", "Civic address: house number")
      .text("--street", "street", "Civic address: street")
      .text("--city", "city", "Civic address: city")
      .text("--state", "state", "Civic address: state or region")
      .text("--postal-code", "postal_code", "Civic address: postal code")
      .text("--country", "country", "Civic address: country, two letters")
      .text("--building", "building", "Where exactly: building")
      .text("--floor", "floor", "Where exactly: floor")
      .text("--room", "room", "Where exactly: room or suite")
      .texts("--network", "networks", "Where its phones are expected: prefixes like 10.20.0.0/16")
      .pairs("--var", "variables", "A template variable for this location; name= removes it")
      .pairs("--template", "templates", "A template of its own for this location: kind=file");
}

void add_user_fields(Shell::Added& command) {
  command.text("--name", "name", "The person's name, shown on the phone")
      .text("--main-phone", "main_phone", "The main phone type: none, desk-phone or hot-desking")
      .hidden("--pin", "pin", "PIN", "Asks for the PIN (or reads one line of standard input)")
      .hidden("--sip-secret", "sip_secret", "SIP secret",
              "Asks for the SIP secret; without it one is made");
}

void add_phone_fields(Shell::Added& command) {
  command.text("--model", "model", "The model as its vendor spells it: D65, SIP-T46S")
      .text("--location", "location", "Where it stands; a hot-desk phone must have one")
      .pairs("--var", "variables", "A template variable for this phone; name= removes it")
      .pairs("--template", "templates", "A template of its own for this phone: kind=file");
}

std::string render_phone(const json& phone) {
  if (phone.contains("files")) {
    std::string text;
    for (const auto& file : phone["files"]) {
      text += fmt::format("--- {} ({})\n{}", file["name"].get<std::string>(),
                          file["template"].get<std::string>(), file["text"].get<std::string>());
      if (!text.ends_with('\n')) text += '\n';
    }
    Table table({"VARIABLE", "VALUE", "FROM"});
    for (const auto& value : phone["values"])
      table.add({value["name"].get<std::string>(), value["value"].get<std::string>(),
                 value["layer"].get<std::string>()});
    return text + "\n" + table.text();
  }
  static constexpr Column kFields[] = {{"MAC", "mac"},           {"Vendor", "vendor"},
                                       {"Model", "model"},       {"Role", "role"},
                                       {"Location", "location"}, {"Assigned to", "assigned_to"},
                                       {"Account", "account"},   {"Emergency", "emergency"},
                                       {"Token", "token"},       {"Last seen", "last_seen"},
                                       {"From", "last_source"},  {"Last file", "last_file"},
                                       {"Restart", "restart"}};
  std::string text;
  for (const auto& field : kFields)
    text += fmt::format("{:<12} {}\n", field.heading, text_of(phone, field.key));
  return text;
}

// Who was added or changed, and what was left out.
std::string render_take_over(const json& data) {
  std::string text;
  Table table({"EXTENSION", "OUTCOME", "CHANGED"});
  size_t shown = 0;
  for (const auto& row : data["rows"]) {
    if (row["outcome"] == "unchanged") continue;
    ++shown;
    std::string fields;
    for (const auto& field : row["fields"])
      fields += (fields.empty() ? "" : ", ") + field.get<std::string>();
    table.add({text_of(row, "extension"), text_of(row, "outcome"), fields.empty() ? "-" : fields});
  }
  if (shown > 0) text += table.text();
  for (const auto& note : data["notes"]) text += "note: " + note.get<std::string>() + "\n";
  for (const auto& refused : data["refused"])
    text += "refused: " + refused.get<std::string>() + "\n";
  return text;
}

}  // namespace

void add_location_commands(Shell& shell) {
  auto& location =
      *shell.app().add_subcommand("location", "Where phones stand, and their emergency numbers");
  location.require_subcommand(1);
  auto add =
      shell.add(location, "add", "location.add", "Adds a location",
                "stormdoor location add hq --label 'Head office' --emergency-number +12025550123");
  add.text("name", "name", "A short name: a-z, 0-9 and -", true);
  add_location_fields(add);
  auto set = shell.add(location, "set", "location.set", "Changes a location",
                       "stormdoor location set hq --floor 3 --var time_zone=America/New_York");
  set.text("name", "name", "Its name", true);
  add_location_fields(set);
  shell.add(location, "list", "location.list", "Lists locations", "stormdoor location list",
            list_of({{"NAME", "name"},
                     {"LABEL", "label"},
                     {"EMERGENCY", "emergency_number"},
                     {"ADDRESS", "address"},
                     {"PHONES", "phones"}},
                    "There is no location yet: stormdoor location add NAME ..."));
  shell
      .add(location, "remove", "location.remove", "Removes a location that no phone uses",
           "stormdoor location remove hq")
      .text("name", "name", "Its name", true);
  shell
      .add(location, "import", "location.import", "Adds locations from a CSV file, all or none",
           "stormdoor location import locations.csv")
      .file("file", "csv", "A CSV file with a header line; - is standard input")
      .flag("--dry-run", "dry_run", "Only says what would be done");
}

void add_user_commands(Shell& shell) {
  auto& user = *shell.app().add_subcommand("user", "People: extension, name, SIP secret, PIN");
  user.require_subcommand(1);
  auto add = shell.add(user, "add", "user.add", "Adds a user",
                       "stormdoor user add 2041 --name 'Ada King' --pin");
  add.text("extension", "extension", "The extension", true);
  add_user_fields(add);
  auto set = shell.add(user, "set", "user.set", "Changes a user", "stormdoor user set 2041 --pin");
  set.text("extension", "extension", "The extension", true);
  add_user_fields(set);
  shell
      .add(user, "list", "user.list", "Lists users", "stormdoor user list --search king",
           list_of({{"EXTENSION", "extension"},
                    {"NAME", "name"},
                    {"MAIN EXTENSION", "main_extension"},
                    {"PHONES", "phones"},
                    {"PIN", "pin"}},
                   "There is no user yet: stormdoor user add EXTENSION --name NAME"))
      .text("--search", "search", "Only those with this text in extension or name");
  shell
      .add(user, "remove", "user.remove", "Removes a user without phones",
           "stormdoor user remove 2041")
      .text("extension", "extension", "The extension", true);
  shell
      .add(user, "import", "user.import",
           "Adds users from a CSV file, or takes them over from a PBX's files; all or none",
           "stormdoor user import users.csv\n"
           "  stormdoor user import --from asterisk --pjsip pjsip.conf --voicemail voicemail.conf "
           "--preview\n"
           "  stormdoor user import --from freepbx extensions.csv",
           render_take_over)
      .file("file", "csv", "A CSV file with a header line; - is standard input", false)
      .text("--from", "from", "asterisk or freepbx: also changes users who are here already")
      .further_file("--pjsip", "pjsip", "Asterisk's pjsip.conf or pjsip_wizard.conf")
      .further_file("--voicemail", "voicemail", "Asterisk's voicemail.conf, for names and PINs")
      .flag("--dry-run,--preview", "dry_run", "Only says what would be done");
}

void add_phone_commands(Shell& shell) {
  auto& phone = *shell.app().add_subcommand("phone", "Desk phones and whom they belong to");
  phone.require_subcommand(1);
  auto add =
      shell.add(phone, "add", "phone.add", "Adds phones, all or none",
                "stormdoor phone add 00:0F:D3:05:48:48 00:0F:D3:05:48:49 --hot-desk --location hq");
  add.texts("macs", "macs", "MAC addresses in any common spelling", true);
  add.text("--vendor", "vendor", "A profile's name; default: told by the MAC");
  add_phone_fields(add);
  add.flag("--hot-desk", "hot_desk", "As hot-desk phones; needs --location");
  shell
      .add(phone, "assign", "phone.assign", "Gives a phone to a user",
           "stormdoor phone assign 00:0F:D3:05:48:48 2041")
      .text("mac", "mac", "The phone", true)
      .text("extension", "extension", "The user", true)
      .number("--slot", "slot", "0: the main phone (default); 1 to 5: additional ones")
      .flag("--additional", "additional", "In the first slot from 1 to 5 that is free");
  shell
      .add(phone, "unassign", "phone.unassign", "Takes a phone from its user",
           "stormdoor phone unassign 00:0F:D3:05:48:48")
      .text("mac", "mac", "The phone", true);
  auto set = shell.add(phone, "set", "phone.set", "Changes a phone",
                       "stormdoor phone set 00:0F:D3:05:48:48 --location hq --approve");
  set.text("mac", "mac", "The phone", true);
  set.text("--vendor", "vendor", "A profile's name");
  add_phone_fields(set);
  set.flag("--approve", "approve", "Its next fetch without a token gets the real configuration")
      .flag("--new-token", "new_token", "A new token; the old one stops working")
      .flag("--hot-desk", "hot_desk", "Make it a hot-desk phone; it must not be assigned");
  const auto told = list_of({{"PHONE", "mac"}, {"STATE", "restart"}}, "No phone was told.");
  shell
      .add(phone, "reload", "phone.reload",
           "Tells phones to fetch their configuration again, without a reboot where they know how",
           "stormdoor phone reload 00:0F:D3:05:48:48", told)
      .texts("macs", "macs", "MAC addresses in any common spelling", true);
  shell
      .add(phone, "reboot", "phone.reboot", "Tells phones to reboot",
           "stormdoor phone reboot 00:0F:D3:05:48:48", told)
      .texts("macs", "macs", "MAC addresses in any common spelling", true);
  shell
      .add(phone, "show", "phone.show", "Shows one phone, or the files it gets",
           "stormdoor phone show 00:0F:D3:05:48:48 --rendered", render_phone)
      .text("mac", "mac", "The phone", true)
      .flag("--rendered", "rendered",
            "Its files, with secrets masked, and where each value comes from");
  shell
      .add(phone, "list", "phone.list", "Lists phones",
           "stormdoor phone list --location hq --search D65",
           list_of({{"MAC", "mac"},
                    {"VENDOR", "vendor"},
                    {"MODEL", "model"},
                    {"ROLE", "role"},
                    {"LOCATION", "location"},
                    {"ASSIGNED TO", "assigned_to"},
                    {"LAST SEEN", "last_seen"}},
                   "No phone: stormdoor phone add MAC ..."))
      .text("--search", "search", "Only those with this text in MAC, model, location or user")
      .text("--location", "location", "Only those at this location")
      .text("--role", "role", "Only desk, hot-desk or unassigned phones");
  shell
      .add(phone, "remove", "phone.remove", "Removes phones that nobody has",
           "stormdoor phone remove 00:0F:D3:05:48:48")
      .texts("macs", "macs", "The phones", true);
  shell
      .add(phone, "import", "phone.import", "Adds phones from a CSV file, all or none",
           "stormdoor phone import phones.csv")
      .file("file", "csv", "A CSV file with a header line; - is standard input")
      .flag("--dry-run", "dry_run", "Only says what would be done");
}

}  // namespace stormdoor::edge
