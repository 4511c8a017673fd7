// What the shell can ask about phones and whom they belong to.

#include <fmt/format.h>

#include "base/text.hpp"
#include "edge/commands.hpp"
#include "edge/office.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/import.hpp"
#include "hotdesk/phone_view.hpp"
#include "hotdesk/words.hpp"

namespace stormdoor::edge {
namespace {

using nlohmann::json;

std::string assigned_to(const hotdesk::Registry& registry, const MacAddress& mac) {
  const auto assignment = registry.assignment_of(mac);
  if (!assignment) return "";
  const auto user = registry.user(assignment->extension);
  std::string text = user ? hotdesk::phrase_for(*user) : assignment->extension;
  if (assignment->slot > 0) text += fmt::format(", additional phone {}", assignment->slot);
  return text;
}

std::string_view token_state(const store::PhoneRecord& phone) {
  if (phone.token_issued) return "issued";
  return phone.first_contact_approved ? "first contact approved" : "waiting for first contact";
}

json phone_row(const Office& office, const store::PhoneRecord& phone) {
  const auto& registry = *office.registry();
  json row = {{"mac", phone.mac.to_string()}, {"vendor", phone.vendor},
              {"model", phone.model},         {"role", hotdesk::to_string(phone.role)},
              {"location", phone.location},   {"assigned_to", assigned_to(registry, phone.mac)},
              {"token", token_state(phone)},  {"last_seen", "never"}};
  if (const auto* sighting = office.activity().of(phone.mac)) {
    row["last_seen"] = format_duration(office.now().wall - sighting->time) + " ago";
    row["last_seen_at"] = format_time(sighting->time);
    row["last_source"] = sighting->source.to_string();
    row["last_file"] = sighting->file;
    row["files"] = sighting->files;
  }
  if (const auto* restart = office.restart_of(phone.mac))
    row["restart"] = describe(*restart, office.now().wall);
  return row;
}

json phone_details(const Office& office, const store::PhoneRecord& phone, const Actor& by) {
  json row = phone_row(office, phone);
  const auto view = hotdesk::view_of(*office.registry(), phone.mac);
  row["account"] = view.account();
  row["emergency"] = view.emergency_number();
  row["variables"] = variables_for(by, phone.variables);
  row["templates"] = phone.templates;
  return row;
}

void read_phone_fields(Arguments& arguments, hotdesk::PhoneRequest& request) {
  request.vendor = arguments.maybe_text("vendor").value_or("");
  request.model = arguments.maybe_text("model").value_or("");
  request.location = arguments.maybe_text("location").value_or("");
  if (arguments.flag("hot_desk")) request.role = store::PhoneRole::HotDesk;
  for (const auto& [name, value] : arguments.edits("variables"))
    request.variables[name] = value.value_or("");
  for (const auto& [name, value] : arguments.edits("templates"))
    request.templates[name] = value.value_or("");
}

// Phones that have everything in common but their MAC.
std::vector<hotdesk::PhoneRequest> alike_phones(Arguments& arguments) {
  hotdesk::PhoneRequest one;
  read_phone_fields(arguments, one);
  std::vector<hotdesk::PhoneRequest> requests;
  for (const auto& mac : arguments.maybe_texts("macs").value_or(std::vector<std::string>())) {
    one.mac = mac;
    requests.push_back(one);
  }
  return requests;
}

struct NewPhone {
  hotdesk::PhoneRequest request;
  bool additional = false;  // in the first free slot
};

// "phones": each with fields of its own, and perhaps with whom it is for.
Result<std::vector<NewPhone>> phones_by_row(const std::vector<json>& rows) {
  std::vector<NewPhone> phones;
  if (rows.size() > hotdesk::kMostRows)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("phones: at most {} at once", hotdesk::kMostRows));
  for (const json& row : rows) {
    Arguments fields(row);
    NewPhone phone;
    phone.request.mac = fields.text("mac");
    phone.request.extension = fields.maybe_text("extension").value_or("");
    phone.additional = fields.flag("additional");
    read_phone_fields(fields, phone.request);
    if (const auto read = fields.finish(); !read) {
      const size_t number = phones.size() + 1;
      auto details = read.error().details();
      for (auto& detail : details) detail.row = number;
      return read.error().while_doing(fmt::format("row {}", number)).with_details(details);
    }
    phones.push_back(std::move(phone));
  }
  return phones;
}

// 1 to 5; one past that when all are taken, which is then refused in its own words.
uint8_t free_slot(const hotdesk::Registry& registry, const std::string& extension) {
  uint8_t slot = 1;
  for (const auto& taken : registry.assignments_of(extension))
    if (taken->slot == slot) ++slot;
  return slot;
}

// One sentence per row that is wrong; nothing was added.
Error row_errors(const std::vector<hotdesk::RowError>& errors) {
  std::string text = "nothing was added:";
  for (const auto& error : errors) text += "\n  " + hotdesk::to_string(error);
  return Error(ErrorCode::InvalidArgument, text).with_details(hotdesk::details_of(errors));
}

// All of them or none. Slots are chosen row by row, so that two rows may give one user two phones.
Result<store::Change> plan_phones(const hotdesk::Registry& registry,
                                  const std::vector<NewPhone>& phones,
                                  const hotdesk::Tools& tools) {
  hotdesk::Draft draft(registry);
  std::vector<hotdesk::RowError> errors;
  for (size_t i = 0; i < phones.size() && errors.size() < hotdesk::kMostRowErrors; ++i) {
    hotdesk::PhoneRequest request = phones[i].request;
    if (phones[i].additional && !request.extension.empty())
      request.slot = free_slot(draft.registry(), request.extension);
    const auto problems = draft.attempt([&] { return hotdesk::add_phone(draft, request, tools); });
    for (const auto& problem : problems.all())
      errors.push_back({i + 1, 0, problem.field, problem.message});
  }
  if (!errors.empty()) return row_errors(errors);
  return std::move(draft).take();
}

struct PhoneChange {
  hotdesk::PhoneEdit edit;
  bool approve = false;
  bool new_token = false;
};

PhoneChange phone_change(Arguments& arguments) {
  PhoneChange change;
  change.edit.vendor = arguments.maybe_text("vendor");
  change.edit.model = arguments.maybe_text("model");
  change.edit.location = arguments.maybe_text("location");
  if (arguments.flag("hot_desk")) change.edit.role = store::PhoneRole::HotDesk;
  change.edit.variables = arguments.edits("variables");
  change.edit.templates = arguments.edits("templates");
  change.approve = arguments.flag("approve");
  change.new_token = arguments.flag("new_token");
  return change;
}

Result<store::Change> plan_phone_change(const hotdesk::Registry& registry, const MacAddress& mac,
                                        const PhoneChange& change, const hotdesk::Tools& tools) {
  hotdesk::Draft draft(registry);
  auto problems = hotdesk::set_phone(draft, mac, change.edit, tools);
  if (problems.none() && change.new_token) problems = hotdesk::renew_token(draft, mac, tools);
  if (problems.none() && change.approve) problems = hotdesk::approve_first_contact(draft, mac);
  if (!problems.none()) return problems.error();
  return std::move(draft).take();
}

std::string phones(size_t count) {
  return count == 1 ? "1 phone" : fmt::format("{} phones", count);
}

Result<void> add_phones(Office& office, Arguments& arguments, const Responder& responder) {
  const auto rows = arguments.objects("phones");
  if (!rows.empty()) {
    TRY(arguments.finish());
    const auto added = TRY(phones_by_row(rows));
    office.change(
        [&office, added](const hotdesk::Registry& registry) {
          return plan_phones(registry, added, office.tools());
        },
        answer_with(office, responder, phones(rows.size()) + " added."));
    return {};
  }
  const auto requests = alike_phones(arguments);
  TRY(arguments.finish());
  if (requests.empty())
    return Error(ErrorCode::InvalidArgument, "no phone is named")
        .with_details({{"phones", 0, "name at least one phone"}});
  office.change(
      [&office, requests](const hotdesk::Registry& registry) -> Result<store::Change> {
        hotdesk::Draft draft(registry);
        const auto errors = hotdesk::add_phones(draft, requests, office.tools());
        if (!errors.empty()) return row_errors(errors);
        return std::move(draft).take();
      },
      answer_with(office, responder, phones(requests.size()) + " added."));
  return {};
}

void add_changes(CommandTable& table, Office& office) {
  table.add("phone.add", [&office](Arguments& arguments, const Responder& responder) {
    return add_phones(office, arguments, responder);
  });
  table.add(
      "phone.set", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
        const MacAddress mac = arguments.mac("mac");
        const auto change = phone_change(arguments);
        TRY(arguments.finish());
        office.change(
            [&office, mac, change](const hotdesk::Registry& registry) {
              return plan_phone_change(registry, mac, change, office.tools());
            },
            answer_with(office, responder, fmt::format("Phone {} changed.", mac.to_string())));
        return {};
      });
  table.add("phone.remove",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              std::vector<MacAddress> macs;
              for (const auto& text : arguments.texts("macs"))
                macs.push_back(TRY(MacAddress::parse(text)));
              TRY(arguments.finish());
              office.change(
                  [macs](const hotdesk::Registry& registry) -> Result<store::Change> {
                    hotdesk::Draft draft(registry);
                    for (const auto& mac : macs)
                      if (const auto problems = hotdesk::remove_phone(draft, mac); !problems.none())
                        return problems.error();
                    return std::move(draft).take();
                  },
                  answer_with(office, responder, phones(macs.size()) + " removed."));
              return {};
            });
}

void add_assignments(CommandTable& table, Office& office) {
  table.add(
      "phone.assign", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
        hotdesk::AssignRequest request;
        request.mac = arguments.mac("mac");
        request.extension = arguments.text("extension");
        request.slot = uint8_t(arguments.maybe_number("slot", 0, 5).value_or(0));
        const bool additional = arguments.flag("additional");
        TRY(arguments.finish());
        const auto sentence =
            fmt::format("Phone {} now belongs to {}.", request.mac.to_string(), request.extension);
        office.change(
            [request, additional](const hotdesk::Registry& registry) {
              auto wanted = request;
              if (additional) wanted.slot = free_slot(registry, wanted.extension);
              return hotdesk::plan(registry, hotdesk::assign, wanted);
            },
            answer_with(office, responder, sentence));
        return {};
      });
  table.add("phone.unassign",
            [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
              const MacAddress mac = arguments.mac("mac");
              TRY(arguments.finish());
              office.change(
                  [mac](const hotdesk::Registry& registry) {
                    return hotdesk::plan(registry, hotdesk::unassign, mac);
                  },
                  answer_with(office, responder,
                              fmt::format("Phone {} is nobody's now.", mac.to_string())));
              return {};
            });
}

// Told, not done: what comes of it shows in `phone show` and the events.
Result<void> tell(Office& office, RestartHow how, Arguments& arguments,
                  const Responder& responder) {
  std::vector<MacAddress> macs;
  for (const auto& text : arguments.texts("macs")) macs.push_back(TRY(MacAddress::parse(text)));
  TRY(arguments.finish());
  for (const auto& mac : macs)
    if (!office.registry()->phone(mac))
      return Error(ErrorCode::NotFound,
                   fmt::format("there is no phone {}; nobody was told", mac.to_string()));
  for (const auto& mac : macs)
    note_deed(office, responder, how == RestartHow::Reboot ? "phone.reboot" : "phone.reload",
              "phone " + mac.to_string());
  office.restarter().tell(macs, how, false);
  json rows = json::array();
  for (const auto& mac : macs)
    rows.push_back({{"mac", mac.to_string()},
                    {"restart", describe(*office.restart_of(mac), office.now().wall)}});
  responder.respond(ControlResponse::done("", std::move(rows)));
  return {};
}

void add_restarts(CommandTable& table, Office& office) {
  table.add("phone.reload", [&office](Arguments& arguments, const Responder& responder) {
    return tell(office, RestartHow::Reload, arguments, responder);
  });
  table.add("phone.reboot", [&office](Arguments& arguments, const Responder& responder) {
    return tell(office, RestartHow::Reboot, arguments, responder);
  });
}

void add_views(CommandTable& table, Office& office) {
  table.add(
      "phone.show", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
        const MacAddress mac = arguments.mac("mac");
        const bool rendered = arguments.flag("rendered");
        TRY(arguments.finish());
        const auto phone = office.registry()->phone(mac);
        if (!phone)
          return Error(ErrorCode::NotFound, fmt::format("there is no phone {}", mac.to_string()));
        responder.respond(
            ControlResponse::done("", rendered ? TRY(office.rendered(mac))
                                               : phone_details(office, *phone, responder.by())));
        return {};
      });
  table.add(
      "phone.list", [&office](Arguments& arguments, const Responder& responder) -> Result<void> {
        const std::string search = ascii_lower(arguments.maybe_text("search").value_or(""));
        const auto location = arguments.maybe_text("location");
        const auto role_text = arguments.maybe_text("role");
        TRY(arguments.finish());
        std::optional<store::PhoneRole> role;
        if (role_text) role = TRY(hotdesk::parse_phone_role(*role_text));
        json rows = json::array();
        office.registry()->for_each_phone([&](const auto& phone) {
          if ((location && phone->location != *location) || (role && phone->role != *role)) return;
          if (mentions(search,
                       {phone->mac.to_string(), phone->mac.lower_hex(), phone->vendor, phone->model,
                        phone->location, assigned_to(*office.registry(), phone->mac)}))
            rows.push_back(phone_row(office, *phone));
        });
        responder.respond(ControlResponse::done("", std::move(rows)));
        return {};
      });
}

}  // namespace

void add_phone_commands(CommandTable& table, Office& office) {
  add_changes(table, office);
  add_assignments(table, office);
  add_views(table, office);
  add_restarts(table, office);
  add_import_command(table, office, "phone.import",
                     [&office](hotdesk::Draft& draft, std::string_view csv) {
                       return hotdesk::import_phones(draft, csv, office.tools());
                     });
}

}  // namespace stormdoor::edge
