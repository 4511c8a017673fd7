#include "portal/login_report.hpp"

#include <fmt/format.h>

#include <array>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace stormdoor::portal {
namespace {

using acl::FailureKind;
using acl::Service;
using nlohmann::json;

constexpr int kMostDepth = 3;
constexpr size_t kMostProblems = 20;
constexpr size_t kMostAccount = 64;
constexpr std::array<std::string_view, 7> kFields = {"service", "source",    "kind",    "account",
                                                     "port",    "transport", "answered"};

// Reads one object, and notes what is wrong with it.
class Reader {
 public:
  Reader(const json& object, std::string pointer, LoginReport& report)
      : object_(object), pointer_(std::move(pointer)), report_(report) {}

  void read() {
    if (!object_.is_object()) return wrong("", "expected an object");
    for (const auto& [name, ignored] : object_.items())
      if (std::ranges::find(kFields, std::string_view(name)) == kFields.end())
        wrong(printable(name, 40),
              "is no field of a report; expected service, source, kind, "
              "account, port, transport or answered");
    ReportedLogin login;
    auto& failure = login.failure;
    read_service(failure);
    read_source(failure);
    read_kind(login);
    failure.account = text("account", "").substr(0, kMostAccount);
    read_port(failure);
    read_path(failure);
    report_.logins.push_back(std::move(login));
  }

 private:
  void wrong(const std::string& field, std::string detail) {
    if (report_.problems.size() < kMostProblems)
      report_.problems.push_back(
          {field.empty() ? pointer_ : pointer_ + "/" + field, std::move(detail)});
  }

  std::string text(const char* field, const char* fallback) {
    const auto found = object_.find(field);
    if (found == object_.end()) {
      if (fallback == nullptr) wrong(field, "is missing");
      return fallback != nullptr ? fallback : "";
    }
    if (found->is_string()) return found->get<std::string>();
    wrong(field, "expected a string");
    return "";
  }

  void read_service(acl::Failure& failure) {
    const std::string name = text("service", nullptr);
    const auto service = acl::parse_service(name);
    if (service)
      failure.service = *service;
    else if (!name.empty())
      wrong("service", "expected sip, provisioning, desk-login, portal or api");
  }

  void read_source(acl::Failure& failure) {
    const std::string address = text("source", nullptr);
    if (address.empty()) return;
    const auto parsed = IpAddress::parse(address);
    if (parsed && !parsed->is_unspecified())
      failure.source = *parsed;
    else
      wrong("source", "expected an IPv4 or IPv6 address without port");
  }

  void read_kind(ReportedLogin& login) {
    auto& failure = login.failure;
    const std::string kind = text("kind", nullptr);
    const bool sip = failure.service == Service::Sip;
    failure.kind = sip ? FailureKind::SipRefused : FailureKind::WrongPassword;
    if (kind == "success") {
      login.success = true;
    } else if (kind == "wrong-pin") {
      failure.kind = FailureKind::WrongPin;
      if (failure.service != Service::DeskLogin)
        wrong("kind", "a wrong-pin is one of service desk-login");
    } else if (kind != "wrong-password" && kind != "unknown-account" && !kind.empty()) {
      wrong("kind", "expected wrong-password, unknown-account, wrong-pin or success");
    }
  }

  void read_port(acl::Failure& failure) {
    const auto found = object_.find("port");
    if (found == object_.end()) return;
    if (found->is_number_integer() && *found >= 0 && *found <= 65'535)
      failure.port = found->get<uint16_t>();
    else
      wrong("port", "expected a number from 0 to 65535");
  }

  void read_path(acl::Failure& failure) {
    const std::string transport = text("transport", "udp");
    constexpr std::array<std::string_view, 4> kConnected = {"tcp", "tls", "ws", "wss"};
    failure.tcp = std::ranges::find(kConnected, std::string_view(transport)) != kConnected.end();
    if (!failure.tcp && transport != "udp" && !transport.empty())
      wrong("transport", "expected udp, tcp, tls, ws or wss");
    bool answered = true;
    if (const auto found = object_.find("answered"); found != object_.end()) {
      if (found->is_boolean())
        answered = found->get<bool>();
      else
        wrong("answered", "expected true or false");
    }
    if (failure.tcp)
      failure.proof = acl::PathProof::Connected;
    else
      failure.proof = answered ? acl::PathProof::Acknowledged : acl::PathProof::None;
  }

  const json& object_;
  std::string pointer_;
  LoginReport& report_;
};

// The parser throws on request only; nesting is bounded because its destructor recurses.
json parse_json(std::string_view text) {
  bool too_deep = false;
  const auto watch_depth = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kMostDepth;
    return !too_deep;
  };
  json parsed = json::parse(text, watch_depth, false);
  return too_deep ? json(json::value_t::discarded) : parsed;
}

}  // namespace

LoginReport read_login_report(std::string_view body) {
  LoginReport report;
  const auto whole_is_wrong = [&](std::string detail) {
    report.problems.push_back({"", std::move(detail)});
    return report;
  };
  if (body.size() > kMostReportBytes) return whole_is_wrong("more than 64 KiB");
  const json parsed = parse_json(body);
  if (parsed.is_discarded()) return whole_is_wrong("not JSON, or nested too deep");
  if (!parsed.is_array()) {
    Reader(parsed, "", report).read();
  } else if (parsed.empty() || parsed.size() > kMostReports) {
    return whole_is_wrong(fmt::format("expected 1 to {} reports", kMostReports));
  } else {
    for (size_t i = 0; i < parsed.size(); ++i)
      Reader(parsed[i], fmt::format("/{}", i), report).read();
  }
  if (!report.problems.empty()) report.logins.clear();
  return report;
}

}  // namespace stormdoor::portal
