#include "portal/login_report.hpp"

#include <gtest/gtest.h>

namespace stormdoor::portal {
namespace {

using acl::FailureKind;
using acl::PathProof;

std::string pointers(const LoginReport& report) {
  std::string all;
  for (const auto& wrong : report.problems) all += wrong.pointer + " ";
  return all;
}

ReportedLogin one(std::string_view body) {
  const auto report = read_login_report(body);
  EXPECT_EQ(pointers(report), "") << body;
  EXPECT_EQ(report.logins.size(), 1U) << body;
  return report.logins.empty() ? ReportedLogin{} : report.logins[0];
}

std::string list_of(size_t count) {
  std::string body = "[";
  for (size_t i = 0; i < count; ++i)
    body += std::string(i == 0 ? "" : ",") + R"({"service":"sip","source":"::1","kind":"success"})";
  return body + "]";
}

TEST(LoginReport, ReadsEveryField) {
  const auto login = one(R"({"service":"sip","source":"198.51.100.7","account":"2041","port":5060,
                             "transport":"tls","kind":"wrong-password"})");
  EXPECT_FALSE(login.success);
  EXPECT_EQ(login.failure.service, acl::Service::Sip);
  EXPECT_EQ(login.failure.kind, FailureKind::SipRefused);
  EXPECT_EQ(login.failure.source.to_string(), "198.51.100.7");
  EXPECT_EQ(login.failure.account, "2041");
  EXPECT_EQ(login.failure.port, 5060);
  EXPECT_TRUE(login.failure.tcp);
  EXPECT_EQ(login.failure.proof, PathProof::Connected);
}

TEST(LoginReport, KnowsEveryKind) {
  EXPECT_TRUE(one(R"({"service":"sip","source":"::1","kind":"success"})").success);
  EXPECT_EQ(one(R"({"service":"sip","source":"::1","kind":"unknown-account"})").failure.kind,
            FailureKind::SipRefused);
  EXPECT_EQ(one(R"({"service":"portal","source":"::1","kind":"wrong-password"})").failure.kind,
            FailureKind::WrongPassword);
  EXPECT_EQ(one(R"({"service":"desk-login","source":"::1","kind":"wrong-pin"})").failure.kind,
            FailureKind::WrongPin);
  EXPECT_EQ(pointers(read_login_report(R"({"service":"sip","source":"::1","kind":"wrong-pin"})")),
            "/kind ");
}

TEST(Promise4, AReportedUdpLoginProvesItsPathOnlyIfItAnsweredANonce) {
  const auto proof = [](std::string_view further) {
    return one(std::string(R"({"service":"sip","source":"::1","kind":"wrong-password")")
                   .append(further)
                   .append("}"))
        .failure.proof;
  };
  EXPECT_EQ(proof(R"(,"transport":"udp")"), PathProof::Acknowledged);
  EXPECT_EQ(proof(R"(,"transport":"udp","answered":false)"), PathProof::None);
  EXPECT_EQ(proof(R"(,"answered":false)"), PathProof::None);
  EXPECT_EQ(proof(R"(,"transport":"tcp","answered":false)"), PathProof::Connected);
}

TEST(LoginReport, NamesEveryFieldThatIsWrong) {
  EXPECT_EQ(pointers(read_login_report(
                R"([{"service":"sip","source":"::1","kind":"success"},
                    {"service":"fax","source":"198.51.100.7:5060","kind":"rude","port":65536,
                     "transport":"smoke","answered":"yes","account":7}])")),
            "/1/service /1/source /1/kind /1/account /1/port /1/transport /1/answered ");
  EXPECT_EQ(pointers(read_login_report("{}")), "/service /source /kind ");
  EXPECT_EQ(pointers(read_login_report(
                R"({"service":"sip","source":"0.0.0.0","kind":"success","acount":"2041"})")),
            "/acount /source ");
  EXPECT_EQ(pointers(read_login_report("[1]")), "/0 ");
}

TEST(LoginReport, TakesAllOrNothing) {
  const auto report =
      read_login_report(R"([{"service":"sip","source":"::1","kind":"success"},{"service":"sip"}])");
  EXPECT_FALSE(report.problems.empty());
  EXPECT_TRUE(report.logins.empty());
}

TEST(LoginReport, RefusesWhatIsNotJson) {
  for (const char* body : {"", "hello", "{", "[{}", "\xff", "[[[[1]]]]", "[]", "1", "null"})
    EXPECT_FALSE(read_login_report(body).problems.empty()) << body;
  EXPECT_FALSE(read_login_report(std::string(60'000, '[')).problems.empty());
}

TEST(Promise12, AReportHasAtMostAThousandLogins) {
  EXPECT_EQ(read_login_report(list_of(kMostReports)).logins.size(), kMostReports);
  EXPECT_FALSE(read_login_report(list_of(kMostReports + 1)).problems.empty());
}

TEST(Promise12, AReportNamesAtMostTwentyProblems) {
  std::string body = "[0";
  for (int i = 0; i < 100; ++i) body += ",0";
  EXPECT_EQ(read_login_report(body + "]").problems.size(), 20U);
}

TEST(Promise12, AnAccountIsCut) {
  EXPECT_EQ(one(R"({"service":"sip","source":"::1","kind":"success","account":")" +
                std::string(1000, 'a') + R"("})")
                .failure.account.size(),
            64U);
}

}  // namespace
}  // namespace stormdoor::portal
