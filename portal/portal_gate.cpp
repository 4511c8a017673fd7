#include "portal/portal_gate.hpp"

namespace stormdoor::portal {

std::optional<std::string> PortalGate::refuse(const IpAddress& source, Now now) {
  const auto admission = guard_.admit(source, acl::Service::Portal, now);
  if (admission.admitted() || guard_.admit(source, acl::Service::Api, now).admitted()) return {};
  Readings& readings = refused_[source];
  if (readings.count == 0 || now.steady - readings.since >= kWithin)
    readings = {.since = now.steady, .count = 0};
  if (++readings.count <= kConnections) return {};
  return acl::refusal(admission, acl::Service::Portal);
}

}  // namespace stormdoor::portal
