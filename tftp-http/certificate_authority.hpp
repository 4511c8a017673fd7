#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "tftp-http/tls_context.hpp"

namespace stormdoor::http {

// Our own private authority, for when no certificate is configured. One RSA authority signs both
// server certificates (ECDSA P-256 and RSA-2048): every phone can check an RSA signature, and
// administrators import one file. In `folder`, keys with mode 0600, all written to a temporary
// name, synced and renamed, none ever overwritten by a broken one:
//   authority.pem authority.key   RSA-3072, 20 years
//   server-ecdsa.pem/.key  server-rsa.pem/.key   820 days
struct OwnCertificates {
  std::string authority_pem;            // what phones must be told to trust
  std::vector<TlsIdentity> identities;  // ECDSA first
  bool authority_is_new = false;
  bool servers_are_new = false;
};

// Loads them; makes what is missing, and makes the server certificates again when they expire
// within 30 days or `names` (DNS names and addresses that phones use) are not exactly theirs. Takes
// up to a second or two when it makes keys. A key file that others may read is an error.
Result<OwnCertificates> load_or_create_certificates(const std::string& folder,
                                                    const std::vector<std::string>& names, Now now);

}  // namespace stormdoor::http
