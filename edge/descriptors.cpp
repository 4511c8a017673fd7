#include "edge/descriptors.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <utility>

#include "base/loop/socket_address.hpp"

namespace stormdoor::edge {
namespace {

constexpr std::array<std::pair<DescriptorRole, std::string_view>, 14> kRoleNames = {{
    {DescriptorRole::Tftp, "tftp"},
    {DescriptorRole::Http, "http"},
    {DescriptorRole::Https, "https"},
    {DescriptorRole::LegacyHttps, "legacy-https"},
    {DescriptorRole::Status, "status"},
    {DescriptorRole::StatusHttps, "status-https"},
    {DescriptorRole::Portal, "portal"},
    {DescriptorRole::Control, "control"},
    {DescriptorRole::MasterKey, "master-key"},
    {DescriptorRole::ApiToken, "api-token"},
    {DescriptorRole::TlsChain, "tls-chain"},
    {DescriptorRole::TlsKey, "tls-key"},
    {DescriptorRole::TlsAuthority, "tls-authority"},
    {DescriptorRole::TlsClientAuthority, "tls-client-authority"},
}};

constexpr int kAcceptQueue = 4096;  // phones of a whole campus may knock at once

Result<void> open_one(const Endpoint& wanted, DescriptorRole role, size_t workers,
                      std::vector<NamedDescriptor>& opened) {
  const int type = role == DescriptorRole::Tftp ? SOCK_DGRAM : SOCK_STREAM;
  Endpoint local = wanted;
  for (size_t worker = 0; worker < workers; ++worker) {
    UniqueFd socket = TRY(loop::bind_socket(type, local, workers > 1));
    if (type == SOCK_STREAM && listen(socket.get(), kAcceptQueue) != 0)
      return system_error("listen at " + local.to_string(), errno);
    if (local.port == 0) local = TRY(loop::local_endpoint(socket.get()));
    opened.push_back({DescriptorName{role, worker}.to_string(), std::move(socket)});
  }
  return {};
}

}  // namespace

std::string DescriptorName::to_string() const {
  for (const auto& [candidate, name] : kRoleNames)
    if (candidate == role) return fmt::format("{} {}", name, number);
  return {};
}

std::optional<DescriptorName> DescriptorName::parse(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return {};
  const std::string_view digits = text.substr(space + 1);
  size_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc{} || end != digits.data() + digits.size()) return {};
  for (const auto& [role, name] : kRoleNames)
    if (name == text.substr(0, space)) return DescriptorName{role, number};
  return {};
}

Result<std::vector<NamedDescriptor>> open_listeners(const Listeners& listeners, size_t workers,
                                                    uint64_t request_queue_bytes) {
  std::vector<NamedDescriptor> opened;
  for (const auto& local : listeners.tftp)
    TRY(open_one(local, DescriptorRole::Tftp, workers, opened));
  for (const auto& socket : opened)
    loop::enlarge_receive_queue(socket.descriptor.get(),
                                int(std::min<uint64_t>(request_queue_bytes, INT_MAX)));
  for (const auto& local : listeners.http)
    TRY(open_one(local, DescriptorRole::Http, workers, opened));
  for (const auto& local : listeners.https)
    TRY(open_one(local, DescriptorRole::Https, workers, opened));
  for (const auto& local : listeners.legacy_https)
    TRY(open_one(local, DescriptorRole::LegacyHttps, workers, opened));
  for (const auto& local : listeners.status)
    TRY(open_one(local, DescriptorRole::Status, 1, opened));
  for (const auto& local : listeners.status_https)
    TRY(open_one(local, DescriptorRole::StatusHttps, 1, opened));
  for (const auto& local : listeners.portal)
    TRY(open_one(local, DescriptorRole::Portal, 1, opened));
  return opened;
}

}  // namespace stormdoor::edge
