#include "portal/guard_api.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "portal/status_pages.hpp"
#include "tests/tftp-http/http_fixture.hpp"

namespace stormdoor::portal {
namespace {

const std::string kToken = "6f0c2e3f8c6a4f5d";
constexpr std::string_view kReport =
    R"({"service":"sip","source":"198.51.100.7","kind":"wrong-password","transport":"tls"})";

acl::AclRules rules_for(acl::ServiceSet services) {
  acl::AclRules rules;
  acl::Network everywhere;
  everywhere.name = "everywhere";
  everywhere.prefixes = {*IpPrefix::parse("0.0.0.0/0"), *IpPrefix::parse("::/0")};
  everywhere.services = services;
  rules.networks = {everywhere};
  return rules;
}

// The pages with the API behind a real server.
struct ServedApi {
  explicit ServedApi(acl::ServiceSet services = acl::ServiceSet::all(),
                     const std::string& token = kToken)
      : guard(acl::RuleSet::from(rules_for(services)), acl::GuardSizes{}) {
    api.replace_token(Secret(token));
    server.run();
  }

  std::string ask(const std::string& request) const {
    http::RawClient client(address);
    EXPECT_TRUE(client.send(request));
    return client.read_all();
  }
  std::string get(const std::string& path, const std::string& further = "") const {
    return ask(
        fmt::format("GET {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                    "Authorization: Bearer {}\r\n{}\r\n",
                    path, kToken, further));
  }
  std::string post(std::string_view body, const std::string& token = kToken,
                   const std::string& path = "/api/v1/failures") const {
    return ask(
        fmt::format("POST {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                    "Authorization: bearer {}\r\nContent-Length: {}\r\n\r\n{}",
                    path, token, body.size(), body));
  }

  acl::Guard guard;
  std::vector<ReportedLogin> judged;
  GuardApi api{{.guard = guard, .judge = [this](const ReportedLogin& login, Now now) {
                  judged.push_back(login);
                  return login.success ? acl::Verdict{} : guard.report_failure(login.failure, now);
                }}};
  StatusPages pages{{.metrics = [] { return std::string("m 1\n"); },
                     .trouble = [] { return std::string(); },
                     .authority_pem = [] { return std::string(); }},
                    &api};
  http::RunningServer server{pages, [] {
                               http::HttpConfig config;
                               config.request.body_bytes = kMostReportBytes;
                               return config;
                             }()};
  Endpoint address = server.listen();
};

bool has(const std::string& answer, std::string_view part) {
  return answer.find(part) != std::string::npos;
}

TEST(GuardApi, TakesAReport) {
  ServedApi served;
  const auto answer = served.post(kReport);
  EXPECT_TRUE(has(answer, "HTTP/1.1 200")) << answer;
  EXPECT_TRUE(has(answer, R"("counted":1)")) << answer;
  ASSERT_EQ(served.judged.size(), 1U);
  EXPECT_EQ(served.judged[0].failure.source.to_string(), "198.51.100.7");
}

TEST(GuardApi, SaysWhichBlocksAReportLedTo) {
  ServedApi served;
  std::string reports = "[";
  for (int i = 0; i < 10; ++i) reports += (i == 0 ? "" : ",") + std::string(kReport);
  const auto answer = served.post(reports + "]");
  EXPECT_TRUE(has(answer, R"("source":"198.51.100.7)")) << answer;
  const auto feed = served.get("/api/v1/blocks.txt");
  EXPECT_TRUE(has(feed, "\n198.51.100.7\n")) << feed;
}

TEST(Promise13, AWrongReportIsAnsweredWithTheFieldThatIsWrong) {
  ServedApi served;
  const auto answer = served.post(R"([{"service":"sip","source":"nowhere","kind":"success"}])");
  EXPECT_TRUE(has(answer, "HTTP/1.1 400")) << answer;
  EXPECT_TRUE(has(answer, "application/problem+json")) << answer;
  EXPECT_TRUE(has(answer, R"("pointer":"#/0/source")")) << answer;
  EXPECT_TRUE(served.judged.empty());
}

TEST(GuardApi, AWrongTokenIsAFailureAndTheSameOneTheSameMistake) {
  ServedApi served;
  for (int i = 0; i < 3; ++i) {
    const auto answer = served.post(kReport, "0123456789abcdef");
    EXPECT_TRUE(has(answer, "HTTP/1.1 401")) << answer;
    EXPECT_TRUE(has(answer, "WWW-Authenticate: Bearer"));
    EXPECT_FALSE(has(answer, kToken));
  }
  ASSERT_EQ(served.judged.size(), 3U);
  EXPECT_EQ(served.judged[0].failure.service, acl::Service::Api);
  EXPECT_EQ(served.judged[0].failure.kind, acl::FailureKind::WrongToken);
  EXPECT_EQ(served.judged[0].failure.fingerprint, served.judged[2].failure.fingerprint);
  EXPECT_EQ(served.guard.counters().repeated_mistakes, 2U);
}

TEST(GuardApi, NoTokenAtAllIsAskedForOneAndIsNoFailure) {
  ServedApi served;
  const auto answer =
      served.ask("GET /api/v1/blocks.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(has(answer, "HTTP/1.1 401")) << answer;
  EXPECT_TRUE(served.judged.empty());
}

TEST(GuardApi, GuessersAreRefusedEvenWithTheRightToken) {
  ServedApi served;
  for (int i = 0; i < 10; ++i) served.post(kReport, fmt::format("0123456789abcde{}", i));
  EXPECT_TRUE(has(served.post(kReport), "HTTP/1.1 403"));
}

TEST(GuardApi, ANetworkMustAllowIt) {
  const ServedApi served({acl::Service::Sip});
  EXPECT_TRUE(has(served.get("/api/v1/blocks.txt"), "HTTP/1.1 403"));
  EXPECT_TRUE(has(served.get("/metrics"), "HTTP/1.1 200"));
}

TEST(GuardApi, WithoutATokenConfiguredThereIsNone) {
  const ServedApi served(acl::ServiceSet::all(), "");
  EXPECT_TRUE(has(served.get("/api/v1/blocks.txt"), "HTTP/1.1 404"));
  EXPECT_TRUE(has(served.ask("GET /api/v1/blocks.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                             "Authorization: Bearer \r\n\r\n"),
                  "HTTP/1.1 404"));
}

TEST(GuardApi, FeedsOtherFirewallsByServiceAndOnlyWhatIsNew) {
  ServedApi served;
  const Now now = read_clocks();
  const auto add = [&](const char* prefix, acl::Service service, const char* account = "") {
    ASSERT_TRUE(served.guard.add_block({.source = *IpPrefix::parse(prefix),
                                        .service = static_cast<uint8_t>(service),
                                        .since = now.wall,
                                        .until = WallTime::max(),
                                        .repeats = 0,
                                        .reason = "r",
                                        .by_administrator = true,
                                        .account = account},
                                       now));
  };
  add("198.51.100.0/24", acl::Service::Sip);
  add("2001:db8::7", acl::Service::Sip);
  add("203.0.113.9", acl::Service::Portal);
  add("203.0.113.11", acl::Service::Sip, "2041");
  const auto all = served.get("/api/v1/blocks.txt");
  EXPECT_TRUE(has(all, "# generated 20")) << all;
  EXPECT_TRUE(has(all, "198.51.100.0/24\n") && has(all, "2001:db8::7\n") &&
              has(all, "203.0.113.9\n"));
  const auto sip = served.get("/api/v1/blocks.txt?service=sip");
  EXPECT_FALSE(has(sip, "203.0.113.9"));
  EXPECT_FALSE(has(sip, "203.0.113.11"));
  EXPECT_TRUE(has(served.get("/api/v1/blocks.txt?service=fax"), "HTTP/1.1 400"));

  const size_t begin = all.find("ETag: ") + 6;
  const std::string tag = all.substr(begin, all.find('\r', begin) - begin);
  EXPECT_TRUE(
      has(served.get("/api/v1/blocks.txt", "If-None-Match: " + tag + "\r\n"), "HTTP/1.1 304"));
  add("203.0.113.10", acl::Service::Sip);
  EXPECT_TRUE(
      has(served.get("/api/v1/blocks.txt", "If-None-Match: " + tag + "\r\n"), "HTTP/1.1 200"));
}

TEST(GuardApi, RefusesOtherPathsAndMethods) {
  const ServedApi served;
  EXPECT_TRUE(has(served.get("/api/v2"), "HTTP/1.1 404"));
  EXPECT_TRUE(has(served.get("/api/v1/failures"), "HTTP/1.1 405"));
  EXPECT_TRUE(has(served.post("", kToken, "/api/v1/blocks.txt"), "Allow: GET, HEAD"));
  EXPECT_TRUE(has(served.post("", kToken, "/metrics"), "HTTP/1.1 405"));
}

TEST(Promise12, ABodyIsBounded) {
  ServedApi served;
  const std::string fits = std::string(kMostReportBytes - kReport.size(), ' ').append(kReport);
  EXPECT_TRUE(has(served.post(fits), "HTTP/1.1 200"));
  EXPECT_TRUE(has(served.post(fits + " "), "HTTP/1.1 413"));
}

}  // namespace
}  // namespace stormdoor::portal
