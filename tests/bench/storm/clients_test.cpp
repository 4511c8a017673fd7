#include <gtest/gtest.h>

#include <fstream>

#include "bench/storm/http_client.hpp"
#include "bench/storm/tftp_client.hpp"
#include "tests/bench/storm/fake_servers.hpp"
#include "tests/support/temp_dir.hpp"

namespace stormdoor::storm {
namespace {

using Outcome = FetchResult::Outcome;

struct Clients : testing::Test {
  std::unique_ptr<loop::EventLoop> loop = *loop::EventLoop::create();
  StormLoop storm{*loop};
  const IpAddress source = IpAddress::v4(0x7f010203);

  FetchResult http(HttpClient& client, HttpRequest request) {
    std::optional<FetchResult> result;
    client.fetch(std::move(request), [&](FetchResult answer) { result = std::move(answer); });
    EXPECT_FALSE(result) << "answers come from the loop";
    EXPECT_TRUE(test::turn_until(*loop, [&] { return result.has_value(); }));
    return std::move(*result);
  }
  FetchResult tftp(TftpClient& client, const TftpRequest& request) {
    std::optional<FetchResult> result;
    client.fetch(request, [&](FetchResult answer) { result = std::move(answer); });
    EXPECT_TRUE(test::turn_until(*loop, [&] { return result.has_value(); }));
    return std::move(*result);
  }
  static HttpRequest get(const test::FakeHttp& server, std::string path) {
    HttpRequest request;
    request.server = server.endpoint();
    request.path = std::move(path);
    request.user_agent = "Phone/1";
    request.patience = {.tries = 2, .timeout = milliseconds(300), .between = milliseconds(1)};
    return request;
  }
};

TEST_F(Clients, TftpFetchesFromThePhonesOwnAddress) {
  test::FakeTftp server(*loop);
  server.files["a.cfg"] = std::string(3000, 'a');
  TftpClient client(storm, source);
  TftpRequest request{server.endpoint(), "a.cfg", {}, {}, true};
  for (const uint16_t block : {uint16_t{0}, uint16_t{1428}}) {
    request.options.block_size = block;
    const FetchResult result = tftp(client, request);
    EXPECT_EQ(result.outcome, Outcome::Found) << result.reason;
    EXPECT_EQ(result.body.text(), server.files["a.cfg"]);
  }
  ASSERT_EQ(server.clients.size(), 2U);  // a port of its own for each file
  EXPECT_EQ(server.clients.begin()->address, source);
}

TEST_F(Clients, TftpSurvivesLostRequestsAndBlocks) {
  test::FakeTftp server(*loop);
  server.files["a.cfg"] = std::string(5000, 'a');
  server.ignored_requests = 1;
  server.lost_every = 4;
  TftpClient client(storm, source);
  const FetchResult result =
      tftp(client, {server.endpoint(), "a.cfg", {}, {.tries = 4, .wait = milliseconds(20)}, false});
  EXPECT_EQ(result.outcome, Outcome::Found) << result.reason;
  EXPECT_EQ(result.body.bytes(), 5000U);
  EXPECT_GE(result.retries, 3U);
}

TEST_F(Clients, TftpReportsAnAddressThatIsNotOurs) {
  TftpClient client(storm, *IpAddress::parse("192.0.2.1"));
  const FetchResult result = tftp(client, {test::loopback(), "a", {}, {}, false});
  EXPECT_EQ(result.outcome, Outcome::Failed);
  EXPECT_NE(result.reason.find("192.0.2.1"), std::string::npos) << result.reason;
}

TEST_F(Clients, HttpAsksOnOneConnectionFromThePhonesOwnAddress) {
  std::string heard;
  Endpoint from;
  test::FakeHttp server(*loop, nullptr, [&](const std::string& head, const Endpoint& peer) {
    heard = head;
    from = peer;
    return head.starts_with("GET /a ") ? test::FakeHttp::found("hello") : test::FakeHttp::missing();
  });
  HttpClient client(storm, source);
  const FetchResult found = http(client, get(server, "/a"));
  EXPECT_EQ(found.outcome, Outcome::Found) << found.reason;
  EXPECT_EQ(found.body.text(), "hello");
  EXPECT_EQ(http(client, get(server, "/b")).outcome, Outcome::Missing);
  EXPECT_EQ(client.connections(), 1U);
  EXPECT_EQ(from.address, source);
  EXPECT_NE(heard.find("\r\nHost: 127.0.0.1:"), std::string::npos);
  EXPECT_NE(heard.find("\r\nUser-Agent: Phone/1\r\n"), std::string::npos);
}

TEST_F(Clients, HttpConnectsAgainWhenTheServerHasHungUpBetweenTwoFiles) {
  int requests = 0;
  test::FakeHttp server(*loop, nullptr, [&](const std::string&, const Endpoint&) {
    return ++requests == 2 ? std::string() : test::FakeHttp::found("x");
  });
  HttpClient client(storm, source);
  EXPECT_EQ(http(client, get(server, "/a")).retries, 0U);
  const FetchResult second = http(client, get(server, "/b"));
  EXPECT_EQ(second.outcome, Outcome::Found) << second.reason;
  EXPECT_EQ(second.retries, 0U);
  EXPECT_EQ(client.connections(), 2U);
}

TEST_F(Clients, HttpIsAsPatientAsToldAndNoMore) {
  int requests = 0;
  const std::string busy = "HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n";
  test::FakeHttp server(*loop, nullptr, [&](const std::string&, const Endpoint&) {
    return ++requests < 3 ? busy : test::FakeHttp::found("x");
  });
  HttpClient client(storm, source);
  const FetchResult gave_up = http(client, get(server, "/a"));
  EXPECT_EQ(gave_up.outcome, Outcome::Failed);
  EXPECT_EQ(gave_up.reason, "HTTP 503");
  EXPECT_EQ(gave_up.status, 503);
  EXPECT_EQ(gave_up.retries, 1U);
  EXPECT_FALSE(gave_up.hung_up);
  requests = 0;
  HttpRequest request = get(server, "/a");
  request.patience.tries = 3;  // Retry-After is not heeded: else this would take a minute
  EXPECT_EQ(http(client, request).outcome, Outcome::Found);
}

TEST_F(Clients, HttpNoticesSilenceAHangUpAndARefusal) {
  test::FakeHttp server(*loop, nullptr,
                        [&](const std::string&, const Endpoint&) { return std::string(); });
  HttpClient client(storm, source);
  const FetchResult hung_up = http(client, get(server, "/a"));
  EXPECT_EQ(hung_up.reason, "connection closed");
  EXPECT_TRUE(hung_up.hung_up);

  const auto silent = *loop::TcpListener::bind(*loop, test::loopback(), false,
                                               [](const UniqueFd&, const Endpoint&) {});
  silent->pause();
  HttpRequest request = get(server, "/a");
  request.server = silent->local();
  request.patience.tries = 1;
  EXPECT_EQ(http(client, request).reason, "time-out");

  const UniqueFd bound(socket(AF_INET, SOCK_STREAM, 0));  // bound, not listening
  auto closed = *loop::TcpListener::bind(*loop, test::loopback(), false, {});
  request.server = closed->local();
  closed.reset();
  EXPECT_EQ(http(client, request).reason, "connection refused");
}

TEST_F(Clients, HttpLogsInWhenAsked) {
  std::vector<std::string> heads;
  test::FakeHttp server(*loop, nullptr, [&](const std::string& head, const Endpoint&) {
    heads.push_back(head);
    if (head.find("Authorization: Digest username=\"u\"") != std::string::npos)
      return test::FakeHttp::found("secret");
    return std::string(
        "HTTP/1.1 401 Who?\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n");
  });
  HttpClient client(storm, source);
  HttpRequest request = get(server, "/a");
  EXPECT_EQ(http(client, request).status, 401);
  request.login = HttpLogin{"u", "p", HttpLogin::Scheme::Best};
  const FetchResult result = http(client, request);
  EXPECT_EQ(result.outcome, Outcome::Found) << result.reason;
  EXPECT_EQ(heads.size(), 3U);
  request.login = HttpLogin{"other", "p", HttpLogin::Scheme::Best};
  EXPECT_EQ(http(client, request).outcome, Outcome::Refused);
  EXPECT_EQ(heads.size(), 5U);  // a wrong password is not tried twice
}

TEST_F(Clients, HttpAsksTheServerToHangUpWhenItIsToldTo) {
  std::string head;
  test::FakeHttp server(*loop, nullptr, [&](const std::string& asked, const Endpoint&) {
    head = asked;
    return test::FakeHttp::found("x");
  });
  HttpClient client(storm, source);
  http(client, get(server, "/a"));
  EXPECT_EQ(head.find("Connection:"), std::string::npos);
  HttpRequest request = get(server, "/a");
  request.closes = true;
  http(client, request);
  EXPECT_NE(head.find("\r\nConnection: close\r\n"), std::string::npos);
}

TEST_F(Clients, HttpsTakesTheLatestSessionUpOnlyWhenItIsToldTo) {
  const test::FakeIdentity identity;
  test::FakeHttp server(*loop, &identity, [](const std::string&, const Endpoint&) {
    return test::FakeHttp::found("x");
  });
  using Version = TlsClient::Version;
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    for (const bool resumes : {false, true}) {
      const auto tls = *TlsClient::create({.ca_file = "", .version = version, .resumes = resumes});
      for (int phone = 0; phone < 3; ++phone) {
        HttpClient client(storm, source);
        HttpRequest request = get(server, "/a");
        request.tls = tls.get();
        EXPECT_EQ(http(client, request).outcome, Outcome::Found);
      }
      EXPECT_EQ(tls->resumed(), resumes ? 2U : 0U);
    }
  }
}

TEST_F(Clients, HttpsVerifiesTheServerOrNot) {
  const test::FakeIdentity identity;
  const test::FakeIdentity other;
  test::FakeHttp server(*loop, &identity, [](const std::string&, const Endpoint&) {
    return test::FakeHttp::found(std::string(100'000, 'x'));
  });
  const stormdoor::test::TempDir directory;
  std::ofstream(directory.file("good.pem")) << identity.pem();
  std::ofstream(directory.file("bad.pem")) << other.pem();
  const auto fetch = [&](const TlsClient::Options& options, const std::string& host = "") {
    const auto tls = *TlsClient::create(options);
    HttpClient client(storm, source);
    HttpRequest request = get(server, "/a");
    request.tls = tls.get();
    request.host = host;
    request.patience.tries = 1;
    FetchResult first = http(client, request);
    if (first.outcome == Outcome::Found) {
      EXPECT_EQ(http(client, request).body.bytes(), 100'000U);
    }
    return first;
  };
  using Version = TlsClient::Version;
  for (const Version version : {Version::Any, Version::Tls12, Version::Tls13}) {
    const FetchResult good = fetch({directory.file("good.pem"), true, version, "", ""});
    EXPECT_EQ(good.outcome, Outcome::Found) << good.reason;
    EXPECT_EQ(good.body.bytes(), 100'000U);
  }
  EXPECT_EQ(fetch({}).outcome, Outcome::Found);
  const FetchResult bad = fetch({.ca_file = directory.file("bad.pem")});
  EXPECT_EQ(bad.outcome, Outcome::Failed);
  EXPECT_EQ(bad.reason, "TLS: certificate verify failed");
  TlsClient::Options good{.ca_file = directory.file("good.pem")};
  EXPECT_EQ(fetch(good, "pbx.example").outcome, Outcome::Found);
  EXPECT_EQ(fetch(good, "other.example").reason, "TLS: certificate of another host");
  good.check_names = false;
  EXPECT_EQ(fetch(good, "other.example").outcome, Outcome::Found);
}

TEST(TlsClient, AFileThatIsNoAuthorityIsAnError) {
  const auto tls = TlsClient::create({.ca_file = "/nowhere/ca.pem"});
  ASSERT_FALSE(tls);
  EXPECT_NE(tls.error().message().find("/nowhere/ca.pem"), std::string::npos);
}

}  // namespace
}  // namespace stormdoor::storm
