#include "hotdesk/phone_view.hpp"

namespace stormdoor::hotdesk {
namespace {

const Secret& no_secret() {
  static const Secret kNone;
  return kNone;
}

PhoneKind kind_of(const PhoneView& view) {
  if (view.session) return PhoneKind::HotDeskSession;
  if (!view.users.empty()) return PhoneKind::Assigned;
  return view.phone->role == store::PhoneRole::HotDesk ? PhoneKind::HotDeskIdle
                                                       : PhoneKind::Unassigned;
}

}  // namespace

std::string_view to_string(PhoneKind kind) {
  switch (kind) {
    case PhoneKind::Unknown:
      return "unknown";
    case PhoneKind::Unassigned:
      return "unassigned";
    case PhoneKind::Assigned:
      return "assigned";
    case PhoneKind::HotDeskIdle:
      return "hot-desk-idle";
    case PhoneKind::HotDeskSession:
      return "hot-desk-session";
  }
  return "unknown";
}

std::string_view PhoneView::account() const {
  if (!users.empty()) return users.front()->extension;
  return phone ? std::string_view(phone->device_account) : std::string_view();
}

const Secret& PhoneView::account_secret() const {
  if (!users.empty()) return users.front()->sip_secret;
  return phone ? phone->device_secret : no_secret();
}

std::string_view PhoneView::label() const {
  if (!users.empty())
    return users.front()->name.empty() ? users.front()->extension : users.front()->name;
  return location ? std::string_view(location->label) : std::string_view();
}

std::string_view PhoneView::emergency_number() const {
  return location ? std::string_view(location->emergency_number) : std::string_view();
}

bool PhoneView::same_records(const PhoneView& other) const {
  return kind == other.kind && phone == other.phone && location == other.location &&
         assignment == other.assignment && session == other.session && users == other.users;
}

PhoneView view_of(const Registry& registry, const MacAddress& mac) {
  PhoneView view;
  view.phone = registry.phone(mac);
  if (!view.phone) return view;
  if (!view.phone->location.empty()) view.location = registry.location(view.phone->location);
  // A hot-desk phone belongs to nobody, and only there people log in, whatever else the store
  // holds.
  if (view.phone->role == store::PhoneRole::HotDesk)
    view.session = registry.session_at(mac);
  else
    view.assignment = registry.assignment_of(mac);
  if (view.assignment || view.session) {
    if (auto user =
            registry.user(view.session ? view.session->extension : view.assignment->extension)) {
      view.users.push_back(std::move(user));
    } else {
      view.assignment = nullptr;
      view.session = nullptr;
    }
  }
  view.kind = kind_of(view);
  return view;
}

std::string main_extension_of(const Registry& registry, const UserRecord& user) {
  if (user.main_phone_type == store::MainPhoneType::HotDesking) return "Hot Desking";
  if (user.main_phone_type == store::MainPhoneType::DeskPhone)
    for (const auto& assignment : registry.assignments_of(user.extension))
      if (assignment->slot == 0) return assignment->mac.to_string();
  return "Not Assigned";
}

}  // namespace stormdoor::hotdesk
