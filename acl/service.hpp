#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
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

// Some of the services.
class ServiceSet {
 public:
  constexpr ServiceSet() = default;
  constexpr ServiceSet(std::initializer_list<Service> services) {
    for (const Service service : services) insert(service);
  }
  static constexpr ServiceSet all() {
    ServiceSet set;
    for (const Service service : kAllServices) set.insert(service);
    return set;
  }
  constexpr void insert(Service service) { bits_ = uint8_t(bits_ | bit(service)); }
  [[nodiscard]] constexpr bool contains(Service service) const {
    return (bits_ & bit(service)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  bool operator==(const ServiceSet&) const = default;

 private:
  static constexpr uint8_t bit(Service service) {
    return uint8_t(1U << static_cast<unsigned>(service));
  }
  uint8_t bits_ = 0;
};

// How phones of a network prove who they are before secrets leave (promise 7).
enum class Identity : uint8_t {
  Token,        // the unguessable token in the URLs that we gave it
  Wire,         // its MAC as seen on the attached link (with stormdoor-watch)
  Certificate,  // a client certificate that names its MAC
  None,         // the MAC in the path is believed
};
inline constexpr std::array<std::string_view, 4> kIdentityNames = {"token", "wire", "certificate",
                                                                   "none"};
[[nodiscard]] constexpr std::string_view to_string(Identity identity) {
  return kIdentityNames[static_cast<size_t>(identity)];
}

// What a known phone that has no token yet gets on a network with identity = "token".
enum class FirstContact : uint8_t {
  Stub,  // a configuration without secrets, until an administrator approves the phone
  Full,  // its real configuration, once: the token it is given with it ends this
};
inline constexpr std::array<std::string_view, 2> kFirstContactNames = {"stub", "full"};
[[nodiscard]] constexpr std::string_view to_string(FirstContact contact) {
  return kFirstContactNames[static_cast<size_t>(contact)];
}

}  // namespace stormdoor::acl
