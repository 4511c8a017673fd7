#include "tftp-http/profile_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "tftp-http/template_values.hpp"

namespace stormdoor::http {
namespace {

namespace fs = std::filesystem;
using hotdesk::PhoneKind;
using hotdesk::PhoneView;

constexpr size_t kMostVendors = 64;
constexpr size_t kMostTemplates = 1000;

// Collects mistakes, so that all of them are told at once.
class Mistakes {
 public:
  void add(std::string_view line) {
    if (!text_.empty()) text_ += '\n';
    text_ += line;
  }
  template <typename T>
  void add(const Result<T>& result) {
    if (!result) add(result.error().message());
  }
  [[nodiscard]] bool none() const { return text_.empty(); }
  [[nodiscard]] Error error() const { return {ErrorCode::InvalidArgument, text_}; }

 private:
  std::string text_;
};

// The entries of a folder whose names do not start with a dot, by name.
Result<std::vector<fs::path>> entries_of(const fs::path& folder, bool folders) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with('.')) continue;
    if (it->is_directory(error) == folders) found.push_back(it->path());
  }
  if (error)
    return Error(ErrorCode::NotFound, fmt::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(found);
  return found;
}

Result<std::string> read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error(ErrorCode::NotFound, fmt::format("{}: cannot be read", path.string()));
  std::string text(Template::kMostBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

void read_site_templates(const fs::path& folder, PhoneProfile& profile, Mistakes& mistakes) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return;
  const auto files = entries_of(folder, false);
  if (!files) return mistakes.add(files);
  for (const fs::path& file : *files) {
    if (profile.site_templates.size() >= kMostTemplates)
      return mistakes.add(
          fmt::format("{}: more than {} templates", folder.string(), kMostTemplates));
    auto text = read_whole(file);
    if (!text) {
      mistakes.add(text);
      continue;
    }
    auto parsed = Template::parse(file.string(), std::move(text).value(), profile.format);
    mistakes.add(parsed);
    if (parsed) profile.site_templates.emplace(file.filename().string(), std::move(parsed).value());
  }
}

// A made-up phone of each kind, with every record that such a phone has.
PhoneView sample_view(const PhoneProfile& profile, PhoneKind kind) {
  PhoneView view;
  view.kind = kind;
  store::PhoneRecord phone;
  phone.mac = MacAddress({0x00, 0x00, 0x5e, 0x00, 0x53, 0x01});  // RFC 7042, for documentation
  phone.vendor = profile.vendor;
  phone.device_account = "dev-00005e005301";
  phone.device_secret = Secret("sample");
  phone.token = Secret("sample");
  view.phone = std::make_shared<const store::PhoneRecord>(std::move(phone));
  store::LocationRecord location;
  location.name = "sample";
  location.label = "Sample desk";
  location.emergency_number = "+12025550123";
  view.location = std::make_shared<const store::LocationRecord>(std::move(location));
  if (kind == PhoneKind::Assigned || kind == PhoneKind::HotDeskSession) {
    store::UserRecord user;
    user.extension = "2041";
    user.name = "Sample User";
    user.sip_secret = Secret("sample");
    view.users.push_back(std::make_shared<const store::UserRecord>(std::move(user)));
  }
  return view;
}

bool is_line_name(std::string_view name) {
  return name.starts_with("line_");
}

// Every name, also in sections that the sample does not enter; then one rendering.
void check_template(const Template& parsed, const TemplateValues& values, bool may_be_secret,
                    Mistakes& mistakes) {
  bool known = true;
  for (const Template::Mention& mention : parsed.mentions()) {
    const TemplateValue* value = values.find(mention.name);
    const auto wrong = [&](std::string_view what) {
      known = false;
      mistakes.add(fmt::format("{}:{}: {}", parsed.name(), mention.line, what));
    };
    if (value && value->secret && !may_be_secret)
      wrong(fmt::format("\"{}\" is secret, and anybody may read this file", mention.name));
    const bool in_list = may_be_secret && is_line_name(mention.name);
    if (!value && !values.find_list(mention.name) && !in_list)
      wrong(fmt::format("no layer sets \"{}\"", mention.name));
  }
  if (known) mistakes.add(parsed.render(values));
}

bool is_secret_kind(std::string_view kind) {
  return std::ranges::find(kSecretKinds, kind) != kSecretKinds.end();
}

void check_profile(const PhoneProfile& profile, const ProvisioningConfig& config,
                   Mistakes& mistakes) {
  for (const PhoneKind kind : {PhoneKind::Assigned, PhoneKind::HotDeskIdle,
                               PhoneKind::HotDeskSession, PhoneKind::Unassigned}) {
    const auto found = profile.templates.find(hotdesk::to_string(kind));
    if (found == profile.templates.end()) continue;
    check_template(*found->second, phone_values(profile, config, sample_view(profile, kind)), true,
                   mistakes);
  }
  const auto mac = sample_view(profile, PhoneKind::Unassigned).phone->mac;
  for (const auto& [kind, parsed] : profile.templates)
    if (!is_secret_kind(kind))
      check_template(*parsed, public_values(profile, config, mac), false, mistakes);
  for (const auto& [file, parsed] : profile.site_templates)
    check_template(*parsed,
                   phone_values(profile, config, sample_view(profile, PhoneKind::Assigned)), true,
                   mistakes);
}

// A layer may replace the templates of phones' own configurations; what anybody may read is ours.
void check_layer(const ProfileSet& set, const store::Variables& templates, std::string_view layer,
                 Mistakes& mistakes) {
  for (const auto& [kind, file] : templates) {
    if (!is_secret_kind(kind))
      mistakes.add(
          fmt::format("{}: \"{}\" is no kind of phone; assigned, hot-desk-idle, "
                      "hot-desk-session or unassigned",
                      layer, kind));
    else if (!set.has_site_template(file))
      mistakes.add(fmt::format("{}: no vendor's folder in provisioning.templates holds \"{}\"",
                               layer, file));
  }
}

void check_layers(const ProfileSet& set, Mistakes& mistakes) {
  check_layer(set, set.config().site_templates, "provisioning.site_templates", mistakes);
  std::vector<std::string> vendors;
  for (const auto& profile : set.profiles()) vendors.push_back(profile->vendor);
  for (const ProvisioningConfig::Model& model : set.config().models) {
    check_layer(set, model.templates, "provisioning.model.templates", mistakes);
    if (set.find(model.vendor)) continue;
    const std::string meant = closest_match(model.vendor, vendors);
    mistakes.add(fmt::format("provisioning.model.vendor: there is no profile \"{}\"{}",
                             printable(model.vendor),
                             meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }
}

Result<Profiles> read_all(const ProvisioningConfig& config, Mistakes& mistakes) {
  const auto folders = TRY_WHILE("read the phone profiles", entries_of(config.profiles, true));
  if (folders.empty() || folders.size() > kMostVendors)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("{}: {} vendors; between 1 and {}", config.profiles, folders.size(),
                             kMostVendors));
  Profiles profiles;
  for (const fs::path& folder : folders) {
    auto profile = read_profile(folder.string());
    if (!profile) {
      mistakes.add(profile);
      continue;
    }
    if (!config.templates.empty())
      read_site_templates(fs::path(config.templates) / (*profile)->vendor, **profile, mistakes);
    profiles.push_back(std::move(profile).value());
  }
  return profiles;
}

}  // namespace

Result<std::shared_ptr<const ProfileSet>> ProfileSet::load(const ProvisioningConfig& config) {
  Mistakes mistakes;
  auto profiles = TRY(read_all(config, mistakes));
  const std::shared_ptr<const ProfileSet> set(new ProfileSet(config, std::move(profiles)));
  for (const auto& profile : set->profiles()) check_profile(*profile, config, mistakes);
  check_layers(*set, mistakes);
  if (!mistakes.none()) return mistakes.error();
  return set;
}

const PhoneProfile* ProfileSet::find(std::string_view vendor) const {
  const auto found = std::ranges::find_if(
      profiles_, [&](const auto& profile) { return profile->vendor == vendor; });
  return found == profiles_.end() ? nullptr : found->get();
}

bool ProfileSet::has_site_template(std::string_view file) const {
  return std::ranges::any_of(
      profiles_, [&](const auto& profile) { return profile->site_templates.contains(file); });
}

std::vector<std::string> ProfileSet::notices() const {
  std::vector<std::string> notices;
  const auto server = config_.variables.find("sip_server");
  if (server == config_.variables.end() || server->second.empty())
    notices.emplace_back(
        "provisioning.variables.sip_server is not set: phones will not know where to register");
  if (config_.base_url.empty())
    notices.emplace_back(
        "provisioning.base_url is not set: configurations carry no token, so phones on networks "
        "with identity = \"token\" cannot prove who they are");
  if (config_.allow_secrets_over_http)
    notices.emplace_back(
        "provisioning.allow_secrets_over_http is set: whoever listens on the way reads passwords");
  return notices;
}

}  // namespace stormdoor::http
