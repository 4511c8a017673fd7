#include "acl/failure.hpp"

#include "base/error.hpp"

namespace stormdoor::acl {

std::string_view to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::WrongPassword:
      return "wrong password";
    case FailureKind::WrongToken:
      return "wrong token";
    case FailureKind::ForeignFile:
      return "file of another phone";
    case FailureKind::UnknownMac:
      return "file of an unknown phone";
    case FailureKind::MacSweep:
      return "sweep of MAC addresses";
    case FailureKind::WrongPin:
      return "wrong PIN";
    case FailureKind::SipRefused:
      return "refused SIP login";
    case FailureKind::DecoyMac:
      return "file of a decoy phone";
    case FailureKind::WireMismatch:
      return "file of another phone than the one on the wire";
  }
  STORMDOOR_CHECK(false, "every kind of failure has a name");
}

}  // namespace stormdoor::acl
