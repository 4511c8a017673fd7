#include "edge/material.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "base/text.hpp"
#include "edge/privileges.hpp"
#include "tftp-http/certificate_authority.hpp"
#include "tftp-http/certificate_files.hpp"

namespace stormdoor::edge {
namespace {

struct Owner {
  uid_t uid = getuid();
  gid_t gid = getgid();
};

// The directory with that mode and owner; made when it is absent, corrected when it differs.
Result<void> prepare_directory(const std::string& path, mode_t mode, const Owner& owner) {
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return system_error("make " + path, errno);
  const UniqueFd directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.valid()) return system_error("open " + path, errno);
  struct stat facts{};
  fstat(directory.get(), &facts);
  if (facts.st_uid != owner.uid && fchown(directory.get(), owner.uid, owner.gid) != 0)
    return system_error("own " + path, errno);
  if ((facts.st_mode & 07777) != mode && fchmod(directory.get(), mode) != 0)
    return system_error("protect " + path, errno);
  return {};
}

Result<void> make_parents(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST)
      return system_error("make " + parent, errno);
  }
  return {};
}

std::vector<std::string> host_names() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return {"localhost"};
  return {name.data(), "localhost", "127.0.0.1", "::1"};
}

struct TlsFiles {
  std::vector<HttpsConfig::Files> identities;
  std::string authority;  // of our own
};

Result<TlsFiles> tls_files(const Config& config) {
  const auto& https = config.runtime.https;
  if (!https.certificates.empty()) return TlsFiles{https.certificates, ""};
  const StatePaths paths(config.startup);
  TRY(http::load_or_create_certificates(paths.tls, https.names.empty() ? host_names() : https.names,
                                        read_clocks()));
  return TlsFiles{{{paths.tls + "/server-ecdsa.pem", paths.tls + "/server-ecdsa.key"},
                   {paths.tls + "/server-rsa.pem", paths.tls + "/server-rsa.key"}},
                  paths.tls + "/authority.pem"};
}

// `O_NOFOLLOW` would refuse the symbolic links that certificate tools make; the folders on the way
// belong to root, so a link there is root's word.
Result<void> open_into(std::vector<NamedDescriptor>& opened, DescriptorName name,
                       const std::string& path) {
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return system_error("open " + path, errno);
  opened.push_back({name.to_string(), std::move(file)});
  return {};
}

// One word, long enough that nobody guesses it.
Result<Secret> parse_api_token(const Secret& text) {
  constexpr size_t kLeast = 16;
  constexpr size_t kMost = 512;
  const std::string_view token = trim(text.reveal());
  const bool one_word = std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7f; });
  if (!one_word || token.size() < kLeast || token.size() > kMost)
    return Error(ErrorCode::InvalidArgument,
                 "api.token_file holds no token; expected one word of 16 to 512 characters, for "
                 "instance from: openssl rand -hex 24");
  return Secret(std::string(token));
}

Result<std::string> read_all(int descriptor, const std::string& name) {
  return http::read_pem_descriptor(descriptor, name);
}

}  // namespace

StatePaths::StatePaths(const StartupConfig& config)
    : state(config.state_directory),
      keys(state + "/keys"),
      master_key(config.key_file.empty() ? keys + "/master.key" : config.key_file),
      tls(keys + "/tls"),
      data(state + "/data"),
      database(data + "/stormdoor.db"),
      journal(data + "/journal"),
      registrations(data + "/registrations"),
      calls(data + "/calls"),
      apps(data + "/apps"),
      enforce(state + "/enforce") {}

Result<void> prepare_state(const StartupConfig& config) {
  const StatePaths paths(config);
  Owner server;
  if (getuid() == 0 && !config.user.empty()) {
    const Identity account = TRY(find_account(config.user));
    server = {account.uid, account.gid};
  }
  TRY(make_parents(paths.state));
  TRY(prepare_directory(paths.state, 0755, {}));
  TRY(prepare_directory(paths.keys, 0700, {}));
  TRY(prepare_directory(paths.tls, 0700, {}));
  TRY(prepare_directory(paths.data, 0700, server));
  TRY(prepare_directory(paths.enforce, 0700, {}));
  TRY_WHILE("the master key", crypto::MasterKeys::load_or_create(paths.master_key));
  return {};
}

Result<std::vector<NamedDescriptor>> open_material(const Config& config) {
  std::vector<NamedDescriptor> opened;
  TRY(open_into(opened, {DescriptorRole::MasterKey, 0}, StatePaths(config.startup).master_key));
  const TlsFiles files = TRY(tls_files(config));
  for (size_t i = 0; i < files.identities.size(); ++i) {
    TRY(open_into(opened, {DescriptorRole::TlsChain, i}, files.identities[i].chain));
    TRY(open_into(opened, {DescriptorRole::TlsKey, i}, files.identities[i].key));
  }
  if (!files.authority.empty())
    TRY(open_into(opened, {DescriptorRole::TlsAuthority, 0}, files.authority));
  const auto& clients = config.runtime.https.client_authorities;
  if (!clients.empty()) TRY(open_into(opened, {DescriptorRole::TlsClientAuthority, 0}, clients));
  const auto& token = config.runtime.api_token_file;
  if (!token.empty()) TRY(open_into(opened, {DescriptorRole::ApiToken, 0}, token));
  return opened;
}

std::vector<std::string> material_files(const Config& config) {
  std::vector<std::string> files;
  for (const auto& [chain, key] : config.runtime.https.certificates) {
    files.push_back(chain);
    files.push_back(key);
  }
  if (!config.runtime.https.client_authorities.empty())
    files.push_back(config.runtime.https.client_authorities);
  if (!config.runtime.api_token_file.empty()) files.push_back(config.runtime.api_token_file);
  return files;
}

Result<Material> read_material(const std::vector<NamedDescriptor>& descriptors) {
  Material material;
  std::map<size_t, http::TlsIdentity> identities;
  for (const auto& [text, descriptor] : descriptors) {
    const auto name = DescriptorName::parse(text);
    if (!name) return Error(ErrorCode::Corrupt, "the parent sent a descriptor of unknown purpose");
    const auto content = [&from = descriptor, &name_of = text] {
      return read_all(from.get(), name_of);
    };
    switch (name->role) {
      case DescriptorRole::MasterKey: {
        const Secret text_of_key(TRY(content()));
        material.keys = TRY(crypto::MasterKeys::parse(text_of_key.reveal()));
        break;
      }
      case DescriptorRole::ApiToken: {
        const Secret text_of_token(TRY(content()));
        material.api_token = TRY(parse_api_token(text_of_token));
        break;
      }
      case DescriptorRole::TlsChain:
        identities[name->number].name = text;
        identities[name->number].certificate_pem = TRY(content());
        break;
      case DescriptorRole::TlsKey:
        identities[name->number].key_pem = Secret(TRY(content()));
        break;
      case DescriptorRole::TlsAuthority:
        material.authority_pem = TRY(content());
        break;
      case DescriptorRole::TlsClientAuthority:
        material.client_authorities_pem = TRY(content());
        break;
      default:
        break;  // a socket
    }
  }
  for (auto& [number, identity] : identities) material.identities.push_back(std::move(identity));
  return material;
}

Result<TlsContexts> make_tls_contexts(const Material& material, const HttpsConfig& config,
                                      Now now) {
  http::TlsSettings settings;
  settings.least = config.least;
  settings.resumption = config.resumption;
  settings.client_authorities_pem = material.client_authorities_pem;
  for (const auto& subject : config.client_subjects)
    settings.client_patterns.push_back(TRY(http::CertificateMacPattern::parse(subject)));
  // Derived, so that tickets survive a restart without a further key to keep.
  const auto derived =
      crypto::hmac_sha256(material.keys.sealing.reveal(), "stormdoor session tickets");
  const Secret ticket_secret(std::string(derived.begin(), derived.end()));
  TlsContexts contexts;
  contexts.modern =
      TRY(http::TlsContext::create(material.identities, settings, ticket_secret, now));
  settings.least = config.legacy_least;
  contexts.legacy =
      TRY(http::TlsContext::create(material.identities, settings, ticket_secret, now));
  return contexts;
}

}  // namespace stormdoor::edge
