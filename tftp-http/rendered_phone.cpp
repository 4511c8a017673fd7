#include "tftp-http/rendered_phone.hpp"

#include <fmt/format.h>

#include "tftp-http/template_values.hpp"

namespace stormdoor::http {

Result<RenderedPhone> render_phone(const ProfileSet& profiles, const hotdesk::PhoneView& view,
                                   bool mask_secrets) {
  if (!view.phone) return Error(ErrorCode::NotFound, "there is no such phone");
  const PhoneProfile* profile = profiles.find(view.phone->vendor);
  if (!profile)
    return Error(ErrorCode::NotFound,
                 fmt::format("there is no phone profile \"{}\"", view.phone->vendor));
  const auto chosen =
      TRY(choose_template(*profile, profiles.config(), view,
                          [&](std::string_view file) { return profiles.has_site_template(file); }));
  TemplateValues values = phone_values(*profile, profiles.config(), view);
  if (mask_secrets) values.mask_secrets();
  RenderedPhone rendered;
  rendered.vendor = profile->vendor;
  rendered.kind = hotdesk::to_string(view.kind);
  rendered.template_name = chosen.parsed->name();
  rendered.template_layer = chosen.layer;
  rendered.text = TRY(chosen.parsed->render(values, &rendered.used));
  return rendered;
}

}  // namespace stormdoor::http
