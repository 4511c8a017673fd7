#pragma once

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/loop/socket_address.hpp"
#include "bench/storm/boot_script.hpp"
#include "bench/storm/target.hpp"
#include "tests/bench/storm/fake_servers.hpp"
#include "tests/tftp-http/http_fixture.hpp"
#include "tests/tftp-http/tftp_fakes.hpp"
#include "tests/tftp-http/tls_fixture.hpp"
#include "tftp-http/http_files.hpp"
#include "tftp-http/tftp_server.hpp"

// The real servers for simulated phones to boot from.
namespace stormdoor::storm::test {

// Under the address sanitizer, where a TLS handshake costs several times as much, fewer will do.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// Every Cisco and Sangoma phone's configuration, of `bytes` and a little, and nothing else.
class Configurations final : public http::FileSource {
 public:
  explicit Configurations(size_t bytes)
      : content_(tftp::content_of("<device>" + std::string(bytes, 'x') + "</device>")) {}
  http::FileAnswer find(const http::FileRequest& request, Now) override {
    http::FileAnswer answer;
    if (!request.path.ends_with(".cnf.xml") && !request.path.ends_with(".cfg")) return answer;
    answer.outcome = http::FileAnswer::Outcome::Found;
    answer.content = content_;
    return answer;
  }
  void delivered(const http::FileAnswer& answer, const http::FileRequest&, bool complete,
                 Now) override {
    if (answer.content && complete) ++delivered_;
  }
  [[nodiscard]] uint64_t delivered() const { return delivered_; }

 private:
  std::shared_ptr<const http::Content> content_;
  uint64_t delivered_ = 0;
};

// TFTP, HTTP and HTTPS on ports of the kernel's choice, serving `files`, on a loop that the test
// runs, from any one thread, and that outlives it. Its clients trust only its own authority. It
// gives them minutes for what they are to do in seconds: the machine may have other things to do.
class RealServer {
 public:
  RealServer(loop::EventLoop& loop, http::FileSource& files)
      : handler_(files, loop, {}),
        http_({loop, handler_, gate_, sources_, metrics_.worker(0)}, patient()) {
    std::vector<UniqueFd> listeners;
    listeners.push_back(*loop::bind_socket(SOCK_DGRAM, loopback(), false));
    target_.tftp = *loop::local_endpoint(listeners[0].get());
    tftp_ = *tftp::TftpServer::create(loop, {}, files, metrics_.worker(0), std::move(listeners));
    target_.http = *http_.listen(loopback(), false);
    target_.https = *http_.listen(loopback(), false, http::test_context());
    const stormdoor::test::TempDir folder;
    std::ofstream(folder.file("ca.pem")) << http::test_certificates().authority_pem;
    tls_ = *TlsClient::create({.ca_file = folder.file("ca.pem")});
    target_.tls = tls_.get();
  }

  [[nodiscard]] const Target& target() const { return target_; }
  // Whether nobody is being served, on the loop's thread.
  [[nodiscard]] bool idle() const {
    return http_.open_connections() == 0 && tftp_->active_transfers() == 0;
  }

 private:
  static http::HttpConfig patient() {
    http::HttpConfig config;
    config.times.handshake = config.times.header = std::chrono::minutes(2);
    return config;
  }

  http::FakeGate gate_;
  http::HttpSourceCounts sources_;
  Metrics metrics_{1};
  http::HttpFiles handler_;
  http::HttpServer http_;
  std::unique_ptr<tftp::TftpServer> tftp_;
  std::unique_ptr<TlsClient> tls_;
  Target target_;
};

// How phones boot, with patience that outlasts a busy machine: what is asked twice got lost.
inline std::vector<BootScript> patient_scripts() {
  std::vector<BootScript> scripts = built_in_scripts();
  for (BootScript& script : scripts) {
    script.http_patience.timeout = std::chrono::minutes(2);
    script.tftp_patience.wait = seconds(20);
  }
  return scripts;
}

// The `number`th phone, at an address of its own (127.1.0.1 and on): a Cisco phone for TFTP, else a
// Sangoma phone.
inline PhoneSpec numbered_phone(uint32_t number, Transport transport) {
  PhoneSpec spec;
  const bool cisco = transport == Transport::Tftp;
  spec.vendor = cisco ? "cisco" : "sangoma";
  spec.model = cisco ? "CP-7945G" : "P330";
  spec.transport = transport;
  spec.mac = MacAddress({0, 0x1b, 0x54, 0, uint8_t(number >> 8), uint8_t(number)});
  spec.source = IpAddress::v4(0x7f01'0000 + number + 1);
  return spec;
}

}  // namespace stormdoor::storm::test
