#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"

namespace stormdoor::http {

// A certificate and its private key as PEM.
struct IssuedCertificate {
  std::string certificate_pem;
  Secret key_pem;
};

enum class ServerKey { Ecdsa, Rsa };

// Makes a private authority: RSA-3072, self-signed, good for 20 years. With `key_pem` the key is
// that one instead of a new one.
Result<IssuedCertificate> issue_authority(const Secret& key_pem, Now now);

// Makes a key and a server certificate for these DNS names and addresses, signed by that authority,
// good for 820 days (browsers refuse more than 825 even of private authorities) and from a day ago
// (clocks differ).
Result<IssuedCertificate> issue_server(const IssuedCertificate& authority, ServerKey kind,
                                       const std::vector<std::string>& names, Now now);

// The same for a client with this common name, as a vendor would make it. For tests and samples.
Result<IssuedCertificate> issue_client(const IssuedCertificate& authority,
                                       const std::string& common_name, Now now);

}  // namespace stormdoor::http
