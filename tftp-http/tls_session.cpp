#include "tftp-http/tls_session.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "tftp-http/tls_pointers.hpp"

namespace stormdoor::http {

// A BIO that reads from the session's socket and writes to the session's `out`.
struct SocketBio {
  static int write(BIO* bio, const char* data, int size) noexcept {
    session(bio)->out_->append(data, static_cast<size_t>(size));
    return size;
  }
  static int read(BIO* bio, char* data, int size) noexcept {
    BIO_clear_retry_flags(bio);
    TlsSession& own = *session(bio);
    // A socket that gave less than it was asked for has no more: asking again costs a system call
    // in every handshake. What comes meanwhile makes it readable again.
    const ssize_t got = own.drained_ ? -1 : recv(own.fd_, data, static_cast<size_t>(size), 0);
    const bool later = own.drained_ || (got < 0 && (errno == EAGAIN || errno == EINTR));
    if (later) BIO_set_retry_read(bio);
    own.drained_ = later || (got > 0 && got < size);
    return static_cast<int>(got);
  }
  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) noexcept {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }
  static TlsSession* session(BIO* bio) { return static_cast<TlsSession*>(BIO_get_data(bio)); }

  // Made once and never freed: OpenSSL keeps such tables for the life of the program.
  static const BIO_METHOD* method() {
    static const BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stormdoor");
      STORMDOOR_CHECK(made != nullptr, "a BIO's table needs only memory");
      BIO_meth_set_write(made, &SocketBio::write);
      BIO_meth_set_read(made, &SocketBio::read);
      BIO_meth_set_ctrl(made, &SocketBio::control);
      return made;
    }();
    return method;
  }
};

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int fd)
    : context_(std::move(context)), fd_(fd), ssl_(SSL_new(context_->native())) {
  BIO* bio = BIO_new(SocketBio::method());
  STORMDOOR_CHECK(ssl_ != nullptr && bio != nullptr, "a session needs only memory");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, this);
  SSL_set_accept_state(ssl_);
}

TlsSession::~TlsSession() {
  SSL_free(ssl_);
}

TlsSession::Handshake TlsSession::handshake(WallTime now, std::string& out) {
  now_ = now;
  out_ = &out;
  drained_ = false;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return Handshake::Done;
  return SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ ? Handshake::NotYet : Handshake::Failed;
}

ReadOutcome TlsSession::read(std::span<char> into, std::string& out) {
  using Kind = ReadOutcome::Kind;
  out_ = &out;
  drained_ = false;
  ERR_clear_error();
  size_t got = 0;
  const int result = SSL_read_ex(ssl_, into.data(), into.size(), &got);
  if (result == 1) return {Kind::Data, got};
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return {Kind::NotYet, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Kind::End, 0};
    default:
      return {Kind::Broken, 0};
  }
}

bool TlsSession::write(std::span<const std::byte> bytes, std::string& out) {
  out_ = &out;
  ERR_clear_error();
  while (!bytes.empty()) {
    size_t written = 0;
    if (SSL_write_ex(ssl_, bytes.data(), bytes.size(), &written) != 1) return false;
    bytes = bytes.subspan(written);
  }
  return true;
}

void TlsSession::close(std::string& out) {
  out_ = &out;
  ERR_clear_error();
  // Ours is enough: nothing is read after it (RFC 8446 section 6.1).
  SSL_set_shutdown(ssl_, SSL_get_shutdown(ssl_) | SSL_RECEIVED_SHUTDOWN);
  SSL_shutdown(ssl_);
}

bool TlsSession::has_pending() const {
  return SSL_has_pending(ssl_) == 1;
}

std::string_view TlsSession::version() const {
  return SSL_get_version(ssl_);
}

bool TlsSession::resumed() const {
  return SSL_session_reused(ssl_) == 1;
}

std::optional<MacAddress> TlsSession::certificate_mac() const {
  const X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr || SSL_get_verify_result(ssl_) != X509_V_OK) return {};
  const X509_NAME* subject = X509_get_subject_name(certificate);
  for (const CertificateMacPattern& pattern : context_->settings().client_patterns) {
    const int nid = OBJ_txt2nid(pattern.attribute().c_str());
    for (int i = X509_NAME_get_index_by_NID(subject, nid, -1); i >= 0;
         i = X509_NAME_get_index_by_NID(subject, nid, i)) {
      const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i));
      const auto mac = pattern.match({reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                      static_cast<size_t>(ASN1_STRING_length(value))});
      if (mac) return mac;
    }
  }
  return {};
}

}  // namespace stormdoor::http
