#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "tests/support/temp_dir.hpp"
#include "tftp-http/certificate_authority.hpp"
#include "tftp-http/certificate_issue.hpp"
#include "tftp-http/tls_context.hpp"

namespace stormdoor::http {

// Certificates for 127.0.0.1 and localhost, made once for all tests of this program: keys take
// time.
inline const OwnCertificates& test_certificates() {
  static const test::TempDir folder;
  static const OwnCertificates own =
      std::move(
          load_or_create_certificates(folder.path(), {"127.0.0.1", "localhost"}, read_clocks()))
          .value();
  return own;
}

// The authority of a phone maker.
inline const IssuedCertificate& vendor_authority() {
  static const IssuedCertificate authority =
      std::move(issue_authority(Secret(), read_clocks())).value();
  return authority;
}

inline const Secret kTicketSecret{std::string(32, 't')};

inline std::shared_ptr<const TlsContext> test_context(const TlsSettings& settings = {}) {
  return std::move(TlsContext::create(test_certificates().identities, settings, kTicketSecret,
                                      read_clocks()))
      .value();
}

// Settings that ask for the vendor's client certificates.
inline TlsSettings with_client_certificates() {
  TlsSettings settings;
  settings.client_authorities_pem = vendor_authority().certificate_pem;
  settings.client_patterns = {CertificateMacPattern::parse("CN={mac}").value()};
  return settings;
}

}  // namespace stormdoor::http
