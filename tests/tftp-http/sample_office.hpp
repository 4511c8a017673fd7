#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "hotdesk/registry.hpp"
#include "tftp-http/profile_set.hpp"

// One office with a phone of every vendor, for the tests of provisioning.
namespace stormdoor::http::sample {

inline constexpr std::string_view kLobbyEmergency = "+12025550123";
inline constexpr std::string_view kAttackedName = "Ann \"><account password='x'/> & \r\nline = 1";

inline MacAddress mac(std::string_view text) {
  return *MacAddress::parse(text);
}

inline store::LocationRecord lobby() {
  store::LocationRecord location;
  location.name = "lobby";
  location.label = "Lobby <1st floor>";
  location.emergency_number = kLobbyEmergency;
  location.house_number = "120";
  location.street = "Main Street";
  location.city = "Springfield";
  return location;
}

inline store::UserRecord ann(std::string_view name = "Ann Example") {
  store::UserRecord user;
  user.extension = "2041";
  user.name = name;
  user.sip_secret = Secret("s3cret&\"2041");
  user.main_phone_type = store::MainPhoneType::DeskPhone;
  return user;
}

inline store::PhoneRecord phone(std::string_view address, std::string_view vendor,
                                std::string_view model) {
  store::PhoneRecord record;
  record.mac = mac(address);
  record.vendor = vendor;
  record.model = model;
  record.role = store::PhoneRole::Desk;
  record.location = "lobby";
  record.device_account = "dev-" + record.mac.lower_hex();
  record.device_secret = Secret("device-secret");
  record.token = Secret("tok-" + record.mac.lower_hex());
  return record;
}

inline ProvisioningConfig config() {
  ProvisioningConfig config;
  config.profiles = std::string(STORMDOOR_SOURCE_DIR) + "/etc/phones";
  config.base_url = "https://prov.example.com:8443";
  config.variables = {{"sip_server", "pbx.example.com"}, {"ntp_server", "ntp.example.com"}};
  return config;
}

inline std::shared_ptr<const ProfileSet> profiles(const ProvisioningConfig& settings = config()) {
  auto set = ProfileSet::load(settings);
  if (!set) {
    ADD_FAILURE() << set.error().message();
    std::abort();
  }
  return *std::move(set);
}

}  // namespace stormdoor::http::sample
