#include "tftp-http/phone_app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/crypto/crypto.hpp"
#include "base/text.hpp"
#include "tftp-http/zip_archive.hpp"

namespace stormdoor::http {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostNameBytes = 64;  // the vendor's bound
constexpr size_t kVersionDigits = 16;

// As the vendor wants the names of apps: they stand in forms and files.
bool is_app_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= kMostNameBytes && plain(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '_' || c == '.'; });
}

bool is_plain_path(std::string_view path) {
  return path.starts_with('/') && std::ranges::all_of(path, [](char c) {
           return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '%';
         });
}

Result<std::vector<fs::path>> files_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with('.')) continue;
    if (!it->is_regular_file(error))
      return Error(
          ErrorCode::InvalidArgument,
          fmt::format("{} is no file; an app's files lie side by side", it->path().string()));
    found.push_back(it->path());
  }
  if (error)
    return Error(ErrorCode::NotFound, fmt::format("{}: {}", folder.string(), error.message()));
  if (found.size() > kMostAppFiles)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("{} holds more than {} files", folder.string(), kMostAppFiles));
  std::ranges::sort(found);
  return found;
}

Result<std::string> zip_of(const fs::path& folder) {
  std::vector<ZipEntry> entries;
  size_t left = kMostAppBytes;
  for (const fs::path& path : TRY(files_of(folder))) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return Error(ErrorCode::NotFound, fmt::format("{}: cannot be read", path.string()));
    std::string content(left + 1, '\0');
    in.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<size_t>(in.gcount()));
    if (content.size() > left)
      return Error(ErrorCode::InvalidArgument, fmt::format("{} holds more than {}", folder.string(),
                                                           format_size(kMostAppBytes)));
    left -= content.size();
    entries.push_back({path.filename().string(), std::move(content)});
  }
  if (std::ranges::none_of(entries, [](const auto& entry) { return entry.name == "app.json"; }))
    return Error(ErrorCode::NotFound, fmt::format("{} holds no app.json", folder.string()));
  return store_zip(entries);
}

}  // namespace

bool PhoneApp::runs_on(std::string_view model) const {
  return std::ranges::any_of(
      models, [&](const std::string& one) { return equals_ignoring_case(one, model); });
}

PhoneApp read_phone_app(const ConfigTable& table, const std::string& profile_folder) {
  PhoneApp app;
  table.require("name", "what the phone calls the app, as its app.json says");
  app.name = table.string("name", "app");
  if (!is_app_name(app.name))
    table.error_at("name", "at most 64 letters, digits, '_' and '.', a letter or digit first");
  table.require("models", "the models that run apps, such as [\"D65\"]");
  app.models = table.strings("models");
  table.require("upload", "the path at the phone that takes apps, such as \"/cgi-bin/uapp.cgi\"");
  app.upload = table.string("upload", "/");
  if (!is_plain_path(app.upload)) table.error_at("upload", "a path that begins with '/'");
  app.login = table.string("login", "admin");
  const std::string folder = table.string("folder", "app");
  if (folder.empty() || folder.front() == '.' || folder.find('/') != std::string::npos) {
    table.error_at("folder", "a folder in the profile's own");
    return app;
  }
  auto zip = zip_of(fs::path(profile_folder) / folder);
  if (!zip) {
    table.error_at("folder", zip.error().message());
    return app;
  }
  app.zip = std::move(zip).value();
  app.version = crypto::hash_hex(crypto::Hash::Sha256, app.zip).substr(0, kVersionDigits);
  return app;
}

Secret made_admin_password(const MacAddress& mac, const Secret& token) {
  if (token.empty()) return {};
  const auto keyed =
      crypto::hmac_sha256(token.reveal(), fmt::format("admin password of {}", mac.to_string()));
  uint64_t number = 0;
  for (size_t i = 0; i < sizeof(number); ++i) number = (number << 8) | keyed[i];
  // 2^64 is so much more than 10^12 that no digit is likelier than another.
  return Secret(fmt::format("{:0{}}", number % 1'000'000'000'000, kMadePasswordDigits));
}

}  // namespace stormdoor::http
