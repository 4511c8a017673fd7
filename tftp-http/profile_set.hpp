#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tftp-http/identify.hpp"
#include "tftp-http/phone_profile.hpp"
#include "tftp-http/provisioning_config.hpp"

namespace stormdoor::http {

// All vendors' profiles together with the settings that they were checked against. Immutable and
// shared by all workers; a reload makes a new one, which makes every rendered file out of date.
class ProfileSet {
 public:
  // Reads `config.profiles` and `config.templates`. Every template is parsed, every name in it must
  // be set by some layer, what anybody may read must name no secret, and each is rendered once for
  // a made-up phone of its kind, so that no mistake waits for the morning when the phones boot. The
  // error holds one line per mistake.
  static Result<std::shared_ptr<const ProfileSet>> load(const ProvisioningConfig& config);

  [[nodiscard]] const ProvisioningConfig& config() const { return config_; }
  [[nodiscard]] const Profiles& profiles() const { return profiles_; }  // by vendor
  [[nodiscard]] const PhoneProfile* find(std::string_view vendor) const;
  // Whether any vendor's folder of the administrator's templates holds this file.
  [[nodiscard]] bool has_site_template(std::string_view file) const;
  // What an administrator should know though it is no error: "sip_server is not set ...".
  [[nodiscard]] std::vector<std::string> notices() const;

 private:
  ProfileSet(ProvisioningConfig config, Profiles profiles)
      : config_(std::move(config)), profiles_(std::move(profiles)) {}

  ProvisioningConfig config_;
  Profiles profiles_;
};

}  // namespace stormdoor::http
