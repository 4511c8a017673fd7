#pragma once

#include <string>
#include <vector>

#include "hotdesk/phone_view.hpp"
#include "tftp-http/profile_set.hpp"

namespace stormdoor::http {

// A configuration as it would leave, for `stormdoor phone show MAC --rendered`.
struct RenderedPhone {
  std::string vendor;
  std::string kind;           // "assigned", ...
  std::string template_name;  // "sangoma/phone.xml.mustache"
  Layer template_layer = Layer::BuiltIn;
  std::string text;
  std::vector<UsedValue> used;
};
// Any thread. With `mask_secrets` every secret in the text is replaced by "(secret)".
[[nodiscard]] Result<RenderedPhone> render_phone(const ProfileSet& profiles,
                                                 const hotdesk::PhoneView& view, bool mask_secrets);

}  // namespace stormdoor::http
