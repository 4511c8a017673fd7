#include "tftp-http/template_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "hotdesk/rules.hpp"
#include "hotdesk/words.hpp"
#include "tftp-http/desk_address.hpp"

namespace stormdoor::http {
namespace {

constexpr size_t kMostLines = 64;

// What every template may rely on, whatever the vendor.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kBuiltIn = {{
    {"sip_server", ""},
    {"sip_port", "5060"},
    {"sip_transport", "udp"},
    {"register_seconds", "300"},
    {"outbound_proxy", ""},
    {"outbound_proxy_port", "5060"},
    {"time_zone", "UTC"},
    {"utc_offset_seconds", "0"},
    {"ntp_server", "pool.ntp.org"},
    {"locale", "en_US"},
    {"emergency_dial", "911"},
    {"emergency_test_dial", "933"},
    {"voicemail_number", ""},
    {"admin_password", ""},
    {"line_slots", "1"},
}};

void set_layer(TemplateValues& values, const store::Variables& variables, Layer layer) {
  for (const auto& [name, text] : variables)
    values.set(name, text, layer, hotdesk::sounds_secret(name));
}

void set_built_in(TemplateValues& values, const PhoneProfile& profile, std::string_view model) {
  for (const auto& [name, text] : kBuiltIn)
    values.set(name, text, Layer::BuiltIn, hotdesk::sounds_secret(name));
  set_layer(values, profile.variables, Layer::BuiltIn);
  for (const PhoneProfile::Model& entry : profile.models)
    if (model_fits(entry.match, model)) set_layer(values, entry.variables, Layer::BuiltIn);
}

void set_mac(TemplateValues& values, const std::optional<MacAddress>& mac) {
  values.set("mac", mac ? mac->lower_hex() : "", Layer::Record);
  values.set("mac_upper", mac ? mac->upper_hex() : "", Layer::Record);
  values.set("mac_colon", mac ? mac->to_string() : "", Layer::Record);
}

std::string_view without_scheme(std::string_view url) {
  const size_t at = url.find("://");
  return at == std::string_view::npos ? url : url.substr(at + 3);
}

// Where this phone shall ask from now on: the URL with its token.
void set_provisioning_url(TemplateValues& values, const ProvisioningConfig& site,
                          const hotdesk::PhoneRecord& phone) {
  std::string url;
  if (!site.base_url.empty() && !phone.token.empty())
    url = fmt::format("{}/p/{}/", site.base_url, phone.token.reveal());
  values.set("provisioning_url", url, Layer::Record, true);
  values.set("provisioning_url_without_scheme", without_scheme(url), Layer::Record, true);
  const bool https = !site.base_url.starts_with("http://");
  values.set("is_https", https ? "1" : "", Layer::Record);
  values.set("provisioning_scheme", https ? "https" : "http", Layer::Record);
  // For phones that want it in parts: host, port, and a path without slashes around it.
  std::string_view rest = without_scheme(url);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  rest.remove_prefix(std::min(authority.size() + 1, rest.size()));
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const size_t colon = authority.find(':');
  const bool has_port = colon != std::string_view::npos && !authority.starts_with('[');
  values.set("provisioning_host", has_port ? authority.substr(0, colon) : authority, Layer::Record);
  values.set("provisioning_port", has_port ? authority.substr(colon + 1) : (https ? "443" : "80"),
             Layer::Record);
  values.set("provisioning_path", rest, Layer::Record, true);
}

// Vendors spell the transport each in their own way: templates choose by these.
void set_transport(TemplateValues& values) {
  const TemplateValue transport = *values.find("sip_transport");
  for (const std::string_view name : {"udp", "tcp", "tls"})
    values.set(fmt::format("sip_{}", name), transport.text == name ? "1" : "", transport.layer);
}

size_t line_slots(const TemplateValues& values) {
  const TemplateValue* slots = values.find("line_slots");
  size_t count = 1;
  if (slots) std::from_chars(slots->text.data(), slots->text.data() + slots->text.size(), count);
  return std::min(count, kMostLines);
}

TemplateValue record(std::string_view text, bool secret = false) {
  return {std::string(text), Layer::Record, secret};
}

TemplateValues::Item line_item(size_t index) {
  return {{"line_index", record(std::to_string(index))},
          {"line_number", record(std::to_string(index + 1))}};
}

void add_line(TemplateValues& values, size_t index, std::string_view account,
              const Secret& password, std::string_view name, std::string_view caller_number) {
  auto item = line_item(index);
  item.emplace("line_account", record(account));
  item.emplace("line_password", record(password.reveal(), true));
  item.emplace("line_name", record(name.empty() ? account : name));
  item.emplace("line_caller_number", record(caller_number));
  values.add_item("lines", std::move(item));
}

// A phone without a user makes no calls but emergency calls, so it shows the desk's number.
std::string_view caller_number(const hotdesk::PhoneView& view) {
  return view.users.empty() && !view.emergency_number().empty() ? view.emergency_number()
                                                                : view.account();
}

// The users' lines, or the phone's own device account, so that a phone without a user can still
// call for help; then the slots that are to be emptied.
void set_lines(TemplateValues& values, const hotdesk::PhoneView& view) {
  values.add_list("lines");
  values.add_list("unused_lines");
  size_t index = 0;
  for (const auto& user : view.users)
    add_line(values, index++, user->extension, user->sip_secret, user->name, user->extension);
  if (index == 0 && !view.account().empty())
    add_line(values, index++, view.account(), view.account_secret(), view.label(),
             caller_number(view));
  for (const size_t slots = line_slots(values); index < slots; ++index)
    values.add_item("unused_lines", line_item(index));
}

void set_people(TemplateValues& values, const hotdesk::PhoneView& view) {
  const bool has_user = !view.users.empty();
  values.set("account", view.account(), Layer::Record);
  values.set("account_password", view.account_secret().reveal(), Layer::Record, true);
  values.set("label", view.label(), Layer::Record);
  values.set("user_name", has_user ? view.users.front()->name : "", Layer::Record);
  values.set("extension", has_user ? view.users.front()->extension : "", Layer::Record);
  values.set("caller_number", caller_number(view), Layer::Record);
}

void set_location(TemplateValues& values, const hotdesk::PhoneView& view) {
  values.set("emergency_number", view.emergency_number(), Layer::Record);
  values.set("location", view.location ? view.location->name : "", Layer::Record);
  values.set("location_label", view.location ? view.location->label : "", Layer::Record);
  values.set("civic_address", view.location ? hotdesk::civic_address(*view.location) : "",
             Layer::Record);
}

// The pages where people log in and out, and what the key that opens them says; empty on phones
// that are not for hot desking.
void set_desk(TemplateValues& values, const ProvisioningConfig& site,
              const hotdesk::PhoneView& view) {
  using hotdesk::PhoneKind;
  std::string url;
  if (view.kind == PhoneKind::HotDeskIdle || view.kind == PhoneKind::HotDeskSession)
    url = desk_url(site.base_url, view.phone->mac, view.phone->token);
  values.set("desk_url", url, Layer::Record, true);
  std::string key;
  if (!url.empty()) key = view.kind == PhoneKind::HotDeskSession ? "LOGOUT" : "LOGIN";
  values.set("desk_key", key, Layer::Record);
  values.set("desk_key_url", url.empty() ? url : url + (key == "LOGOUT" ? "logout" : "login"),
             Layer::Record, true);
}

// Who sits there, for the app's idle screen; and a password that the app can be given with, where
// nobody has set one.
void set_app(TemplateValues& values, const PhoneApp* app, const hotdesk::PhoneView& view) {
  values.set("app_name", app ? app->name : "", Layer::Record);
  std::string user;
  if (app && view.kind == hotdesk::PhoneKind::HotDeskSession)
    user = fmt::format("{} ({})", view.label(), view.users.front()->extension);
  values.set("desk_user", user, Layer::Record);
  if (app && values.find("admin_password")->text.empty())
    values.set("admin_password", made_admin_password(view.phone->mac, view.phone->token).reveal(),
               Layer::Record, true);
}

void set_kind(TemplateValues& values, hotdesk::PhoneKind kind) {
  using hotdesk::PhoneKind;
  const auto flag = [&](std::string_view name, bool on) {
    values.set(name, on ? "1" : "", Layer::Record);
  };
  values.set("kind", hotdesk::to_string(kind), Layer::Record);
  flag("is_assigned", kind == PhoneKind::Assigned);
  flag("is_hot_desk_idle", kind == PhoneKind::HotDeskIdle);
  flag("is_hot_desk_session", kind == PhoneKind::HotDeskSession);
  flag("is_unassigned", kind == PhoneKind::Unassigned);
}

bool model_entry_fits(const ProvisioningConfig::Model& entry, const PhoneProfile& profile,
                      std::string_view model) {
  return entry.vendor == profile.vendor && model_fits(entry.match, model);
}

}  // namespace

TemplateValues phone_values(const PhoneProfile& profile, const ProvisioningConfig& site,
                            const hotdesk::PhoneView& view) {
  STORMDOOR_CHECK(view.phone != nullptr, "only a registered phone has a configuration of its own");
  const hotdesk::PhoneRecord& phone = *view.phone;
  TemplateValues values;
  set_built_in(values, profile, phone.model);
  set_layer(values, site.variables, Layer::Site);
  if (view.location) set_layer(values, view.location->variables, Layer::Location);
  for (const ProvisioningConfig::Model& entry : site.models)
    if (model_entry_fits(entry, profile, phone.model))
      set_layer(values, entry.variables, Layer::Model);
  set_layer(values, phone.variables, Layer::Phone);

  set_transport(values);
  set_mac(values, phone.mac);
  values.set("vendor", profile.vendor, Layer::Record);
  values.set("model", phone.model, Layer::Record);
  set_provisioning_url(values, site, phone);
  set_people(values, view);
  set_location(values, view);
  set_kind(values, view.kind);
  set_desk(values, site, view);
  set_app(values, app_for(profile, site, view), view);
  set_lines(values, view);
  return values;
}

const PhoneApp* app_for(const PhoneProfile& profile, const ProvisioningConfig& site,
                        const hotdesk::PhoneView& view) {
  using hotdesk::PhoneKind;
  if (!profile.app || !view.phone || !profile.app->runs_on(view.phone->model)) return nullptr;
  if (view.kind != PhoneKind::HotDeskIdle && view.kind != PhoneKind::HotDeskSession) return nullptr;
  return site.base_url.empty() || view.phone->token.empty() ? nullptr : profile.app.get();
}

Secret admin_password(const PhoneProfile& profile, const ProvisioningConfig& site,
                      const hotdesk::PhoneView& view) {
  return Secret(phone_values(profile, site, view).find("admin_password")->text);
}

TemplateValues public_values(const PhoneProfile& profile, const ProvisioningConfig& site,
                             const std::optional<MacAddress>& mac) {
  TemplateValues values;
  set_built_in(values, profile, "");
  set_layer(values, site.variables, Layer::Site);
  set_transport(values);
  set_mac(values, mac);
  values.set("vendor", profile.vendor, Layer::Record);
  values.set("base_url", site.base_url, Layer::Record);
  return values;
}

Result<ChosenTemplate> choose_template(
    const PhoneProfile& profile, const ProvisioningConfig& site, const hotdesk::PhoneView& view,
    const std::function<bool(std::string_view file)>& exists_anywhere) {
  const std::string kind(hotdesk::to_string(view.kind));
  ChosenTemplate chosen;
  const auto built_in = profile.templates.find(kind);
  if (built_in != profile.templates.end()) chosen.parsed = built_in->second;

  std::string missing;
  const auto layer = [&](const store::Variables& templates, Layer from) {
    const auto named = templates.find(kind);
    if (named == templates.end()) return;
    const auto found = profile.site_templates.find(named->second);
    if (found != profile.site_templates.end())
      chosen = {found->second, from};
    else if (!exists_anywhere(named->second))
      missing = fmt::format("the {} layer names the template \"{}\", which no vendor has",
                            to_string(from), named->second);
  };
  layer(site.site_templates, Layer::Site);
  if (view.location) layer(view.location->templates, Layer::Location);
  for (const ProvisioningConfig::Model& entry : site.models)
    if (model_entry_fits(entry, profile, view.phone ? view.phone->model : ""))
      layer(entry.templates, Layer::Model);
  if (view.phone) layer(view.phone->templates, Layer::Phone);

  if (!missing.empty()) return Error(ErrorCode::NotFound, missing);
  if (!chosen.parsed)
    return Error(ErrorCode::NotFound,
                 fmt::format("{} has no template for \"{}\"", profile.title, kind));
  return chosen;
}

}  // namespace stormdoor::http
