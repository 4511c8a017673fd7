#include "tftp-http/desk_address.hpp"

#include <fmt/format.h>

#include "base/crypto/crypto.hpp"

namespace stormdoor::http {

std::string desk_key(const MacAddress& mac, const Secret& token) {
  if (token.empty()) return {};
  const auto keyed =
      crypto::hmac_sha256(token.reveal(), fmt::format("desk pages of {}", mac.to_string()));
  return crypto::hex_encode(
      std::string_view(reinterpret_cast<const char*>(keyed.data()), kDeskKeyCharacters / 2));
}

std::string desk_url(std::string_view base_url, const MacAddress& mac, const Secret& token) {
  if (base_url.empty() || token.empty()) return {};
  return fmt::format("{}{}{}/{}/", base_url, kDeskPrefix, mac.lower_hex(), desk_key(mac, token));
}

std::optional<DeskAddress> parse_desk_path(std::string_view path) {
  if (!path.starts_with(kDeskPrefix)) return {};
  path.remove_prefix(kDeskPrefix.size());
  const auto next = [&path] {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    return part;
  };
  DeskAddress address;
  const auto mac = MacAddress::from_hex(next());
  if (!mac) return {};
  address.mac = *mac;
  address.key = next();
  if (address.key.size() != kDeskKeyCharacters) return {};
  address.page = next();
  if (address.page == "m") {
    address.for_people = true;
    address.page = next();
  }
  address.form = next();
  address.extension = next();
  if (!path.empty()) return {};
  return address;
}

}  // namespace stormdoor::http
