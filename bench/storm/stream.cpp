#include "bench/storm/stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/loop/socket_address.hpp"
#include "bench/storm/tls_state.hpp"

namespace stormdoor::storm {
namespace {

// Short and the same for all phones, so that a report can count them.
std::string reason_of(int error_number) {
  switch (error_number) {
    case ECONNREFUSED:
      return "connection refused";
    case EPIPE:
    case ECONNRESET:
      return "connection reset";
    case ETIMEDOUT:
      return "no answer";
    default:
      return system_error("connection", error_number).message();
  }
}

Stream::Step failed(std::string why) {
  Stream::Step step;
  step.failure = std::move(why);
  return step;
}

Stream::Step want(Stream::Wants wants) {
  Stream::Step step;
  step.wants = wants;
  return step;
}

Stream::Step moved(size_t bytes) {
  Stream::Step step;
  step.bytes = bytes;
  return step;
}

Stream::Step at_end() {
  Stream::Step step;
  step.closed = true;
  return step;
}

// SSL_set_tlsext_host_name() is a macro with a cast that our warnings refuse.
void set_server_name(SSL* session, std::string host) {
  SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data());
}

Result<UniqueFd> make_socket(const Endpoint& server, const IpAddress& source) {
  const int family = server.address.is_v4() ? AF_INET : AF_INET6;
  UniqueFd fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return system_error("socket", errno);
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source.is_unspecified()) return fd;
  // The port is chosen when connecting: thousands of sources may then share the numbers.
  setsockopt(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const loop::SocketAddress local(Endpoint{source, 0, 0});
  if (bind(fd.get(), local.get(), local.length) != 0)
    return system_error("bind " + source.to_string(), errno);
  return fd;
}

}  // namespace

struct Stream::Tls {
  SSL* session = nullptr;
  std::string expected_name;  // empty: any certificate will do
  TlsClient::State* state = nullptr;

  // RFC 6125: a subjectAltName of the certificate is the host, a name or an address.
  [[nodiscard]] bool is_expected_host() const {
    if (expected_name.empty()) return true;
    X509* certificate = SSL_get0_peer_certificate(session);
    if (certificate == nullptr) return false;
    if (IpAddress::parse(expected_name).has_value())
      return X509_check_ip_asc(certificate, expected_name.c_str(), 0) == 1;
    return X509_check_host(certificate, expected_name.data(), expected_name.size(), 0, nullptr) ==
           1;
  }

  explicit Tls(SSL* session_) : session(session_) {}
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  ~Tls() { SSL_free(session); }
};

Stream::Stream(UniqueFd fd, std::unique_ptr<Tls> tls) : fd_(std::move(fd)), tls_(std::move(tls)) {}
Stream::~Stream() {
  // A close_notify on the way out, if there is room for it; nobody waits for the answer.
  if (tls_ && SSL_is_init_finished(tls_->session) == 1) SSL_shutdown(tls_->session);
  ERR_clear_error();
}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

Result<Stream> Stream::connect(const Endpoint& server, const IpAddress& source,
                               const TlsClient* tls, const std::string& host) {
  UniqueFd fd = TRY(make_socket(server, source));
  const loop::SocketAddress to(server);
  if (::connect(fd.get(), to.get(), to.length) != 0 && errno != EINPROGRESS)
    return Error(ErrorCode::Unavailable, reason_of(errno));
  std::unique_ptr<Tls> session;
  if (tls != nullptr) {
    session = std::make_unique<Tls>(SSL_new(tls->state().context));
    if (session->session == nullptr || SSL_set_fd(session->session, fd.get()) != 1)
      return Error(ErrorCode::Unavailable, take_tls_failure());
    // RFC 6066, 3: names only, no addresses.
    if (!host.empty() && !IpAddress::parse(host).has_value())
      set_server_name(session->session, host);
    if (tls->state().check_names) session->expected_name = host;
    // A copy: a new ticket ends the session that it was given for, which others may be taking up.
    if (const SSL_SESSION* latest = tls->state().session; latest != nullptr) {
      SSL_SESSION* copy = SSL_SESSION_dup(latest);
      SSL_set_session(session->session, copy);
      SSL_SESSION_free(copy);
    }
    session->state = &tls->state();
    SSL_set_connect_state(session->session);
  }
  return Stream(std::move(fd), std::move(session));
}

Stream::Step Stream::open() {
  if (!connected_) {
    int error_number = 0;
    socklen_t length = sizeof error_number;
    getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error_number, &length);
    if (error_number != 0) return failed(reason_of(error_number));
    sockaddr_storage peer{};
    length = sizeof peer;
    if (getpeername(fd_.get(), reinterpret_cast<sockaddr*>(&peer), &length) != 0)
      return want(Wants::Write);
    connected_ = true;
  }
  if (!tls_) return {};
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_->session);
  if (result != 1) return tls_step(result);
  if (SSL_session_reused(tls_->session) == 1) ++tls_->state->resumed;
  return tls_->is_expected_host() ? Step{} : failed("TLS: certificate of another host");
}

Stream::Step Stream::tls_step(int result) {
  const int error_number = errno;
  switch (SSL_get_error(tls_->session, result)) {
    case SSL_ERROR_WANT_READ:
      return want(Wants::Read);
    case SSL_ERROR_WANT_WRITE:
      return want(Wants::Write);
    case SSL_ERROR_ZERO_RETURN:
      return at_end();
    case SSL_ERROR_SYSCALL:
      ERR_clear_error();
      return failed(error_number == 0 ? "connection closed" : reason_of(error_number));
    default: {
      // OpenSSL 3 reports an end without close_notify as an error of its own.
      if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return SSL_is_init_finished(tls_->session) == 1 ? at_end() : failed("connection closed");
      }
      return failed("TLS: " + take_tls_failure());
    }
  }
}

Stream::Step Stream::write(std::string_view bytes) {
  if (tls_) {
    ERR_clear_error();
    size_t written = 0;
    const int result = SSL_write_ex(tls_->session, bytes.data(), bytes.size(), &written);
    return result == 1 ? moved(written) : tls_step(result);
  }
  const ssize_t written = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (written >= 0) return moved(static_cast<size_t>(written));
  return errno == EAGAIN || errno == EINTR ? want(Wants::Write) : failed(reason_of(errno));
}

Stream::Step Stream::read(std::span<std::byte> room) {
  if (tls_) {
    ERR_clear_error();
    size_t got = 0;
    const int result = SSL_read_ex(tls_->session, room.data(), room.size(), &got);
    return result == 1 ? moved(got) : tls_step(result);
  }
  const ssize_t got = recv(fd_.get(), room.data(), room.size(), 0);
  if (got > 0) return moved(static_cast<size_t>(got));
  if (got == 0) return at_end();
  return errno == EAGAIN || errno == EINTR ? want(Wants::Read) : failed(reason_of(errno));
}

}  // namespace stormdoor::storm
