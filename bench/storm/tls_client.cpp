#include "bench/storm/tls_client.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <signal.h>

#include <utility>

#include "bench/storm/tls_state.hpp"

namespace stormdoor::storm {
namespace {

std::string der_of(const X509* certificate) {
  const int length = i2d_X509(certificate, nullptr);
  if (length <= 0) return {};
  std::string der(static_cast<size_t>(length), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(certificate, &out);
  return der;
}

int verify_or_remember(X509_STORE_CTX* chain, void* argument) noexcept {
  auto& state = *static_cast<TlsClient::State*>(argument);
  const std::string leaf = der_of(X509_STORE_CTX_get0_cert(chain));
  if (!leaf.empty() && leaf == state.verified_leaf) {
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    return 1;
  }
  const int good = X509_verify_cert(chain);
  if (good == 1) state.verified_leaf = leaf;
  return good;
}

// Keeps the reference that it is given.
int remember_session(SSL* connection, SSL_SESSION* session) noexcept {
  auto* state = static_cast<TlsClient::State*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  SSL_SESSION_free(state->session);
  state->session = session;
  return 1;
}

Error tls_error(const std::string& what) {
  return {ErrorCode::InvalidArgument, what + ": " + take_tls_failure()};
}

Result<void> set_versions(SSL_CTX* context, TlsClient::Version version) {
  const int least = version == TlsClient::Version::Tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  const int most = version == TlsClient::Version::Tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  if (SSL_CTX_set_min_proto_version(context, least) != 1 ||
      SSL_CTX_set_max_proto_version(context, most) != 1)
    return tls_error("choose the TLS version");
  return {};
}

}  // namespace

std::string take_tls_failure() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

TlsClient::TlsClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsClient::~TlsClient() = default;

uint64_t TlsClient::resumed() const {
  return state_->resumed;
}

Result<std::unique_ptr<TlsClient>> TlsClient::create(const Options& options) {
  signal(SIGPIPE, SIG_IGN);
  auto state = std::make_unique<State>();
  state->context = SSL_CTX_new(TLS_client_method());
  SSL_CTX* context = state->context;
  if (context == nullptr) return tls_error("TLS");
  TRY(set_versions(context, options.version));
  // A phone that has just booted remembers no session.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (options.resumes) {
    state->resumes = true;
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(context, state.get());
    SSL_CTX_sess_set_new_cb(context, remember_session);
  }
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Head and body of a record by one read.
  SSL_CTX_set_read_ahead(context, 1);
  if (!options.ca_file.empty()) {
    if (SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1)
      return tls_error("read authorities from " + options.ca_file);
    state->check_names = options.check_names;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context, verify_or_remember, state.get());
  }
  if (!options.certificate_file.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1)
      return tls_error("read the certificate " + options.certificate_file);
    if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
      return tls_error("read the key " + options.key_file);
  }
  return std::unique_ptr<TlsClient>(new TlsClient(std::move(state)));
}

}  // namespace stormdoor::storm
