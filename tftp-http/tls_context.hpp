#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "tftp-http/certificate_mac.hpp"
#include "tftp-http/tls_tickets.hpp"
#include "tftp-http/verified_chains.hpp"

struct ssl_ctx_st;

namespace stormdoor::http {

// One certificate with its key, as PEM text (a chain may follow the certificate). `name` is what
// errors call it, usually its path.
struct TlsIdentity {
  std::string name;
  std::string certificate_pem;
  Secret key_pem;
};

enum class TlsVersion : uint8_t { Tls10, Tls11, Tls12, Tls13 };

// Resuming a session spares a client the full handshake. TLS 1.2: sessions are remembered here, by
// their IDs, which every client knows and which costs less than opening a ticket; a restart or a
// reload forgets them. All: by tickets, in TLS 1.3 too, where each costs about as much as it saves
// one time; a phone that has rebooted has lost either.
enum class TlsResumption : uint8_t { Off, Tls12, All };

struct TlsSettings {
  // Below TLS 1.2 the security level falls to 0 (SHA-1, small keys), for phones that know no
  // better: only on a listener of their own.
  TlsVersion least = TlsVersion::Tls12;
  TlsVersion most = TlsVersion::Tls13;
  TlsResumption resumption = TlsResumption::Tls12;
  seconds ticket_rotation{12 * 3600};  // a ticket or session is good for at most twice this
  // Authorities of client certificates; empty: clients are not asked for any. A client without one,
  // or with one of somebody else's, is served as a client without.
  std::string client_authorities_pem;
  std::vector<CertificateMacPattern> client_patterns;
};

// What a certificate says, for status and warnings.
struct CertificateFacts {
  std::string subject;
  std::vector<std::string> names;  // subjectAltName: DNS names and addresses
  std::string key_kind;            // "ECDSA", "RSA"
  WallTime not_before;
  WallTime not_after;
};
// Of the first certificate in the text.
Result<CertificateFacts> read_certificate(std::string_view certificate_pem, std::string_view name);

// Everything a TLS listener needs, immutable: a reload builds another one, and connections that
// began with the old one keep it until they end. Any thread; one for all workers.
class TlsContext {
 public:
  // `identities`: one per kind of key (ECDSA, RSA), the client's abilities decide. A key that does
  // not belong to its certificate, an expired certificate, or two of one kind are errors: whoever
  // reloads then keeps the old context. `ticket_secret` (32 bytes or more, where there are
  // tickets) is stored by the caller, so that they survive a restart; the keys are derived from it
  // and the date.
  static Result<std::shared_ptr<const TlsContext>> create(
      const std::vector<TlsIdentity>& identities, const TlsSettings& settings,
      const Secret& ticket_secret, Now now);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  [[nodiscard]] const std::vector<CertificateFacts>& certificates() const { return certificates_; }
  [[nodiscard]] WallTime first_expiry() const;
  [[nodiscard]] const TlsSettings& settings() const { return settings_; }
  // How often a client's chain was known, and not verified again.
  [[nodiscard]] uint64_t chains_remembered() const { return verified_chains_.remembered(); }

  // For tls_session.cpp only.
  [[nodiscard]] ssl_ctx_st* native() const { return native_; }

 private:
  TlsContext(TlsSettings settings, const Secret& ticket_secret);

  TlsSettings settings_;
  TicketKeyRing ticket_keys_;
  mutable VerifiedChains verified_chains_;
  std::vector<CertificateFacts> certificates_;
  ssl_ctx_st* native_ = nullptr;

  friend struct TlsContextBuilder;
  friend struct TicketCallback;
  friend struct ClientCallback;
};

}  // namespace stormdoor::http
