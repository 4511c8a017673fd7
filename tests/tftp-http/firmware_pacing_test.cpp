// Firmware over TFTP, HTTP and HTTPS on one paced link, fetched by real clients, with the real
// clock: whatever the machine does meanwhile, a link gives no more than its budget.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/tftp-http/http_fixture.hpp"
#include "tests/tftp-http/tftp_client.hpp"
#include "tests/tftp-http/tftp_fakes.hpp"
#include "tests/tftp-http/tls_fixture.hpp"
#include "tftp-http/firmware_pass.hpp"
#include "tftp-http/http_files.hpp"
#include "tftp-http/tftp_server.hpp"

namespace stormdoor::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using tftp::patterned;

constexpr uint64_t kKiB = 1024;
constexpr size_t kFirmware = 256 * kKiB;

FirmwareLinkTerms terms_of(uint64_t rate, uint64_t per_phone) {
  FirmwareLinkTerms terms;
  terms.name = "Lyon";
  terms.bytes_per_second = rate;
  terms.burst_bytes = 32 * kKiB;
  terms.useful_bytes_per_second = per_phone;
  return terms;
}

std::shared_ptr<FirmwareLink> make_link(uint64_t rate, uint64_t per_phone) {
  return std::make_shared<FirmwareLink>(terms_of(rate, per_phone));
}

// One worker: HTTP, HTTPS and TFTP on one loop.
class Site {
 public:
  explicit Site(std::shared_ptr<FirmwareLink> link) : link_(std::move(link)) {
    files.add("phone.cfg", "[phone]\n");
    files.add("firmware.bin", patterned(kFirmware));
    files.answers["firmware.bin"].link = link_;
    handler_.on_request = [this](HttpExchange& exchange) { http_files_->handle(exchange); };
    server_ = std::make_unique<RunningServer>(handler_);
    http_files_ = std::make_unique<HttpFiles>(files, server_->loop(), HttpConfig{});
    http = server_->listen();
    https = server_->listen(test_context());
    auto fd = loop::bind_socket(SOCK_DGRAM, *Endpoint::parse("127.0.0.1:0"), true);
    tftp = *loop::local_endpoint(fd->get());
    std::vector<UniqueFd> listeners;
    listeners.push_back(std::move(*fd));
    tftp::TftpConfig config;
    config.sizes.transfer_ports = 16;
    tftp_server_ = std::move(*tftp::TftpServer::create(
        server_->loop(), config, files, server_->metrics.worker(0), std::move(listeners)));
  }
  ~Site() {
    if (running_) server_->on_loop([this](HttpServer&) { tftp_server_.reset(); });
    tftp_server_.reset();
    server_.reset();  // what is under way ends in http_files_
  }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  void run() {
    running_ = true;
    server_->run();
  }
  RunningServer& server() { return *server_; }

  tftp::FakeFiles files;
  Endpoint http, https, tftp;

 private:
  std::shared_ptr<FirmwareLink> link_;
  FakeHandler handler_;
  std::unique_ptr<RunningServer> server_;
  std::unique_ptr<HttpFiles> http_files_;
  std::unique_ptr<tftp::TftpServer> tftp_server_;
  bool running_ = false;
};

// Clients of their own processes, each with its file.
class Clients {
 public:
  void start(std::vector<std::string> command) {
    const std::string file = folder_.file(std::to_string(files_.size()));
    for (std::string& word : command)
      if (word == "FILE") word = file;
    command.insert(command.begin(), "/usr/bin/env");  // looks in PATH
    files_.push_back(file);
    children_.emplace_back(command, std::map<std::string, std::string>{}, file + ".err");
  }
  void curl(std::string url) {
    start({"curl", "-sSkq", "--noproxy", "*", "--max-time", "60", "-o", "FILE", std::move(url)});
  }
  [[nodiscard]] size_t started() const { return children_.size(); }
  // How many have got `wanted`, whole.
  size_t served(const std::string& wanted) {
    size_t whole = 0;
    for (size_t i = 0; i < children_.size(); ++i) {
      const int status = children_[i].wait();
      std::ifstream in(files_[i], std::ios::binary);
      const std::string got{std::istreambuf_iterator<char>(in), {}};
      EXPECT_EQ(status, 0) << i;
      whole += status == 0 && got == wanted ? 1 : 0;
    }
    return whole;
  }

 private:
  test::TempDir folder_;
  std::vector<std::string> files_;
  std::deque<test::ChildProcess> children_;
};

std::string url(const char* scheme, const Endpoint& at, const char* file = "firmware.bin") {
  return std::string(scheme) + "://" + at.to_string() + "/" + file;
}

TEST(FirmwarePacing, OneBudgetHoldsForAllProtocolsTogetherWhileConfigurationsDoNotWait) {
  // Half a minute of firmware at first.
  const auto link = make_link(48 * kKiB, 8 * kKiB);
  Site site(link);
  site.run();
  Clients clients;
  for (int i = 0; i < 2; ++i) {
    clients.curl(url("tftp", site.tftp));
    clients.curl(url("http", site.http));
    clients.curl(url("https", site.https));
  }
  for (int i = 0; i < 10; ++i) {
    const auto tftp = test::run_program({"curl", "-sSq", url("tftp", site.tftp, "phone.cfg")});
    const auto https = test::run_program(
        {"curl", "-sSkq", "--noproxy", "*", url("https", site.https, "phone.cfg")});
    EXPECT_EQ(tftp.out, "[phone]\n");
    EXPECT_EQ(https.out, "[phone]\n");
  }
  const uint64_t sent = link->facts(std::chrono::steady_clock::now()).bytes;
  EXPECT_LT(sent, 6 * kFirmware);

  constexpr uint64_t kRate = 1024 * kKiB;
  const auto began = std::chrono::steady_clock::now();
  link->replace_terms(terms_of(kRate, 64 * kKiB));
  EXPECT_EQ(clients.served(patterned(kFirmware)), 6U);
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  // What was given before: a burst, and each one's turn that is not told yet.
  const uint64_t given = sent + kRate / 20 + 6 * 32 * kKiB;
  EXPECT_GE(took, double(6 * kFirmware - given) / double(kRate));
  const auto facts = link->facts(std::chrono::steady_clock::now());
  EXPECT_GE(facts.bytes, 6 * kFirmware);
  EXPECT_LE(facts.bytes, 6 * kFirmware + 20 * kKiB);  // TFTP's headers, a repeated block or two
  EXPECT_EQ(facts.seated + facts.waiting, 0U);
}

// Twelve for two seats: who waits longer than his client's time-out is kept by little.
TEST(FirmwarePacing, EveryClientWaitsForItsSeatWithoutGivingUp) {
  const auto link = make_link(512 * kKiB, 256 * kKiB);
  Site site(link);
  site.run();
  Clients clients;
  for (int i = 0; i < 2; ++i) {
    clients.curl(url("tftp", site.tftp));
    clients.curl(url("http", site.http));
    clients.curl(url("https", site.https));
    const std::string port = std::to_string(site.tftp.port);
    if (test::program_exists("atftp"))
      clients.start({"atftp", "--option", "blksize 1428", "--option", "windowsize 8", "--option",
                     "timeout 1", "-g", "-r", "firmware.bin", "-l", "FILE", "127.0.0.1", port});
    if (test::program_exists("tftp"))
      clients.start(
          {"tftp", "-m", "binary", "127.0.0.1", port, "-c", "get", "firmware.bin", "FILE"});
    if (test::program_exists("busybox"))
      clients.start({"busybox", "tftp", "-g", "-b", "1024", "-r", "firmware.bin", "-l", "FILE",
                     "127.0.0.1", port});
  }
  const std::string wanted = patterned(kFirmware);
  const size_t all = clients.started();
  EXPECT_EQ(clients.served(wanted), all);
  EXPECT_EQ(site.server().count("stormdoor_tftp_transfers_total", {{"end", "timed-out"}}), 0);
}

TEST(FirmwarePacing, WhoAsksWithOptionsHearsThatItIsNotForgottenWhileItWaits) {
  const auto link = make_link(64 * kKiB, 64 * kKiB);
  Site site(link);
  FirmwarePass first(link, {});
  ASSERT_GT(first.allowance(1, std::chrono::steady_clock::now()), 0U);
  tftp::TestClient phone(site.server().loop(), "127.0.0.2");
  const auto offered = phone.request(site.tftp, "firmware.bin", {.block_size = 1024});
  ASSERT_EQ(offered.size(), 1U);
  const Endpoint transfer = offered[0].from;
  EXPECT_EQ(phone.ack(transfer, 0).size(), 0U);  // its place is waited for
  EXPECT_EQ(link->facts(std::chrono::steady_clock::now()).waiting, 1U);
  for (int i = 0; i < 3; ++i) {
    const auto again = phone.ack(transfer, 0);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].bytes, offered[0].bytes);
  }
  const auto small = phone.request(site.tftp, "phone.cfg");
  EXPECT_EQ(small.size(), 0U);  // one file at a time for one endpoint
  tftp::TestClient other(site.server().loop(), "127.0.0.2");
  EXPECT_EQ(other.request(site.tftp, "phone.cfg").size(), 1U);
}

TEST(FirmwarePacing, ASeatIsTakenOnlyByWhoeverHasShownThatHeReceives) {
  const auto link = make_link(64 * kKiB, 64 * kKiB);
  Site site(link);
  tftp::TestClient phone(site.server().loop(), "127.0.0.2");
  EXPECT_EQ(phone.request(site.tftp, "firmware.bin", {.block_size = 1024}).size(), 1U);
  EXPECT_EQ(phone.request(site.tftp, "firmware.bin").size(), 1U);
  const auto facts = link->facts(std::chrono::steady_clock::now());
  EXPECT_EQ(facts.seated + facts.waiting, 0U);
}

TEST(FirmwarePacing, ARequestForNothingButTheHeadTakesNoSeat) {
  const auto link = make_link(64 * kKiB, 64 * kKiB);
  Site site(link);
  FirmwarePass first(link, {});
  ASSERT_GT(first.allowance(1, std::chrono::steady_clock::now()), 0U);
  site.run();
  RawClient client(site.http);
  client.send("HEAD /firmware.bin HTTP/1.1\r\nHost: phone\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_all(), HasSubstr("Content-Length: 262144"));
  EXPECT_EQ(link->facts(std::chrono::steady_clock::now()).waiting, 0U);
}

TEST(FirmwarePacing, HttpIsHeldUnlessThePhoneIsKnownToComeAgain) {
  const auto link = make_link(64 * kKiB, 64 * kKiB);
  Site site(link);
  FirmwarePass first(link, {});
  ASSERT_GT(first.allowance(1, std::chrono::steady_clock::now()), 0U);
  site.files.answers["again.bin"] = site.files.answers["firmware.bin"];
  site.files.answers["again.bin"].retries_after_503 = true;
  site.run();
  RawClient held(site.http), sent_away(site.http);
  held.send(get("/firmware.bin"));
  EXPECT_THAT(held.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(link->facts(std::chrono::steady_clock::now()).waiting, 1U);
  sent_away.send(get("/again.bin"));
  const std::string answer = sent_away.read_until("\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("\r\nRetry-After: "));
  EXPECT_EQ(link->facts(std::chrono::steady_clock::now()).waiting, 1U);
}

}  // namespace
}  // namespace stormdoor::http
