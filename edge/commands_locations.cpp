// What the shell can ask about locations.

#include <fmt/format.h>

#include "base/text.hpp"
#include "edge/commands.hpp"
#include "edge/office.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/import.hpp"
#include "hotdesk/words.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

hotdesk::LocationEdit location_edit(Arguments& arguments) {
  hotdesk::LocationEdit edit;
  edit.label = arguments.maybe_text("label");
  edit.emergency_number = arguments.maybe_text("emergency_number");
  edit.house_number = arguments.maybe_text("house_number");
  edit.street = arguments.maybe_text("street");
  edit.city = arguments.maybe_text("city");
  edit.state = arguments.maybe_text("state");
  edit.postal_code = arguments.maybe_text("postal_code");
  edit.country = arguments.maybe_text("country");
  edit.building = arguments.maybe_text("building");
  edit.floor = arguments.maybe_text("floor");
  edit.room = arguments.maybe_text("room");
  edit.networks = arguments.maybe_prefixes("networks");
  edit.variables = arguments.edits("variables");
  edit.templates = arguments.edits("templates");
  return edit;
}

json location_row(const hotdesk::Registry& registry, const store::LocationRecord& location,
                  const Actor& by) {
  json networks = json::array();
  for (const auto& network : location.networks) networks.push_back(network.to_string());
  return {{"name", location.name},
          {"label", location.label},
          {"emergency_number", location.emergency_number},
          {"address", hotdesk::civic_address(location)},
          {"house_number", location.house_number},
          {"street", location.street},
          {"city", location.city},
          {"state", location.state},
          {"postal_code", location.postal_code},
          {"country", location.country},
          {"building", location.building},
          {"floor", location.floor},
          {"room", location.room},
          {"networks", networks},
          {"variables", variables_for(by, location.variables)},
          {"templates", location.templates},
          {"phones", registry.phones_at(location.name)}};
}

}  // namespace

void add_location_commands(CommandTable& table, Office& office) {
  table.add(
      "location.add", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
        const std::string name = arguments.text("name");
        const auto edit = location_edit(arguments);
        TRY(arguments.finish());
        office.change(
            [name, edit](const hotdesk::Registry& registry) -> Result<store::Change> {
              hotdesk::Draft draft(registry);
              // Made with its emergency number, so that add's own checks see it; the rest is an
              // edit.
              store::LocationRecord location;
              location.name = name;
              location.label = edit.label.value_or("");
              location.emergency_number = edit.emergency_number.value_or("");
              auto problems = draft.attempt([&] { return hotdesk::add_location(draft, location); });
              if (problems.none())
                problems = draft.attempt([&] { return hotdesk::set_location(draft, name, edit); });
              if (!problems.none()) return problems.error();
              return std::move(draft).take();
            },
            answer_with(office, responder, fmt::format("Location {} added.", name)));
        return {};
      });
  table.add("location.set",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              const std::string name = arguments.text("name");
              const auto edit = location_edit(arguments);
              TRY(arguments.finish());
              office.change(
                  [name, edit](const hotdesk::Registry& registry) {
                    return hotdesk::plan(registry, hotdesk::set_location, name, edit);
                  },
                  answer_with(office, responder, fmt::format("Location {} changed.", name)));
              return {};
            });
  table.add("location.remove",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              const std::string name = arguments.text("name");
              TRY(arguments.finish());
              office.change(
                  [name](const hotdesk::Registry& registry) {
                    return hotdesk::plan(registry, hotdesk::remove_location, name);
                  },
                  answer_with(office, responder, fmt::format("Location {} removed.", name)));
              return {};
            });
  table.add("location.list",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              TRY(arguments.finish());
              const auto& registry = *office.registry();
              json rows = json::array();
              registry.for_each_location([&](const auto& location) {
                rows.push_back(location_row(registry, *location, responder.by()));
              });
              responder.respond(ControlResponse::done("", std::move(rows)));
              return {};
            });
  add_import_command(table, office, "location.import",
                     [](hotdesk::Draft& draft, std::string_view csv) {
                       return hotdesk::import_locations(draft, csv);
                     });
}

}  // namespace stormdoor::edge
