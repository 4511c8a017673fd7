#include "edge/audit.hpp"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "acl/service.hpp"
#include "base/text.hpp"
#include "hotdesk/rules.hpp"
#include "hotdesk/words.hpp"
#include "portal/role.hpp"

namespace stormdoor::edge {
namespace {

using hotdesk::Registry;
using nlohmann::json;

constexpr size_t kMostTextBytes = size_t{64} * 1024;  // of one side of a row
constexpr const char* kSet = "set";
constexpr const char* kSetAnew = "set anew";

// Whether there is a secret; and, beside what there was, whether it is another.
json told(const Secret& secret, const Secret* before = nullptr) {
  if (secret.empty()) return "not set";
  return before != nullptr && !before->empty() && !(*before == secret) ? kSetAnew : kSet;
}
json told(const std::string& hash, const std::string* before = nullptr) {
  if (hash.empty()) return "not set";
  return before != nullptr && !before->empty() && *before != hash ? kSetAnew : kSet;
}

// Template variables; of those whose names sound secret only whether they are set.
json told(const store::Variables& variables, const store::Variables* before) {
  const store::Variables none;
  const store::Variables& earlier = before != nullptr ? *before : none;
  json fields = variables;
  for (const auto& [name, value] : variables) {
    if (!hotdesk::sounds_secret(name)) continue;
    const auto was = earlier.find(name);
    fields[name] = told(value, was != earlier.end() ? &was->second : nullptr);
  }
  return fields;
}

std::string time_or(const char* never, WallTime time) {
  return time == WallTime::max() ? never : format_time(time);
}

json fields_of(const store::LocationRecord& location,
               const store::LocationRecord* before = nullptr) {
  const auto& [name, label, emergency_number, house_number, street, city, state, postal_code,
               country, building, floor, room, networks, variables, templates] = location;
  json prefixes = json::array();
  for (const auto& network : networks) prefixes.push_back(network.to_string());
  return {{"label", label},
          {"emergency_number", emergency_number},
          {"house_number", house_number},
          {"street", street},
          {"city", city},
          {"state", state},
          {"postal_code", postal_code},
          {"country", country},
          {"building", building},
          {"floor", floor},
          {"room", room},
          {"networks", std::move(prefixes)},
          {"variables", told(variables, before != nullptr ? &before->variables : nullptr)},
          {"templates", templates}};
}

json fields_of(const store::UserRecord& user, const store::UserRecord* before = nullptr) {
  const auto& [extension, name, sip_secret, pin_hash, main_phone_type] = user;
  return {{"name", name},
          {"main_phone", hotdesk::to_string(main_phone_type)},
          {"sip_secret", told(sip_secret, before != nullptr ? &before->sip_secret : nullptr)},
          {"pin", told(pin_hash, before != nullptr ? &before->pin_hash : nullptr)}};
}

json fields_of(const store::PhoneRecord& phone, const store::PhoneRecord* before = nullptr) {
  const auto& [mac, vendor, model, role, location, device_account, device_secret, token,
               token_issued, first_contact_approved, variables, templates] = phone;
  return {
      {"vendor", vendor},
      {"model", model},
      {"role", hotdesk::to_string(role)},
      {"location", location},
      {"device_account", device_account},
      {"device_secret", told(device_secret, before != nullptr ? &before->device_secret : nullptr)},
      {"token", told(token, before != nullptr ? &before->token : nullptr)},
      {"token_issued", token_issued},
      {"first_contact_approved", first_contact_approved},
      {"variables", told(variables, before != nullptr ? &before->variables : nullptr)},
      {"templates", templates}};
}

json fields_of(const store::AdministratorRecord& administrator,
               const store::AdministratorRecord* before = nullptr) {
  return {{"role", portal::to_string(administrator.role)},
          {"password", told(administrator.password_hash,
                            before != nullptr ? &before->password_hash : nullptr)}};
}

json fields_of(const store::ApiTokenRecord& token) {
  return {{"label", token.label},
          {"role", portal::to_string(token.role)},
          {"expires", time_or("never", token.expires)}};
}

// What one change does to one thing.
struct Entry {
  std::string about;
  json before;  // null: it is not there
  json after;
};

class Collector {
 public:
  explicit Collector(const Registry& before) : before_(before) {}

  std::vector<Entry> take() && { return std::move(entries_); }

  void operator()(const store::PutLocation& put) {
    const auto known = before_.location(put.row.name);
    entry_of_location(put.row.name).after = fields_of(put.row, known.get());
  }
  void operator()(const store::EraseLocation& erase) {
    entry_of_location(erase.name).after = nullptr;
  }
  void operator()(const store::PutUser& put) {
    const auto known = before_.user(put.row.extension);
    entry_of_user(put.row.extension).after = fields_of(put.row, known.get());
  }
  void operator()(const store::EraseUser& erase) { entry_of_user(erase.extension).after = nullptr; }
  void operator()(const store::PutPhone& put) {
    const auto known = before_.phone(put.row.mac);
    Entry& entry = entry_of_phone(put.row.mac);
    const json assigned = entry.after.is_object() ? entry.after["assigned_to"] : json("");
    entry.after = fields_of(put.row, known.get());
    entry.after["assigned_to"] = assigned;
  }
  void operator()(const store::ErasePhone& erase) { entry_of_phone(erase.mac).after = nullptr; }
  void operator()(const store::PutAssignment& put) {
    Entry& entry = entry_of_phone(put.row.mac);
    if (entry.after.is_null()) entry.after = json::object();
    entry.after["assigned_to"] = assigned(put.row);
  }
  void operator()(const store::EraseAssignment& erase) {
    for (const auto& assignment : before_.assignments_of(erase.extension)) {
      if (assignment->slot != erase.slot) continue;
      Entry& entry = entry_of_phone(assignment->mac);
      if (entry.after.is_object()) entry.after["assigned_to"] = "";
    }
  }
  void operator()(const store::PutBlock& put) {
    const auto& block = put.row;
    entry("block of " + named(block.source, block.service, block.account), nullptr).after = {
        {"until", time_or("removed", block.until)}, {"reason", block.reason}};
  }
  void operator()(const store::EraseBlock& erase) {
    const std::string name = named(erase.source, erase.service, erase.account);
    entry("block of " + name, json{{"source", erase.source.to_string()}}).after = nullptr;
  }
  void operator()(const store::PutLease& put) {
    entry_of_lease(put.row.mac).after = fields_of_lease(put.row);
  }
  void operator()(const store::EraseLease& erase) { entry_of_lease(erase.mac).after = nullptr; }
  void operator()(const store::PutDeskSession& put) {
    entry_of_session(put.row.mac).after = {{"extension", put.row.extension}};
  }
  void operator()(const store::EraseDeskSession& erase) {
    entry_of_session(erase.mac).after = nullptr;
  }
  void operator()(const store::PutConversion& put) {
    json before;
    for (const auto& conversion : before_.conversions())
      if (conversion->number == put.row.number) before = fields_of_conversion(*conversion);
    entry(fmt::format("conversion {}", put.row.number), before).after =
        fields_of_conversion(put.row);
  }
  void operator()(const store::EraseConversion& erase) {
    entry(fmt::format("conversion {}", erase.number), json::object()).after = nullptr;
  }
  void operator()(const store::PutAdministrator& put) {
    const auto known = before_.administrator(put.row.name);
    entry_of_administrator(put.row.name).after = fields_of(put.row, known.get());
  }
  void operator()(const store::EraseAdministrator& erase) {
    entry_of_administrator(erase.name).after = nullptr;
  }
  void operator()(const store::PutApiToken& put) {
    entry_of_token(put.row.id).after = fields_of(put.row);
  }
  void operator()(const store::EraseApiToken& erase) { entry_of_token(erase.id).after = nullptr; }
  // Consequences, and what is a record itself.
  void operator()(const store::PutConversionPhone&) {}
  void operator()(const store::PutStaleSecret&) {}
  void operator()(const store::EraseStaleSecret&) {}
  void operator()(const store::AppendDeskLog&) {}
  void operator()(const store::AppendAudit&) {}

 private:
  static std::string named(const IpPrefix& source, uint8_t service, const std::string& account) {
    std::string name = fmt::format("{} for {}", source.to_string(),
                                   acl::to_string(static_cast<acl::Service>(service)));
    if (!account.empty()) name += fmt::format(", account {}", printable(account, 64));
    return name;
  }
  static std::string assigned(const store::AssignmentRecord& assignment) {
    return assignment.slot == 0
               ? assignment.extension
               : fmt::format("{}, additional phone {}", assignment.extension, assignment.slot);
  }
  static json fields_of_lease(const store::LeaseRecord& lease) {
    return {{"deadline", format_time(lease.deadline)}, {"budget", lease.budget}};
  }
  static json fields_of_conversion(const store::ConversionRecord& conversion) {
    return {{"location", conversion.location},
            {"at_once", conversion.at_once},
            {"paused", conversion.paused},
            {"ended", conversion.ended != WallTime::max()}};
  }

  // The entry about that, made with what it is before the change.
  Entry& entry(std::string about, json before) {
    if (const auto found = places_.find(about); found != places_.end())
      return entries_[found->second];
    places_.emplace(about, entries_.size());
    entries_.push_back({std::move(about), before, before});
    return entries_.back();
  }
  Entry& entry_of_location(const std::string& name) {
    const auto known = before_.location(name);
    return entry("location " + name, known ? fields_of(*known) : json());
  }
  Entry& entry_of_user(const std::string& extension) {
    const auto known = before_.user(extension);
    return entry("user " + extension, known ? fields_of(*known) : json());
  }
  Entry& entry_of_phone(const MacAddress& mac) {
    const auto known = before_.phone(mac);
    json fields;
    if (known) {
      fields = fields_of(*known);
      const auto assignment = before_.assignment_of(mac);
      fields["assigned_to"] = assignment ? assigned(*assignment) : "";
    }
    return entry("phone " + mac.to_string(), std::move(fields));
  }
  Entry& entry_of_lease(const MacAddress& mac) {
    const auto known = before_.lease_of(mac);
    return entry("lease of " + mac.to_string(), known ? fields_of_lease(*known) : json());
  }
  Entry& entry_of_session(const MacAddress& mac) {
    const auto known = before_.session_at(mac);
    return entry("desk session at " + mac.to_string(),
                 known ? json{{"extension", known->extension}} : json());
  }
  Entry& entry_of_administrator(const std::string& name) {
    const auto known = before_.administrator(name);
    return entry("administrator " + name, known ? fields_of(*known) : json());
  }
  Entry& entry_of_token(const std::string& id) {
    const auto known = before_.api_token(id);
    return entry("API token " + id, known ? fields_of(*known) : json());
  }

  const Registry& before_;
  std::vector<Entry> entries_;
  std::map<std::string, size_t> places_;
};

// Leaves only what differs, where both are there.
void leave_differences(Entry& entry) {
  if (!entry.before.is_object() || !entry.after.is_object()) return;
  json before = json::object();
  json after = json::object();
  for (const auto& [key, value] : entry.after.items())
    if (!entry.before.contains(key) || entry.before[key] != value) after[key] = value;
  for (const auto& [key, value] : entry.before.items())
    if (!entry.after.contains(key) || entry.after[key] != value) before[key] = value;
  entry.before = std::move(before);
  entry.after = std::move(after);
}

std::string text_of(const json& fields) {
  if (fields.is_null()) return "";
  std::string text = fields.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() <= kMostTextBytes) return text;
  return R"({"note":"too long to be kept here"})";
}

json side(const std::string& text) {
  return text.empty() ? json() : json::parse(text, nullptr, false);
}

}  // namespace

void append_audit(store::Change& change, const Registry& before, const Actor& by,
                  const std::string& action, WallTime now) {
  Collector collector(before);
  for (const auto& operation : change.operations) std::visit(collector, operation);
  for (Entry& entry : std::move(collector).take()) {
    if (entry.before == entry.after) continue;
    leave_differences(entry);
    change.operations.emplace_back(store::AppendAudit{{.id = 0,
                                                       .at = now,
                                                       .who = by.name,
                                                       .role = by.role,
                                                       .action = action,
                                                       .about = std::move(entry.about),
                                                       .before = text_of(entry.before),
                                                       .after = text_of(entry.after)}});
  }
}

store::Change audited_deed(const Actor& by, const std::string& action, const std::string& about,
                           WallTime now) {
  return {{store::AppendAudit{{.id = 0,
                               .at = now,
                               .who = by.name,
                               .role = by.role,
                               .action = action,
                               .about = about,
                               .before = {},
                               .after = {}}}}};
}

json audit_row(const store::AuditRecord& record) {
  return {{"id", record.id},
          {"time", format_time(record.at)},
          {"who", record.who},
          {"role", record.role},
          {"action", record.action},
          {"about", record.about},
          {"before", side(record.before)},
          {"after", side(record.after)}};
}

}  // namespace stormdoor::edge
