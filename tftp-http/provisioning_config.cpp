#include "tftp-http/provisioning_config.hpp"

#include <algorithm>
#include <string_view>

#include "tftp-http/firmware_links.hpp"

namespace stormdoor::http {
namespace {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;

// "https://host[:port][/path]" without a slash at the end.
std::string read_base_url(const ConfigTable& table, bool http_allowed) {
  std::string url = table.string("base_url", "");
  while (url.ends_with('/')) url.pop_back();
  if (url.empty()) return url;
  const bool https = url.starts_with("https://");
  if (!https && !url.starts_with("http://"))
    table.error_at("base_url",
                   "starts with neither https:// nor http://; write "
                   "\"https://provision.example.com\"");
  else if (!https && !http_allowed)
    table.error_at("base_url",
                   "carries each phone's token in the clear; use https://, or say "
                   "allow_secrets_over_http = true");
  if (url.find_first_of(" \t\"'<>?#@") != std::string::npos)
    table.error_at("base_url",
                   "holds a character that has no place in it; a host, perhaps a port "
                   "and a path");
  return url;
}

}  // namespace

ProvisioningConfig read_provisioning_config(const ConfigTable& table) {
  ProvisioningConfig config;
  config.profiles = table.path("profiles", config.profiles);
  config.templates = table.path("templates", "");
  config.files = table.path("files", "");
  config.allow_secrets_over_http = table.boolean("allow_secrets_over_http", false);
  config.base_url = read_base_url(table, config.allow_secrets_over_http);
  config.http_login = table.boolean("http_login", false);
  config.variables = table.variables("variables");
  config.site_templates = table.variables("site_templates");
  for (const ConfigTable& entry : table.tables("model")) {
    entry.require("vendor", "a vendor's folder, such as \"sangoma\"");
    entry.require("match", "a model, such as \"D6*\"");
    config.models.push_back({entry.string("vendor", ""), entry.string("match", ""),
                             entry.variables("variables"), entry.variables("templates")});
  }
  config.links = read_firmware_links(table);
  config.rendered_bytes =
      table.size("rendered_bytes", config.rendered_bytes, 256 * kKiB, 4096 * kMiB);
  config.file_cache_bytes =
      table.size("file_cache_bytes", config.file_cache_bytes, 64 * kKiB, 16384 * kMiB);
  config.small_file = table.size("small_file", config.small_file, 0, 64 * kMiB);
  config.open_files = static_cast<uint64_t>(
      table.integer("open_files", static_cast<int64_t>(config.open_files), 1, 4096));
  if (config.small_file > config.file_cache_bytes)
    table.error_at("small_file", "is more than file_cache_bytes; at most that");
  return config;
}

}  // namespace stormdoor::http
