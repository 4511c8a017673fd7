#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stormdoor::acl {

// What a source may want from us, as access rules name it. Stored as a number: append only.
enum class Service : uint8_t { Provisioning = 0, DeskLogin = 1, Sip = 2, Portal = 3, Api = 4 };

inline constexpr std::array kAllServices = {Service::Provisioning, Service::DeskLogin, Service::Sip,
                                            Service::Portal, Service::Api};
inline constexpr std::array<std::string_view, 5> kServiceNames = {"provisioning", "desk-login",
                                                                  "sip", "portal", "api"};

[[nodiscard]] constexpr std::string_view to_string(Service service) {
  return kServiceNames[static_cast<size_t>(service)];
}
[[nodiscard]] constexpr std::optional<Service> parse_service(std::string_view name) {
  for (const Service service : kAllServices)
    if (to_string(service) == name) return service;
  return {};
}

// How phones of a network prove who they are before secrets leave (promise 7).
enum class Identity : uint8_t {
  Token,        // the unguessable token in the URLs that we gave it
  Wire,         // its MAC as seen on the attached link (with stormdoor-watch)
  Certificate,  // a client certificate that names its MAC
  None,         // the MAC in the path is believed
};

}  // namespace stormdoor::acl
