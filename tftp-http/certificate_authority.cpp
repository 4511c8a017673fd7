#include "tftp-http/certificate_authority.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/ip_address.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "tftp-http/certificate_files.hpp"
#include "tftp-http/certificate_issue.hpp"

namespace stormdoor::http {
namespace {

constexpr std::chrono::days kRenewBefore{30};

bool exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno != EINTR) return system_error("write " + path, errno);
    bytes.remove_prefix(put < 0 ? 0 : static_cast<size_t>(put));
  }
  if (fsync(fd) != 0) return system_error("sync " + path, errno);
  return {};
}

// Under a temporary name, synced, then renamed: nobody sees half a file, whatever happens.
Result<void> write_atomically(const std::string& path, std::string_view bytes, mode_t mode) {
  const std::string temporary = path + ".new";
  unlink(temporary.c_str());  // left by a start that was interrupted
  const UniqueFd fd(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd.valid()) return system_error("create " + temporary, errno);
  TRY(write_all(fd.get(), bytes, temporary));
  if (rename(temporary.c_str(), path.c_str()) != 0) return system_error("rename to " + path, errno);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const UniqueFd folder_fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_fd.valid() || fsync(folder_fd.get()) != 0)
    return system_error("sync " + folder, errno);
  return {};
}

// A private key that others may read is not private any more.
Result<Secret> read_key(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return system_error("open " + path, errno);
  struct stat status{};
  if (fstat(fd.get(), &status) != 0) return system_error("read " + path, errno);
  if ((status.st_mode & 077) != 0)
    return Error(
        ErrorCode::PermissionDenied,
        fmt::format("{}: others may read this key; chmod 600 it, or better replace it", path));
  return Secret(TRY(read_pem_descriptor(fd.get(), path)));
}

// The pair NAME.pem and NAME.key. The key goes first: a certificate without its key is useless.
struct Pair {
  std::string certificate;
  std::string key;

  Pair(const std::string& folder, std::string_view name)
      : certificate(fmt::format("{}/{}.pem", folder, name)),
        key(fmt::format("{}/{}.key", folder, name)) {}

  Result<IssuedCertificate> read() const {
    IssuedCertificate issued;
    issued.certificate_pem = TRY(read_pem_file(certificate));
    issued.key_pem = TRY(read_key(key));
    return issued;
  }
  Result<void> write(const IssuedCertificate& issued) const {
    TRY(write_atomically(key, issued.key_pem.reveal(), 0600));
    return write_atomically(certificate, issued.certificate_pem, 0644);
  }
};

Result<IssuedCertificate> load_authority(const Pair& files, OwnCertificates& own, Now now) {
  if (exists(files.certificate)) {
    IssuedCertificate authority{TRY(read_pem_file(files.certificate)), {}};
    // Without its key it still serves until the server certificates must be renewed.
    if (exists(files.key)) authority.key_pem = TRY(read_key(files.key));
    return authority;
  }
  const Secret old_key = exists(files.key) ? TRY(read_key(files.key)) : Secret();
  IssuedCertificate authority = TRY(issue_authority(old_key, now));
  TRY(files.write(authority));
  own.authority_is_new = true;
  return authority;
}

// Whether this server certificate can be used for a while yet, for exactly these names.
bool is_fresh(const Pair& files, std::vector<std::string> names, Now now) {
  if (!exists(files.certificate) || !exists(files.key)) return false;
  const auto pem = read_pem_file(files.certificate);
  if (!pem) return false;
  auto facts = read_certificate(*pem, files.certificate);
  if (!facts || facts->not_after - kRenewBefore <= now.wall) return false;
  // Addresses have several spellings.
  const auto normalise = [](std::vector<std::string>& list) {
    for (std::string& name : list)
      if (const auto address = IpAddress::parse(name))
        name = address->to_string();
      else
        name = ascii_lower(name);
    std::ranges::sort(list);
    list.erase(std::ranges::unique(list).begin(), list.end());
  };
  normalise(names);
  normalise(facts->names);
  return facts->names == names;
}

// Whether key and certificate belong together: a crash between writing the two leaves a new key
// beside the old certificate.
bool is_usable(const IssuedCertificate& pair, const std::string& name, Now now) {
  TlsSettings settings;
  settings.resumption = TlsResumption::Off;
  return TlsContext::create({{name, pair.certificate_pem, pair.key_pem}}, settings, {}, now)
      .has_value();
}

Result<TlsIdentity> load_server(const Pair& files, ServerKey kind,
                                const IssuedCertificate& authority,
                                const std::vector<std::string>& names, OwnCertificates& own,
                                Now now) {
  if (is_fresh(files, names, now)) {
    IssuedCertificate pair = TRY(files.read());
    if (is_usable(pair, files.certificate, now))
      return TlsIdentity{files.certificate, std::move(pair.certificate_pem),
                         std::move(pair.key_pem)};
  }
  if (authority.key_pem.empty())
    return Error(ErrorCode::NotFound,
                 fmt::format("{}: cannot be made without the authority's key", files.certificate));
  IssuedCertificate issued = TRY(issue_server(authority, kind, names, now));
  TRY(files.write(issued));
  own.servers_are_new = true;
  return TlsIdentity{files.certificate, std::move(issued.certificate_pem),
                     std::move(issued.key_pem)};
}

}  // namespace

Result<OwnCertificates> load_or_create_certificates(const std::string& folder,
                                                    const std::vector<std::string>& names,
                                                    Now now) {
  OwnCertificates own;
  const IssuedCertificate authority = TRY(load_authority(Pair(folder, "authority"), own, now));
  own.authority_pem = authority.certificate_pem;
  for (const auto& [name, kind] :
       {std::pair{"server-ecdsa", ServerKey::Ecdsa}, std::pair{"server-rsa", ServerKey::Rsa}})
    own.identities.push_back(
        TRY(load_server(Pair(folder, name), kind, authority, names, own, now)));
  return own;
}

}  // namespace stormdoor::http
