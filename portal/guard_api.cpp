#include "portal/guard_api.hpp"

#include <fmt/format.h>

#include <set>

#include <nlohmann/json.hpp>

#include "base/crypto/crypto.hpp"
#include "base/keyed_hash.hpp"
#include "base/text.hpp"
#include "portal/bearer_token.hpp"

namespace stormdoor::portal {
namespace {

using acl::Service;
using http::HttpExchange;
using http::HttpResponse;
using nlohmann::json;

constexpr std::string_view kFailures = "/api/v1/failures";
constexpr std::string_view kBlocks = "/api/v1/blocks.txt";

HttpResponse wrong_method(const char* allowed) {
  HttpResponse response = problem(405, fmt::format("Only {} can be used here.", allowed));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

HttpResponse unauthorized(std::string_view detail) {
  HttpResponse response = problem(401, detail);
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"stormdoor\"");
  return response;
}

ReportedLogin wrong_token(const IpAddress& source, std::string_view token) {
  ReportedLogin login;
  login.failure.service = Service::Api;
  login.failure.kind = acl::FailureKind::WrongToken;
  login.failure.source = source;
  login.failure.proof = acl::PathProof::Connected;
  login.failure.tcp = true;
  login.failure.fingerprint = keyed_hash(HashKey::of_this_process(), token);
  return login;
}

json block_row(const store::BlockRecord& block) {
  return {{"source", block.source.to_string()},
          {"service", acl::to_string(static_cast<Service>(block.service))},
          {"account", block.account},
          {"until", format_time(block.until)},
          {"reason", block.reason}};
}

// One prefix per line; a single address without its length, as firewalls' importers like it.
std::string prefix_lines(const std::set<IpPrefix>& sources) {
  std::string text;
  for (const auto& source : sources) {
    const bool single = source.length() == (source.is_v4() ? 32 : 128);
    text += (single ? source.address().to_string() : source.to_string()) + "\n";
  }
  return text;
}

}  // namespace

void GuardApi::handle(HttpExchange& exchange) {
  if (auto refusal = refuse(exchange)) return exchange.respond(std::move(*refusal));
  if (parts_.desks != nullptr && DeskApi::is_ours(exchange.request().path))
    return parts_.desks->handle(exchange);
  exchange.respond(answer(exchange));
}

HttpResponse GuardApi::answer(const HttpExchange& exchange) {
  const auto& request = exchange.request();
  if (request.path == kFailures)
    return request.method == "POST" ? take_report(exchange) : wrong_method("POST");
  if (request.path == kBlocks)
    return request.method != "POST" ? blocks(exchange) : wrong_method("GET, HEAD");
  return problem(404,
                 "Here are POST /api/v1/failures, desk-logins and desk-logouts, and GET "
                 "/api/v1/blocks.txt and emergency, nothing else.");
}

std::optional<HttpResponse> GuardApi::refuse(const HttpExchange& exchange) {
  if (token_.empty())
    return problem(404, "There is no API here: [api] token_file is not configured.");
  const IpAddress& source = exchange.peer().remote.address;
  const auto admission = parts_.guard.admit(source, Service::Api, exchange.now());
  if (!admission.admitted()) return problem(403, acl::refusal(admission, Service::Api));
  const std::string_view authorization = exchange.request().header("Authorization");
  if (authorization.empty()) return unauthorized("Authorization: Bearer TOKEN is needed.");
  const std::string_view token = bearer_token(authorization);
  if (crypto::equal_in_constant_time(token, token_.reveal())) return {};
  (void)parts_.judge(wrong_token(source, token), exchange.now());
  return unauthorized("That token is wrong.");
}

HttpResponse GuardApi::take_report(const HttpExchange& exchange) {
  const LoginReport report = read_login_report(exchange.body());
  if (!report.problems.empty())
    return problem(400, "The report is not one; nothing of it was taken.", report.problems);
  json result = {{"reports", report.logins.size()}, {"counted", 0}, {"blocks", json::array()}};
  size_t counted = 0;
  for (const auto& login : report.logins) {
    const auto verdict = parts_.judge(login, exchange.now());
    if (verdict.counted) ++counted;
    if (verdict.block) result["blocks"].push_back(block_row(*verdict.block));
  }
  result["counted"] = counted;
  HttpResponse response;
  response.content_type = "application/json";
  response.headers = {{"Cache-Control", "no-store"}};
  response.body = result.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return response;
}

HttpResponse GuardApi::blocks(const HttpExchange& exchange) const {
  const std::string_view query = exchange.request().query;
  constexpr std::string_view kService = "service=";
  std::optional<Service> service;
  if (!query.empty()) {
    if (query.starts_with(kService)) service = acl::parse_service(query.substr(kService.size()));
    if (!service)
      return problem(400,
                     "The query is not service=NAME; the names are provisioning, desk-login, "
                     "sip, portal and api.");
  }
  std::set<IpPrefix> sources;
  // Other firewalls know addresses only: what is refused of one below it stays with us.
  for (const auto& block : parts_.guard.blocks(exchange.now()))
    if (block.account.empty() && (!service || *service == static_cast<Service>(block.service)))
      sources.insert(block.source);
  const std::string lines = prefix_lines(sources);
  const std::string tag = "\"" + crypto::hash_hex(crypto::Hash::Sha256, lines).substr(0, 32) + "\"";
  HttpResponse response;
  response.headers = {{"ETag", tag}, {"Cache-Control", "private, no-cache"}};
  if (exchange.request().header("If-None-Match") == tag) {
    response.status = 304;
    return response;
  }
  response.content_type = "text/plain; charset=utf-8";
  response.body = fmt::format("# generated {} by stormdoor\n# {} refused for {}\n{}",
                              format_time(exchange.now().wall), sources.size(),
                              service ? acl::to_string(*service) : "any service", lines);
  return response;
}

}  // namespace stormdoor::portal
