#include "tftp-http/phone_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/config_reader.hpp"
#include "base/text.hpp"

namespace stormdoor::http {
namespace {

namespace fs = std::filesystem;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""min;

// Marks are not optional: a profile says how it knows what it says.
Claim read_claim(const ConfigTable& table) {
  table.require("mark", "C (confirmed), S (a secondary source says so) or I (inferred)");
  table.require("source", "where this is written");
  Claim claim;
  claim.mark =
      table.choice<Mark>("mark", Mark::Confirmed,
                         {{"C", Mark::Confirmed}, {"S", Mark::Secondary}, {"I", Mark::Inferred}});
  claim.source = table.string("source", "");
  return claim;
}

std::optional<Pattern> read_pattern(const ConfigTable& table, std::string_view key,
                                    Pattern::Kind kind) {
  table.require(key, "a name such as \"{mac}.cfg\"");
  auto pattern = Pattern::parse(table.string(key, "?"), kind);
  if (pattern) return std::move(pattern).value();
  table.error_at(key, pattern.error().message());
  return {};
}

void read_ouis(const ConfigTable& root, PhoneProfile& profile) {
  for (const ConfigTable& table : root.tables("oui")) {
    const std::string text = table.string("prefix", "000000");
    uint32_t prefix = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), prefix, 16);
    if (text.size() != 6 || error != std::errc() || end != text.data() + text.size())
      table.error_at("prefix", "six hexadecimal digits, as in \"000fd3\"");
    profile.ouis.push_back({prefix, read_claim(table)});
  }
}

void read_agents(const ConfigTable& root, PhoneProfile& profile) {
  for (const ConfigTable& table : root.tables("user_agent")) {
    auto pattern = read_pattern(table, "pattern", Pattern::Kind::UserAgent);
    const Claim claim = read_claim(table);
    if (pattern) profile.agents.push_back({std::move(*pattern), claim});
  }
}

void check_file(const ConfigTable& table, const FilePattern& file) {
  if (file.role == FileRole::Config && !file.ask.names_a_mac())
    table.error_at("ask", "a phone's own configuration is asked for by {mac}");
  const bool rendered = file.role == FileRole::Boot || file.role == FileRole::Common;
  if (!rendered && !file.template_kind.empty())
    table.error_at("template", "only files that give \"boot\" or \"common\" name a template");
}

void read_files(const ConfigTable& root, PhoneProfile& profile) {
  for (const ConfigTable& table : root.tables("file")) {
    auto ask = read_pattern(table, "ask", Pattern::Kind::FileName);
    table.require("gives", "config, boot, common, tree or ordinary-404");
    const auto role = table.choice<FileRole>("gives", FileRole::Ordinary,
                                             {{"config", FileRole::Config},
                                              {"boot", FileRole::Boot},
                                              {"common", FileRole::Common},
                                              {"tree", FileRole::Tree},
                                              {"ordinary-404", FileRole::Ordinary}});
    const std::string_view fallback = role == FileRole::Boot     ? "boot"
                                      : role == FileRole::Common ? "common"
                                                                 : "";
    const std::string kind = table.string("template", fallback);
    const std::string type = table.string("content_type", profile.content_type);
    const Claim claim = read_claim(table);
    if (!ask) continue;
    profile.files.push_back({std::move(*ask), role, kind, type, claim});
    check_file(table, profile.files.back());
  }
}

void read_models(const ConfigTable& root, PhoneProfile& profile) {
  for (const ConfigTable& table : root.tables("model")) {
    table.require("match", "a model such as \"D6*\"");
    PhoneProfile::Model model;
    model.match = table.string("match", "");
    model.variables = table.variables("variables");
    model.claim = read_claim(table);
    profile.models.push_back(std::move(model));
  }
}

// What goes into a header must not end it.
std::string read_event(const ConfigTable& table, const char* key) {
  std::string event = table.string(key, "");
  const bool plain = std::ranges::all_of(event, [](char c) { return c > ' ' && c < 0x7f; });
  if (!plain || event.size() > 100)
    table.error_at(key, "is no SIP event; a word like \"check-sync;reboot=true\" is one");
  return event;
}

void read_reprovision(const ConfigTable& root, PhoneProfile::Reprovision& reprovision) {
  const ConfigTable table = root.table("reprovision");
  reprovision.event = read_event(table, "event");
  reprovision.reboot_event = read_event(table, "reboot_event");
  reprovision.content_type = read_event(table, "content_type");
  reprovision.body = table.string("body", "");
  reprovision.reboot_body = table.string("reboot_body", "");
  reprovision.listens = table.boolean("listens", false);
  if ((!reprovision.body.empty() || !reprovision.reboot_body.empty()) &&
      reprovision.content_type.empty())
    table.error_at("body", "needs a content_type, such as \"text/plain\"");
  if (root.has("reprovision")) reprovision.claim = read_claim(table);
}

void read_after_503(const ConfigTable& root, PhoneProfile& profile) {
  const ConfigTable table = root.table("after_503");
  profile.retries_after_503 = table.boolean("retries", false);
  if (!root.has("after_503")) return;
  if (read_claim(table).mark != Mark::Confirmed && profile.retries_after_503)
    table.error_at("mark",
                   "is not \"C\"; a phone that is only thought to come again is held instead");
}

void read_habits(const ConfigTable& root, PhoneProfile& profile) {
  const ConfigTable patience = root.table("patience");
  profile.patience.tries = static_cast<int>(patience.integer("tries", 3, 1, 1000));
  profile.patience.timeout = patience.duration("timeout", 10'000ms, 100ms, 60min);
  if (root.has("patience")) profile.patience.claim = read_claim(patience);
  read_after_503(root, profile);
  read_reprovision(root, profile.reprovision);
  for (const ConfigTable& table : root.tables("fact"))
    profile.facts.push_back({table.string("what", ""), read_claim(table)});
}

void read_app(const ConfigTable& root, const fs::path& folder, PhoneProfile& profile) {
  if (!root.has("app")) return;
  const ConfigTable table = root.table("app");
  profile.app = std::make_shared<const PhoneApp>(read_phone_app(table, folder.string()));
  profile.app_claim = read_claim(table);
}

Result<std::string> read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error(ErrorCode::NotFound, fmt::format("{}: cannot be read", path.string()));
  std::string text(Template::kMostBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

Result<std::shared_ptr<const Template>> read_template(const fs::path& folder,
                                                      const std::string& file, Format format) {
  std::string text = TRY(read_text(folder / file));
  return Template::parse(fmt::format("{}/{}", folder.filename().string(), file), std::move(text),
                         format);
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos;
}

void read_templates(const ConfigTable& root, const fs::path& folder, PhoneProfile& profile) {
  const ConfigTable table = root.table("templates");
  std::map<std::string, std::shared_ptr<const Template>> by_file;  // several kinds may share one
  for (const auto& [kind, file] : root.variables("templates")) {
    if (!is_plain_name(file)) {
      table.error_at(kind, "a file in the profile's own folder");
      continue;
    }
    if (!by_file.contains(file)) {
      auto parsed = read_template(folder, file, profile.format);
      if (!parsed) {
        table.error_at(kind, parsed.error().message());
        continue;
      }
      by_file.emplace(file, std::move(parsed).value());
    }
    profile.templates.emplace(kind, by_file.at(file));
  }
}

void check_templates(const ConfigTable& root, const PhoneProfile& profile) {
  std::set<std::string, std::less<>> wanted;
  if (std::ranges::any_of(profile.files, [](const auto& f) { return f.role == FileRole::Config; }))
    wanted.insert(kSecretKinds.begin(), kSecretKinds.end());
  for (const FilePattern& file : profile.files)
    if (!file.template_kind.empty()) wanted.insert(file.template_kind);
  for (const std::string& kind : wanted)
    if (!profile.templates.contains(kind))
      root.error_at("templates", fmt::format("no template for \"{}\"", kind));
  for (const auto& [kind, parsed] : profile.templates)
    if (!wanted.contains(kind) && kind != kStubKind)
      root.table("templates").error_at(kind, "no file of this profile gives it");
}

PhoneProfile read_from(const ConfigTable& root, const fs::path& folder) {
  PhoneProfile profile;
  profile.vendor = folder.filename().string();
  profile.title = root.string("title", profile.vendor);
  profile.format = root.choice<Format>(
      "format", Format::Xml,
      {{"xml", Format::Xml}, {"lines", Format::Lines}, {"plain", Format::Plain}});
  profile.content_type = root.string("content_type", "text/plain");
  profile.folders = root.strings("folders");
  profile.tftp = root.boolean("tftp", false);
  profile.https = root.boolean("https", true);
  profile.screens = root.choice("screens", ScreenFormat::Html,
                                {{"html", ScreenFormat::Html},
                                 {"yealink", ScreenFormat::Yealink},
                                 {"cisco", ScreenFormat::Cisco},
                                 {"aastra", ScreenFormat::Aastra},
                                 {"snom", ScreenFormat::Snom},
                                 {"digium", ScreenFormat::Digium}});
  profile.login = root.choice_list<LoginScheme>("login", {},
                                                {{"basic", LoginScheme::Basic},
                                                 {"digest", LoginScheme::DigestMd5},
                                                 {"digest-sha-256", LoginScheme::DigestSha256}});
  profile.variables = root.variables("variables");
  read_ouis(root, profile);
  read_agents(root, profile);
  read_files(root, profile);
  read_models(root, profile);
  read_habits(root, profile);
  read_app(root, folder, profile);
  read_templates(root, folder, profile);
  check_templates(root, profile);
  return profile;
}

// Glob with '*' only, without recursion: on a mismatch the last '*' takes one character more.
bool glob_fits(std::string_view glob, std::string_view text) {
  size_t g = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && glob[g] == text[t]) {
      ++g, ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

}  // namespace

std::string_view to_string(Mark mark) {
  switch (mark) {
    case Mark::Confirmed:
      return "C";
    case Mark::Secondary:
      return "S";
    case Mark::Inferred:
      return "I";
  }
  return "I";
}

bool model_fits(std::string_view match, std::string_view model) {
  return glob_fits(ascii_lower(match), ascii_lower(model));
}

bool PhoneProfile::owns(const MacAddress& mac) const {
  const auto prefix = static_cast<uint32_t>(mac.value() >> 24);
  return std::ranges::any_of(ouis, [&](const Oui& oui) { return oui.prefix == prefix; });
}

Result<std::shared_ptr<PhoneProfile>> read_profile(const std::string& folder) {
  const fs::path path(folder);
  ConfigReader reader = ConfigReader::load((path / "profile.toml").string());
  auto profile = std::make_shared<PhoneProfile>(read_from(reader.root(), path));
  TRY(reader.finish());
  return profile;
}

}  // namespace stormdoor::http
