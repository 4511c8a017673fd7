#include "edge/registrations_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "edge/kept_file.hpp"

namespace stormdoor::edge {
namespace {

constexpr size_t kFields = 6;
constexpr size_t kMostAccountBytes = 64;

std::optional<std::array<std::string_view, kFields>> fields_of(std::string_view line) {
  std::array<std::string_view, kFields> fields;
  for (size_t i = 0; i < kFields; ++i) {
    const size_t end = i + 1 < kFields ? line.find(' ') : line.size();
    if (end == std::string_view::npos) return {};
    fields[i] = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return fields;
}

std::optional<acl::Registration> parse_line(std::string_view line) {
  const auto fields = fields_of(line);
  if (!fields) return {};
  const auto& [address, port, protocol, mac, expires, account] = *fields;
  const auto parsed_address = IpAddress::parse(address);
  const auto parsed_port = kept_number<uint16_t>(port);
  const auto parsed_mac = mac == "-" ? Result<MacAddress>(MacAddress()) : MacAddress::parse(mac);
  const auto parsed_expires = kept_number<int64_t>(expires);
  auto parsed_account = kept_bytes(account, kMostAccountBytes);
  if (!parsed_address || !parsed_port || !parsed_mac || !parsed_expires || !parsed_account ||
      (protocol != "udp" && protocol != "tcp"))
    return {};
  acl::Registration registration;
  registration.flow = {*parsed_address, *parsed_port, protocol == "tcp"};
  registration.account = std::move(*parsed_account);
  if (mac != "-") registration.device = *parsed_mac;
  registration.expires = WallTime(milliseconds(*parsed_expires));
  return registration;
}

}  // namespace

std::string format_registrations(const std::vector<acl::Registration>& all) {
  std::string text;
  for (const auto& registration : all)
    text += fmt::format("{} {} {} {} {} {}\n", registration.flow.address.to_string(),
                        registration.flow.port, registration.flow.tcp ? "tcp" : "udp",
                        registration.device ? registration.device->to_string() : "-",
                        registration.expires.time_since_epoch().count(),
                        kept_text(registration.account));
  return text;
}

std::vector<acl::Registration> parse_registrations(std::string_view text, WallTime now,
                                                   size_t most) {
  std::vector<acl::Registration> all;
  while (!text.empty() && all.size() < most) {
    const size_t end = std::min(text.find('\n'), text.size());
    auto registration = parse_line(text.substr(0, end));
    if (registration && registration->expires > now) all.push_back(std::move(*registration));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

}  // namespace stormdoor::edge
