#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/config_reader.hpp"
#include "base/mac_address.hpp"
#include "base/secret.hpp"

namespace stormdoor::http {

// An app that some of a vendor's phones can run, from a folder beside the vendor's profile: the
// archive as such a phone takes it, and where it takes it. Immutable; any thread.
struct PhoneApp {
  std::string name;                 // what the phone calls it, and the id of its settings
  std::vector<std::string> models;  // that run apps: "D65", in any case
  std::string upload;               // the path at the phone's own web server
  std::string login;                // the user there; its password is `admin_password`
  std::string zip;
  std::string version;  // of the archive's bytes: 16 hexadecimal digits

  [[nodiscard]] bool runs_on(std::string_view model) const;
};

// Bounds of an app's folder; a larger one is an error of the profile.
inline constexpr size_t kMostAppFiles = 32;
inline constexpr size_t kMostAppBytes = size_t{512} << 10;

// Reads [app] of a profile and the folder it names, in the profile's own; mistakes are noted in the
// reader. Files whose names begin with a dot are left out, folders are an error.
[[nodiscard]] PhoneApp read_phone_app(const ConfigTable& app, const std::string& profile_folder);

// The password of the phone's own web server and menus where no layer sets one: twelve digits, for
// that phone alone, made of its token by a hash as the key of its desk pages is. Empty for a phone
// without a token.
inline constexpr size_t kMadePasswordDigits = 12;
[[nodiscard]] Secret made_admin_password(const MacAddress& mac, const Secret& token);

}  // namespace stormdoor::http
