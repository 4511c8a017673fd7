#include "tftp-http/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/crypto/crypto.hpp"
#include "tftp-http/tls_pointers.hpp"
#include "tftp-http/tls_session.hpp"

namespace stormdoor::http {

// Called by OpenSSL to seal (`sealing` 1) or open a session ticket.
struct TicketCallback {
  static int call(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                  EVP_MAC_CTX* mac, int sealing) noexcept {
    const auto* session = static_cast<const TlsSession*>(SSL_get_app_data(ssl));
    const TlsContext& context = *session->context_;
    const uint64_t period = ticket_period(session->now_, context.settings_.ticket_rotation);
    if (sealing == 1) {
      const TicketKeys keys = context.ticket_keys_.at(period, 0);
      std::ranges::copy(keys.name, name);
      if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
      return use(keys, iv, cipher, mac, true) ? 1 : -1;
    }
    constexpr int kGood = 1, kGoodButRenew = 2, kUnknown = 0;
    for (const uint64_t age : {0, 1}) {
      const TicketKeys keys = context.ticket_keys_.at(period, age);
      if (std::memcmp(keys.name.data(), name, keys.name.size()) != 0) continue;
      if (!use(keys, iv, cipher, mac, false)) return -1;
      return age == 0 ? kGood : kGoodButRenew;
    }
    return kUnknown;
  }

  static bool use(const TicketKeys& keys, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
                  EVP_MAC_CTX* mac, bool sealing) {
    auto mac_key = keys.mac;
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key.data(), mac_key.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, keys.cipher.data(), iv,
                             sealing ? 1 : 0) == 1 &&
           EVP_MAC_CTX_set_params(mac, parameters) == 1;
  }
};

// Called by OpenSSL with what a client sent. Checks the chain, and lets the handshake go on
// whatever comes out: a phone with a certificate of somebody else's is a phone without one. The
// result stays in the session (and in its tickets), where certificate_mac() looks.
struct ClientCallback {
  static int verify(X509_STORE_CTX* store, void* /*context*/) noexcept {
    const auto* ssl = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    const auto* session = static_cast<const TlsSession*>(SSL_get_app_data(ssl));
    const bool holds = session->context_->verified_chains_.verify(store, session->now_);
    if (!holds && X509_STORE_CTX_get_error(store) == X509_V_OK)
      X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED);
    return 1;
  }
};

namespace {

constexpr long kMostSessions = 8192;  // about 1 KB each, with a client certificate 5 KB
constexpr std::string_view kProtocol = "\x08http/1.1";  // ALPN wire form

int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size,
                    void* /*context*/) noexcept {
  unsigned char* out = nullptr;
  const auto* ours = reinterpret_cast<const unsigned char*>(kProtocol.data());
  if (SSL_select_next_proto(&out, chosen_size, ours, static_cast<unsigned>(kProtocol.size()),
                            offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;  // HTTP/1.1 all the same: some phones offer nonsense
  *chosen = out;
  return SSL_TLSEXT_ERR_OK;
}

int native_version(TlsVersion version) {
  switch (version) {
    case TlsVersion::Tls10:
      return TLS1_VERSION;
    case TlsVersion::Tls11:
      return TLS1_1_VERSION;
    case TlsVersion::Tls12:
      return TLS1_2_VERSION;
    case TlsVersion::Tls13:
      return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

}  // namespace

// The steps of TlsContext::create().
struct TlsContextBuilder {
  TlsContext& context;
  SSL_CTX* native = context.native_;

  Result<void> set_protocol() {
    const TlsSettings& settings = context.settings_;
    if (settings.least > settings.most)
      return Error(ErrorCode::InvalidArgument,
                   "the least TLS version is above the highest; swap them");
    const bool old = settings.least < TlsVersion::Tls12;
    SSL_CTX_set_security_level(native, old ? 0 : 2);
    SSL_CTX_set_min_proto_version(native, native_version(settings.least));
    SSL_CTX_set_max_proto_version(native, native_version(settings.most));
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    // Many idle connections: buffers only while they are needed. Read-ahead: one system call per
    // flight instead of two per record.
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(native, 1);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    // AES-128 first: as good for this, and its key derivation costs half of SHA-384's.
    const char* ciphers =
        old ? "ECDHE+AESGCM+AES128:ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:RSA+AESGCM:RSA+AES"
            : "ECDHE+AESGCM+AES128:ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES";
    const char* suites =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
    if (SSL_CTX_set_cipher_list(native, ciphers) != 1 ||
        SSL_CTX_set_ciphersuites(native, suites) != 1 ||
        SSL_CTX_set1_groups_list(native, "X25519:P-256:P-384") != 1)
      return tls_error("set ciphers");
    return {};
  }

  Result<void> add_identity(const TlsIdentity& identity, Now now) {
    const std::string& name = identity.name;
    const CertificatePtr certificate = TRY(parse_certificate(identity.certificate_pem, name));
    const KeyPtr key = TRY(parse_private_key(identity.key_pem.reveal(), name));
    if (X509_check_private_key(certificate.get(), key.get()) != 1)
      return tls_error(fmt::format("{}: the key does not belong to the certificate", name));
    CertificateFacts facts = TRY(read_certificate(identity.certificate_pem, name));
    if (facts.not_after <= now.wall)
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("{}: the certificate expired on {}; renew it", name,
                               format_time(facts.not_after)));
    for (const CertificateFacts& other : context.certificates_)
      if (other.key_kind == facts.key_kind)
        return Error(ErrorCode::InvalidArgument,
                     fmt::format("{}: there is already a certificate with an {} key; one of each "
                                 "kind can be used",
                                 name, facts.key_kind));
    const ChainPtr chain = TRY(rest_of_chain(identity));
    if (SSL_CTX_use_cert_and_key(native, certificate.get(), key.get(), chain.get(), 1) != 1)
      return tls_error(name);
    context.certificates_.push_back(std::move(facts));
    return {};
  }

  static Result<ChainPtr> rest_of_chain(const TlsIdentity& identity) {
    ChainPtr chain(sk_X509_new_null());
    const BioPtr bio = read_only_bio(identity.certificate_pem);
    bool first = true;
    while (true) {
      CertificatePtr next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
      if (!next) break;
      if (!std::exchange(first, false)) sk_X509_push(chain.get(), next.release());
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!at_end) return tls_error(identity.name);
    ERR_clear_error();
    return chain;
  }

  void set_resumption() {
    const TlsSettings& settings = context.settings_;
    const bool tickets = settings.resumption == TlsResumption::All;
    if (!tickets) SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(native, tickets ? 1 : 0);
    // The cache drops the oldest when it is full; walking it for old ones would stall handshakes.
    const bool by_id = settings.resumption == TlsResumption::Tls12;
    SSL_CTX_set_session_cache_mode(
        native, by_id ? SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_AUTO_CLEAR : SSL_SESS_CACHE_OFF);
    SSL_CTX_sess_set_cache_size(native, kMostSessions);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(native, &TicketCallback::call);
    SSL_CTX_set_timeout(native, static_cast<long>(2 * settings.ticket_rotation.count()));
  }

  Result<void> set_client_authorities() {
    const std::string& pem = context.settings_.client_authorities_pem;
    // A session that began under other authorities is not resumed.
    const std::string id = crypto::hash_hex(crypto::Hash::Sha256, pem).substr(0, 32);
    SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>(id.data()),
                                   static_cast<unsigned>(id.size()));
    if (pem.empty()) return {};
    const BioPtr bio = read_only_bio(pem);
    size_t count = 0;
    while (true) {
      const CertificatePtr authority(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
      if (!authority) break;
      if (X509_STORE_add_cert(SSL_CTX_get_cert_store(native), authority.get()) != 1 ||
          SSL_CTX_add_client_CA(native, authority.get()) != 1)
        return tls_error("client authorities");
      ++count;
    }
    if (count == 0) return tls_error("client authorities: no certificate in PEM form");
    ERR_clear_error();
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(native, &ClientCallback::verify, nullptr);
    SSL_CTX_set_verify_depth(native, 4);
    return {};
  }
};

TlsContext::TlsContext(TlsSettings settings, const Secret& ticket_secret)
    : settings_(std::move(settings)),
      ticket_keys_(ticket_secret),
      native_(SSL_CTX_new(TLS_server_method())) {
  STORMDOOR_CHECK(native_ != nullptr, "a TLS context needs only memory");
}

TlsContext::~TlsContext() {
  SSL_CTX_free(native_);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::create(
    const std::vector<TlsIdentity>& identities, const TlsSettings& settings,
    const Secret& ticket_secret, Now now) {
  constexpr size_t kLeastSecret = 32;
  if (settings.resumption == TlsResumption::All && ticket_secret.reveal().size() < kLeastSecret)
    return Error(ErrorCode::InvalidArgument, "the secret of session tickets is under 32 bytes");
  if (identities.empty())
    return Error(ErrorCode::InvalidArgument, "a TLS listener needs a certificate and its key");
  ERR_clear_error();
  std::shared_ptr<TlsContext> context(new TlsContext(settings, ticket_secret));
  TlsContextBuilder builder{*context};
  TRY(builder.set_protocol());
  for (const TlsIdentity& identity : identities) TRY(builder.add_identity(identity, now));
  builder.set_resumption();
  TRY(builder.set_client_authorities());
  return std::shared_ptr<const TlsContext>(std::move(context));
}

WallTime TlsContext::first_expiry() const {
  return std::ranges::min(certificates_, {}, &CertificateFacts::not_after).not_after;
}

}  // namespace stormdoor::http
