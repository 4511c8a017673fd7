#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/mac_address.hpp"
#include "hotdesk/phone_view.hpp"
#include "tftp-http/phone_profile.hpp"
#include "tftp-http/provisioning_config.hpp"
#include "tftp-http/template_renderer.hpp"

namespace stormdoor::http {

// What templates may say, from all layers: built-in < site < location < model < phone, and over
// them what the registry says of the phone itself, which no layer can change (so the emergency
// number is always the desk's, promise 9). etc/phones/README.md lists the names.

// For a phone's own configuration.
[[nodiscard]] TemplateValues phone_values(const PhoneProfile& profile,
                                          const ProvisioningConfig& site,
                                          const hotdesk::PhoneView& view);

// The app that this phone is to run: a hot-desk phone of a model that runs apps, with desk pages
// for it to ask. Null: none.
[[nodiscard]] const PhoneApp* app_for(const PhoneProfile& profile, const ProvisioningConfig& site,
                                      const hotdesk::PhoneView& view);
// What the phone's own web server and menus ask for: `admin_password` of the highest layer that
// sets it; else, on a phone that runs our app, the one made for it. May be empty.
[[nodiscard]] Secret admin_password(const PhoneProfile& profile, const ProvisioningConfig& site,
                                    const hotdesk::PhoneView& view);

// For what anybody may read (stub, boot and common files): the built-in and the site layer and the
// MAC that the file name gave, nothing from the registry, nothing secret.
[[nodiscard]] TemplateValues public_values(const PhoneProfile& profile,
                                           const ProvisioningConfig& site,
                                           const std::optional<MacAddress>& mac);

// The template for a phone of this kind ("assigned", ...), and the layer that chose it. A layer
// that names a file which no vendor's folder holds is an error; `exists_anywhere` tells.
struct ChosenTemplate {
  std::shared_ptr<const Template> parsed;
  Layer layer = Layer::BuiltIn;
};
[[nodiscard]] Result<ChosenTemplate> choose_template(
    const PhoneProfile& profile, const ProvisioningConfig& site, const hotdesk::PhoneView& view,
    const std::function<bool(std::string_view file)>& exists_anywhere);

}  // namespace stormdoor::http
