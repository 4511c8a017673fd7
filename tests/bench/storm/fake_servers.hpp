#pragma once

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/loop/event_loop.hpp"
#include "base/loop/io_event.hpp"
#include "base/loop/tcp_listener.hpp"
#include "base/loop/udp_socket.hpp"

// The least of a TFTP and an HTTP server, on the test's own loop, with the misbehaviour that a test
// asks for.
namespace stormdoor::storm::test {

inline Endpoint loopback(uint32_t host = 1) {
  return {IpAddress::v4(0x7f000000 + host), 0, 0};
}

// Lock-step, one socket; understands blksize.
class FakeTftp {
 public:
  explicit FakeTftp(loop::EventLoop& loop)
      : socket_(*loop::UdpSocket::bind(loopback(), {})),
        readable_(loop, socket_.fd(), [this](loop::Readiness) { serve(); }) {
    readable_.wait_for({.read = true});
  }

  [[nodiscard]] Endpoint endpoint() const { return socket_.local(); }

  std::map<std::string, std::string> files;
  int ignored_requests = 0;    // the first so many
  int lost_every = 0;          // of our answers, each so-and-so-many-th; 0: none
  int refuse_after = -1;       // so many requests, with error 2; -1: never
  std::set<Endpoint> clients;  // who has asked

 private:
  struct Transfer {
    std::string content;
    size_t block_size = 512;
  };
  void serve() {
    for (const loop::Datagram& datagram : socket_.receive(inbox_)) {
      const std::string packet(reinterpret_cast<const char*>(datagram.payload.data()),
                               datagram.payload.size());
      if (packet.size() < 4) continue;
      if (packet[1] == 1) begin(datagram.peer, packet.substr(2));
      if (packet[1] == 4)
        send_block(datagram.peer, size_t(uint8_t(packet[2])) * 256 + uint8_t(packet[3]) + 1);
    }
  }
  void begin(const Endpoint& peer, const std::string& request) {
    clients.insert(peer);
    if (ignored_requests-- > 0) return;
    if (refuse_after >= 0 && refuse_after-- == 0) {
      refuse_after = 0;
      return send(peer, std::string("\0\5\0\2no\0", 7));
    }
    const auto file = files.find(request.c_str());
    if (file == files.end()) return send(peer, std::string("\0\5\0\1no such file\0", 17));
    Transfer& transfer = transfers_[peer];
    transfer = {file->second};
    const std::string key("blksize\0", 8);
    const size_t at = request.find(key);
    if (at == std::string::npos) return send_block(peer, 1);
    transfer.block_size = std::stoul(request.substr(at + key.size()));
    send(peer, std::string("\0\6", 2) + key + std::to_string(transfer.block_size) + '\0');
  }
  void send_block(const Endpoint& peer, size_t block) {
    const auto found = transfers_.find(peer);
    if (found == transfers_.end()) return;
    const Transfer& transfer = found->second;
    const size_t at = (block - 1) * transfer.block_size;
    if (at > transfer.content.size()) return;
    send(peer, std::string{0, 3, char(block >> 8), char(block)} +
                   transfer.content.substr(at, transfer.block_size));
  }
  void send(const Endpoint& peer, const std::string& packet) {
    if (lost_every != 0 && ++sent_ % lost_every == 0) return;
    std::memcpy(outbox_.room().data(), packet.data(), packet.size());
    outbox_.add({peer, {}}, packet.size());
    socket_.send(outbox_);
  }

  loop::UdpSocket socket_;
  loop::UdpInbox inbox_{32, 2048};
  loop::UdpOutbox outbox_{4, 66'000};
  loop::IoEvent readable_;
  std::map<Endpoint, Transfer> transfers_;
  int sent_ = 0;
};

// A self-signed certificate for a test's server, and its PEM for the client to trust.
struct FakeIdentity {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();

  FakeIdentity() {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_set_version(certificate, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:pbx.example");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate, key, EVP_sha256());
  }
  FakeIdentity(const FakeIdentity&) = delete;
  FakeIdentity& operator=(const FakeIdentity&) = delete;
  ~FakeIdentity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  [[nodiscard]] std::string pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<size_t>(size));
    BIO_free(bio);
    return text;
  }
};

// Answers each request head with what `answer` returns; "" hangs up.
class FakeHttp {
 public:
  using Answer = std::function<std::string(const std::string& head, const Endpoint& peer)>;

  FakeHttp(loop::EventLoop& loop, const FakeIdentity* identity, Answer answer)
      : loop_(loop), answer_(std::move(answer)) {
    if (identity != nullptr) {
      context_ = SSL_CTX_new(TLS_server_method());
      SSL_CTX_use_certificate(context_, identity->certificate);
      SSL_CTX_use_PrivateKey(context_, identity->key);
    }
    listener_ = *loop::TcpListener::bind(
        loop, loopback(), false,
        [this](UniqueFd fd, const Endpoint& peer) { accept(std::move(fd), peer); });
  }
  FakeHttp(const FakeHttp&) = delete;
  FakeHttp& operator=(const FakeHttp&) = delete;
  ~FakeHttp() {
    connections_.clear();
    SSL_CTX_free(context_);
  }

  [[nodiscard]] Endpoint endpoint() const { return listener_->local(); }
  int accepted = 0;
  std::set<IpAddress> blocked;  // their connections are closed at once

  static std::string found(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static std::string missing() { return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"; }

 private:
  struct Connection {
    UniqueFd fd;
    Endpoint peer;
    SSL* tls = nullptr;
    std::unique_ptr<loop::IoEvent> io;
    std::string in;

    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { SSL_free(tls); }
  };

  void accept(UniqueFd fd, const Endpoint& peer) {
    ++accepted;
    if (blocked.contains(peer.address)) return;
    auto& connection = *connections_.emplace_back(std::make_unique<Connection>());
    connection.fd = std::move(fd);
    connection.peer = peer;
    if (context_ != nullptr) {
      connection.tls = SSL_new(context_);
      SSL_set_fd(connection.tls, connection.fd.get());
      SSL_set_accept_state(connection.tls);
    }
    connection.io = std::make_unique<loop::IoEvent>(
        loop_, connection.fd.get(), [this, &connection](loop::Readiness) { serve(connection); });
    connection.io->wait_for({.read = true});
  }
  void serve(Connection& connection) {
    for (;;) {
      char room[4096];
      const ssize_t got = connection.tls != nullptr
                              ? SSL_read(connection.tls, room, sizeof room)
                              : recv(connection.fd.get(), room, sizeof room, 0);
      const bool later =
          connection.tls != nullptr
              ? got <= 0 && SSL_get_error(connection.tls, int(got)) == SSL_ERROR_WANT_READ
              : got < 0 && errno == EAGAIN;
      if (later) return;
      if (got <= 0) return close(connection);
      connection.in.append(room, static_cast<size_t>(got));
      while (connection.in.find("\r\n\r\n") != std::string::npos) {
        const size_t end = connection.in.find("\r\n\r\n") + 4;
        const std::string reply = answer_(connection.in.substr(0, end), connection.peer);
        connection.in.erase(0, end);
        if (reply.empty()) return close(connection);
        if (connection.tls != nullptr) {
          SSL_write(connection.tls, reply.data(), static_cast<int>(reply.size()));
        } else {
          [[maybe_unused]] const ssize_t sent =
              ::send(connection.fd.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
        }
        if (reply.find("Connection: close") != std::string::npos) return close(connection);
      }
    }
  }
  void close(Connection& connection) {
    connections_.remove_if([&](const auto& other) { return other.get() == &connection; });
  }

  loop::EventLoop& loop_;
  Answer answer_;
  SSL_CTX* context_ = nullptr;
  std::unique_ptr<loop::TcpListener> listener_;
  std::list<std::unique_ptr<Connection>> connections_;
};

// Turns the loop until `done`, at most two minutes.
template <typename Done>
bool turn_until(loop::EventLoop& loop, Done done) {
  const SteadyTime give_up = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!done() && std::chrono::steady_clock::now() < give_up) loop.run_once(milliseconds(50));
  return done();
}

}  // namespace stormdoor::storm::test
