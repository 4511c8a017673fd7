// Real clients: curl and openssl s_client fetch a configuration and a firmware file.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/tftp-http/http_fixture.hpp"
#include "tests/tftp-http/tls_fixture.hpp"
#include "tftp-http/certificate_files.hpp"
#include "tftp-http/credentials.hpp"
#include "tftp-http/http_files.hpp"

namespace stormdoor::http {
namespace {

using test::run_program;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr size_t kFirmwareBytes = 40 << 20;

const std::string& firmware_bytes() {
  static const std::string all = [] {
    std::string bytes(kFirmwareBytes, '\0');
    uint32_t state = 1;
    for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
  }();
  return all;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  std::string bytes(in ? static_cast<size_t>(in.tellg()) : 0, '\0');
  in.seekg(0);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

// A large file behind a descriptor.
class FileContent final : public Content {
 public:
  explicit FileContent(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status{};
    fstat(fd_.get(), &status);
    size_ = static_cast<uint64_t>(status.st_size);
  }
  [[nodiscard]] uint64_t size() const override { return size_; }
  [[nodiscard]] std::span<const std::byte> in_memory() const override { return {}; }
  [[nodiscard]] int descriptor() const override { return fd_.get(); }
  [[nodiscard]] Result<size_t> read(uint64_t offset, std::span<std::byte> into) const override {
    const ssize_t got = pread(fd_.get(), into.data(), into.size(), off_t(offset));
    if (got < 0) return system_error("read", errno);
    return size_t(got);
  }
  [[nodiscard]] const std::string& etag() const override { return etag_; }
  [[nodiscard]] WallTime modified() const override { return WallTime(seconds(1'000'000'000)); }

 private:
  UniqueFd fd_;
  uint64_t size_ = 0;
  std::string etag_ = "\"firmware\"";
};

// A configuration, a firmware file on disk and the same in memory, a file behind a login.
class FakeFiles final : public FileSource {
 public:
  std::map<std::string, std::shared_ptr<const Content>> files;
  Credentials credentials{"stormdoor"};
  std::vector<LoginScheme> schemes;  // of /private.cfg
  std::vector<LoginOutcome> outcomes;
  std::optional<MacAddress> last_mac;
  std::vector<std::string> delivered_paths;

  FileAnswer find(const FileRequest& request, Now now) override {
    last_mac = request.certificate_mac;
    FileAnswer answer;
    if (request.path == "/busy") answer.outcome = FileAnswer::Outcome::Busy;
    if (request.path == "/refused") {
      answer.outcome = FileAnswer::Outcome::Refused;
      answer.message = "This file belongs to another phone.";
    }
    if (request.path == "/private.cfg" && !logged_in(request, answer, now)) return answer;
    const auto file = files.find(std::string(request.path));
    if (file == files.end()) return answer;
    answer.outcome = FileAnswer::Outcome::Found;
    answer.content = file->second;
    answer.content_type = "text/xml";
    answer.secret = request.path == "/private.cfg";
    return answer;
  }
  void delivered(const FileAnswer& /*answer*/, const FileRequest& request, bool complete,
                 Now /*now*/) override {
    delivered_paths.push_back(std::string(request.path) + (complete ? "" : " cut off"));
  }

 private:
  bool logged_in(const FileRequest& request, FileAnswer& answer, Now now) {
    const LoginResult login = credentials.check(
        {request.authorization, request.method, request.target, request.source}, schemes,
        [](std::string_view user) {
          return user == "phone" ? std::optional(Secret("secret")) : std::nullopt;
        },
        now);
    outcomes.push_back(login.outcome);
    if (login.outcome == LoginOutcome::Correct) return true;
    answer.outcome = FileAnswer::Outcome::Unauthorized;
    answer.challenges =
        credentials.challenges(schemes, request.source, login.outcome == LoginOutcome::Stale, now);
    return false;
  }
};

class HttpClients : public ::testing::Test {
 protected:
  // Before a test's own run(): the files and the clients' folder.
  static void SetUpTestSuite() {
    folder_ = new test::TempDir;
    folder_->write("firmware", firmware_bytes());
    folder_->write("ca.pem", test_certificates().authority_pem);
    const auto client = issue_client(vendor_authority(), "000FD3054848", read_clocks()).value();
    folder_->write("client.pem", client.certificate_pem + std::string(client.key_pem.reveal()));
    const auto generic = issue_client(vendor_authority(), "Generic", read_clocks()).value();
    folder_->write("generic.pem", generic.certificate_pem + std::string(generic.key_pem.reveal()));
    const auto stranger = issue_authority(Secret(), read_clocks()).value();
    const auto foreign = issue_client(stranger, "000FD3054848", read_clocks()).value();
    folder_->write("foreign.pem", foreign.certificate_pem + std::string(foreign.key_pem.reveal()));
  }
  static void TearDownTestSuite() { delete folder_; }

  HttpClients() {
    files.files["/phone.cfg"] = make_content("<config><account/></config>\n", kModified);
    files.files["/private.cfg"] = make_content("secret", kModified);
    files.files["/firmware"] = std::make_shared<FileContent>(folder_->file("firmware"));
  }
  static constexpr WallTime kModified{seconds(1'000'000'000)};

  // curl's output with its exit status; certificates are checked against our authority.
  static test::Finished curl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"curl", "-sS", "-q", "--noproxy", "*", "--cacert",
                                         folder_->file("ca.pem"), "--max-time", "60"});
    return run_program(arguments);
  }
  static std::string url(const Endpoint& at, const std::string& path, bool tls) {
    return fmt::format("{}://{}{}", tls ? "https" : "http", at.to_string(), path);
  }
  // The 40 MB file byte for byte, and the configuration.
  void expect_both_files(const Endpoint& at, bool tls, std::vector<std::string> options) {
    auto arguments = options;
    arguments.insert(arguments.end(), {url(at, "/phone.cfg", tls)});
    const auto small = curl(arguments);
    EXPECT_EQ(small.out, "<config><account/></config>\n") << small.err;
    options.insert(options.end(), {"-o", folder_->file("got"), url(at, "/firmware", tls)});
    const auto large = curl(options);
    EXPECT_EQ(large.status, 0) << large.err;
    EXPECT_TRUE(read_file(folder_->file("got")) == firmware_bytes());
  }

  static test::TempDir* folder_;
  FakeFiles files;
  HttpConfig config;
};
test::TempDir* HttpClients::folder_ = nullptr;

// Files and their server on one thread.
struct FileServer {
  std::unique_ptr<HttpFiles> handler;
  struct Forward final : HttpHandler {
    HttpFiles* to = nullptr;
    void handle(HttpExchange& exchange) override { to->handle(exchange); }
  } forward;
  RunningServer server;

  FileServer(FakeFiles& files, const HttpConfig& config) : server(forward, config) {
    handler = std::make_unique<HttpFiles>(files, server.loop(), config);
    forward.to = handler.get();
  }
};

TEST_F(HttpClients, CurlFetchesOverHttp) {
  FileServer http(files, config);
  const Endpoint at = http.server.listen();
  http.server.run();
  expect_both_files(at, false, {});
  expect_both_files(at, false, {"--http1.0"});
}

TEST_F(HttpClients, CurlFetchesOverHttpsWithEachVersionAndKey) {
  FileServer http(files, config);
  const Endpoint at = http.server.listen(test_context());
  http.server.run();
  expect_both_files(at, true, {"--tlsv1.3", "--tls-max", "1.3"});
  for (const char* cipher : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"})
    expect_both_files(at, true, {"--tls-max", "1.2", "--ciphers", cipher});
}

TEST_F(HttpClients, KeepsOneConnectionForSeveralFiles) {
  FileServer http(files, config);
  const Endpoint at = http.server.listen(test_context());
  http.server.run();
  const auto got = curl({url(at, "/phone.cfg", true), url(at, "/phone.cfg", true), "-w",
                         "%{num_connects} %{http_version}\n"});
  EXPECT_THAT(got.out, HasSubstr("1 1.1\n"));
  EXPECT_THAT(got.out, HasSubstr("0 1.1\n"));
}

TEST_F(HttpClients, OldTlsIsForListenersThatSaySo) {
  FileServer http(files, config);
  const Endpoint modern = http.server.listen(test_context());
  TlsSettings old;
  old.least = TlsVersion::Tls10;
  const Endpoint legacy = http.server.listen(test_context(old));
  http.server.run();
  const std::vector<std::string> options = {"--tlsv1.0", "--tls-max", "1.1", "--ciphers",
                                            "DEFAULT@SECLEVEL=0"};
  auto to_modern = options, to_legacy = options;
  to_modern.push_back(url(modern, "/phone.cfg", true));
  to_legacy.push_back(url(legacy, "/phone.cfg", true));
  EXPECT_NE(curl(to_modern).status, 0);
  const auto got = curl(to_legacy);
  EXPECT_EQ(got.out, "<config><account/></config>\n") << got.err;
}

TEST_F(HttpClients, OpensslClientFetches) {
  FileServer http(files, config);
  const Endpoint at = http.server.listen(test_context());
  http.server.run();
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const auto got = run_program(
        {"openssl", "s_client", "-quiet", "-ign_eof", "-verify_return_error", "-alpn",
         "h2,http/1.1", "-CAfile", folder_->file("ca.pem"), version, "-connect", at.to_string()},
        "GET /phone.cfg HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(got.out, HasSubstr("<config><account/></config>")) << got.err;
    EXPECT_EQ(got.status, 0) << got.err;
  }
}

TEST_F(HttpClients, RangesConditionsAndHead) {
  FileServer http(files, config);
  const Endpoint plain = http.server.listen();
  const Endpoint tls = http.server.listen(test_context());
  http.server.run();
  const std::string& firmware = firmware_bytes();
  for (const bool encrypted : {false, true}) {
    const Endpoint& at = encrypted ? tls : plain;
    const auto part = curl({"-r", "1000000-1100000", url(at, "/firmware", encrypted)});
    EXPECT_EQ(part.out, firmware.substr(1'000'000, 100'001));
    const auto tail = curl({"-r", "-5", "-i", url(at, "/firmware", encrypted)});
    EXPECT_THAT(tail.out, StartsWith("HTTP/1.1 206 "));
    EXPECT_THAT(tail.out, HasSubstr("Content-Range: bytes 41943035-41943039/41943040"));
    const auto past = curl({"-r", "41943040-", "-i", url(at, "/firmware", encrypted)});
    EXPECT_THAT(past.out, StartsWith("HTTP/1.1 416 "));
    const auto head = curl({"-I", url(at, "/firmware", encrypted)});
    EXPECT_THAT(head.out, HasSubstr("Content-Length: 41943040\r\n"));
    const auto unchanged =
        curl({"-i", "-H", "If-None-Match: \"firmware\"", url(at, "/firmware", encrypted)});
    EXPECT_THAT(unchanged.out, StartsWith("HTTP/1.1 304 "));
    const auto since =
        curl({"-i", "-z", "Sun, 09 Sep 2001 01:46:40 GMT", url(at, "/phone.cfg", encrypted)});
    EXPECT_THAT(since.out, StartsWith("HTTP/1.1 304 "));
  }
  // A download that was cut off goes on where it stopped.
  folder_->write("half", firmware.substr(0, 5'000'000));
  curl({"-C", "-", "-o", folder_->file("half"), url(plain, "/firmware", false)});
  EXPECT_TRUE(read_file(folder_->file("half")) == firmware);
}

TEST_F(HttpClients, LogInWithDigestAndBasic) {
  FileServer http(files, config);
  const Endpoint at = http.server.listen();
  http.server.run();
  const auto fetch = [&](LoginScheme scheme, const char* option, const char* login) {
    http.server.on_loop([&](HttpServer&) { files.schemes = {scheme}; });
    return curl({option, "-u", login, url(at, "/private.cfg", false)});
  };
  EXPECT_EQ(fetch(LoginScheme::DigestMd5, "--digest", "phone:secret").out, "secret");
  EXPECT_EQ(fetch(LoginScheme::DigestSha256, "--digest", "phone:secret").out, "secret");
  EXPECT_EQ(fetch(LoginScheme::Basic, "--basic", "phone:secret").out, "secret");
  http.server.on_loop([&](HttpServer&) { files.outcomes.clear(); });
  EXPECT_EQ(fetch(LoginScheme::DigestSha256, "--digest", "phone:guess").out,
            "Log in to get this file.\n");
  http.server.on_loop([&](HttpServer&) {
    EXPECT_EQ(files.outcomes, (std::vector{LoginOutcome::None, LoginOutcome::Wrong}))
        << "the challenge is no failure, the guess is one";
  });
  const auto with_headers =
      curl({"-i", "--basic", "-u", "phone:secret", url(at, "/private.cfg", false)});
  EXPECT_THAT(with_headers.out, HasSubstr("\r\nCache-Control: no-store\r\n"));
}

TEST_F(HttpClients, AClientCertificateNamesItsPhone) {
  FileServer http(files, config);
  const Endpoint at = http.server.listen(test_context(with_client_certificates()));
  http.server.run();
  const auto mac_with = [&](std::vector<std::string> options) {
    options.push_back(url(at, "/phone.cfg", true));
    EXPECT_EQ(curl(options).out, "<config><account/></config>\n");
    std::optional<MacAddress> mac;
    http.server.on_loop([&](HttpServer&) { mac = files.last_mac; });
    return mac ? mac->lower_hex() : "none";
  };
  for (const char* version : {"1.2", "1.3"}) {
    EXPECT_EQ(mac_with({"--tls-max", version}), "none") << "none is needed";
    EXPECT_EQ(mac_with({"--tls-max", version, "--cert", folder_->file("client.pem")}),
              "000fd3054848");
    EXPECT_EQ(mac_with({"--tls-max", version, "--cert", folder_->file("generic.pem")}), "none");
    EXPECT_EQ(mac_with({"--tls-max", version, "--cert", folder_->file("foreign.pem")}), "none")
        << "another authority's proves nothing, and does not lock the phone out either";
  }
}

TEST_F(HttpClients, AClientsChainIsVerifiedOnceWhileItHolds) {
  FileServer http(files, config);
  const auto context = test_context(with_client_certificates());
  const Endpoint at = http.server.listen(context);
  http.server.run();
  const auto fetch = [&](const char* certificate) {
    http.server.on_loop([&](HttpServer&) { files.last_mac.reset(); });
    EXPECT_EQ(curl({"--cert", folder_->file(certificate), url(at, "/phone.cfg", true)}).out,
              "<config><account/></config>\n");
    std::optional<MacAddress> mac;
    http.server.on_loop([&](HttpServer&) { mac = files.last_mac; });
    return mac ? mac->lower_hex() : "none";
  };
  EXPECT_EQ(fetch("client.pem"), "000fd3054848");
  EXPECT_EQ(context->chains_remembered(), 0U);
  EXPECT_EQ(fetch("client.pem"), "000fd3054848");
  EXPECT_EQ(context->chains_remembered(), 1U);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(fetch("foreign.pem"), "none");
  EXPECT_EQ(context->chains_remembered(), 1U) << "only what holds is remembered";
  EXPECT_EQ(fetch("client.pem"), "000fd3054848");
  EXPECT_EQ(context->chains_remembered(), 2U);
}

// One file, fetched with a session that is stored in ("-sess_out") or taken from ("-sess_in") a
// file.
test::Finished fetch_with_session(const test::TempDir& folder, const Endpoint& at,
                                  const char* version, const char* option,
                                  const char* certificate) {
  return run_program(
      {"openssl", "s_client", "-ign_eof", version, "-CAfile", folder.file("ca.pem"), "-cert",
       folder.file(certificate), option, folder.file("session"), "-connect", at.to_string()},
      "GET /phone.cfg HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
}

TEST_F(HttpClients, ATls12SessionIsRememberedHereWithWhatItsCertificateProved) {
  const auto context = test_context(with_client_certificates());
  FileServer http(files, config);
  const Endpoint at = http.server.listen(context);
  http.server.run();
  int resumed = 0;
  for (const auto& [certificate, mac] :
       {std::pair{"client.pem", "000fd3054848"}, std::pair{"foreign.pem", "none"}}) {
    for (const char* option : {"-sess_out", "-sess_in"}) {
      const auto got = fetch_with_session(*folder_, at, "-tls1_2", option, certificate);
      EXPECT_THAT(got.out, HasSubstr("<config>")) << got.err;
      EXPECT_THAT(got.out, Not(HasSubstr("TLS session ticket"))) << "known by its ID alone";
      http.server.on_loop([&, expected = std::string(mac)](HttpServer&) {
        EXPECT_EQ(files.last_mac ? files.last_mac->lower_hex() : "none", expected);
        files.last_mac.reset();
      });
    }
    EXPECT_EQ(http.server.count("stormdoor_http_handshakes_total", {{"result", "resumed"}}),
              ++resumed);
  }
  // Another context: a reload or a restart. Nothing is lost but the short cut.
  FileServer other(files, config);
  const Endpoint there = other.server.listen(test_context(with_client_certificates()));
  other.server.run();
  EXPECT_THAT(fetch_with_session(*folder_, there, "-tls1_2", "-sess_in", "client.pem").out,
              HasSubstr("<config>"));
  EXPECT_EQ(other.server.count("stormdoor_http_handshakes_total", {{"result", "full"}}), 1);
}

TEST_F(HttpClients, ATicketKeepsWhatTheCertificateProvedOverARestart) {
  TlsSettings settings = with_client_certificates();
  settings.resumption = TlsResumption::All;
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const auto fetch = [&](const Endpoint& at, const char* option, const char* certificate) {
      return fetch_with_session(*folder_, at, version, option, certificate);
    };
    for (const auto& [certificate, mac] :
         {std::pair{"client.pem", "000fd3054848"}, std::pair{"foreign.pem", "none"}}) {
      {
        FileServer http(files, config);
        const Endpoint at = http.server.listen(test_context(settings));
        http.server.run();
        EXPECT_THAT(fetch(at, "-sess_out", certificate).out, HasSubstr("<config>"));
      }
      // Another server with the same secret: a restart.
      FileServer http(files, config);
      const Endpoint at = http.server.listen(test_context(settings));
      http.server.run();
      http.server.on_loop([&](HttpServer&) { files.last_mac.reset(); });
      const auto resumed = fetch(at, "-sess_in", certificate);
      EXPECT_THAT(resumed.out, HasSubstr("Reused, ")) << version << resumed.err;
      EXPECT_EQ(http.server.count("stormdoor_http_handshakes_total", {{"result", "resumed"}}), 1);
      http.server.on_loop([&, expected = std::string(mac)](HttpServer&) {
        EXPECT_EQ(files.last_mac ? files.last_mac->lower_hex() : "none", expected);
      });
    }
  }
}

TEST_F(HttpClients, RefusalsExplainThemselves) {
  FileServer http(files, config);
  const Endpoint at = http.server.listen();
  http.server.run();
  EXPECT_EQ(curl({url(at, "/refused", false)}).out, "This file belongs to another phone.\n");
  EXPECT_EQ(curl({url(at, "/missing", false)}).out, "There is no such file.\n");
  const auto busy = curl({"-i", url(at, "/busy", false)});
  EXPECT_THAT(busy.out, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(busy.out, HasSubstr("\r\nRetry-After: "));
  const auto upload = curl({"-T", folder_->file("ca.pem"), url(at, "/up.log", false)});
  EXPECT_THAT(upload.out, HasSubstr("files are not taken from phones"));
}

TEST_F(HttpClients, ABlockedSourceIsTurnedAwayBeforeItsHandshake) {
  FileServer http(files, config);
  const Endpoint at = http.server.listen(test_context());
  http.server.gate.shut();
  http.server.run();
  EXPECT_NE(curl({url(at, "/phone.cfg", true)}).status, 0);
  EXPECT_EQ(http.server.count("stormdoor_http_handshakes_total", {{"result", "full"}}), 0);
  EXPECT_EQ(http.server.count("stormdoor_http_refused_total", {{"reason", "rule"}}), 1);
}

TEST_F(HttpClients, CertificatesChangeWithoutHarmToDownloads) {
  FileServer http(files, config);
  const Endpoint at = http.server.listen(test_context());
  http.server.run();
  const auto other =
      issue_server(vendor_authority(), ServerKey::Ecdsa, {"127.0.0.1"}, read_clocks()).value();
  const auto changed = TlsContext::create({{"new", other.certificate_pem, other.key_pem}}, {},
                                          kTicketSecret, read_clocks())
                           .value();
  folder_->write("new-ca.pem", vendor_authority().certificate_pem);
  // Which of the two it meets does not matter here, only that what began is finished.
  std::thread downloads([&] {
    for (int i = 0; i < 2; ++i) {
      const auto got = curl({"-k", "-o", folder_->file("got"), url(at, "/firmware", true)});
      EXPECT_EQ(got.status, 0) << got.err;
      EXPECT_TRUE(read_file(folder_->file("got")) == firmware_bytes());
    }
  });
  for (int i = 0; i < 50; ++i) {
    http.server.on_loop(
        [&](HttpServer& server) { server.replace_tls(at, i % 2 == 0 ? changed : test_context()); });
  }
  downloads.join();
  http.server.on_loop([&](HttpServer& server) { server.replace_tls(at, changed); });
  const auto got = run_program({"curl", "-sS", "-q", "--noproxy", "*", "--cacert",
                                folder_->file("new-ca.pem"), url(at, "/phone.cfg", true)});
  EXPECT_EQ(got.out, "<config><account/></config>\n") << got.err;
}

TEST_F(HttpClients, ReportsWhatWasDelivered) {
  FileServer http(files, config);
  const Endpoint at = http.server.listen();
  http.server.run();
  curl({url(at, "/phone.cfg", false)});
  curl({"-I", url(at, "/phone.cfg", false)});
  {
    RawClient leaves(at);
    leaves.send(get("/firmware"));
    leaves.read(1000);
  }
  {
    // Half-closed and then reset: the next write finds a broken pipe.
    RawClient resets(at);
    resets.send(get("/firmware"));
    resets.end();
    resets.read(1000);
    const linger now{1, 0};
    setsockopt(resets.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  EXPECT_EQ(curl({url(at, "/phone.cfg", false)}).status, 0);
  while (http.server.open_connections() > 0) std::this_thread::yield();
  http.server.on_loop([&](HttpServer&) {
    EXPECT_THAT(files.delivered_paths, ::testing::Contains("/firmware cut off").Times(2));
    EXPECT_THAT(files.delivered_paths, ::testing::Contains("/phone.cfg").Times(2));
    EXPECT_THAT(files.delivered_paths, ::testing::Contains("/phone.cfg cut off")) << "HEAD";
  });
}

}  // namespace
}  // namespace stormdoor::http
