#include "bench/storm/target.hpp"

#include <charconv>

#include "base/text.hpp"

namespace stormdoor::storm {

const std::optional<Endpoint>& Target::endpoint(Transport transport) const {
  switch (transport) {
    case Transport::Tftp:
      return tftp;
    case Transport::Http:
      return http;
    case Transport::Https:
      break;
  }
  return https;
}

Result<UrlTarget> read_url(std::string_view url, const Target& target, Transport fallback) {
  const Error bad(ErrorCode::InvalidArgument, "not a server's address: " + printable(url, 60));
  UrlTarget to;
  to.transport = fallback;
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    const std::string name = ascii_lower(url.substr(0, scheme));
    if (name != "http" && name != "https") return bad;
    to.transport = name == "https" ? Transport::Https : Transport::Http;
    url.remove_prefix(scheme + 3);
  }
  const size_t slash = std::min(url.find('/'), url.size());
  std::string_view authority = url.substr(0, slash);
  to.folder = slash < url.size() ? std::string(url.substr(slash)) : "/";
  if (!to.folder.ends_with('/')) to.folder += '/';
  authority.remove_prefix(std::min(authority.find('@') + 1, authority.size()));
  // A colon inside brackets belongs to the address (RFC 3986, 3.2.2).
  const size_t bracket = authority.find(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string_view host = authority.substr(0, colon);
  to.server.port = to.transport == Transport::Https ? 443 : 80;
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), to.server.port);
    if (error != std::errc() || end != port.data() + port.size()) return bad;
  }
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (host.empty()) return bad;
  to.host = host;
  const auto address = IpAddress::parse(host);
  const std::optional<Endpoint>& own = target.endpoint(to.transport);
  if (!address && !own) return bad;
  to.server.address = address ? *address : own->address;
  return to;
}

}  // namespace stormdoor::storm
