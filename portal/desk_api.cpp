#include "portal/desk_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/text.hpp"
#include "portal/problem.hpp"

namespace stormdoor::portal {
namespace {

using http::HttpExchange;
using http::HttpResponse;
using nlohmann::json;

constexpr std::string_view kLogins = "/api/v1/desk-logins";
constexpr std::string_view kLogouts = "/api/v1/desk-logouts";
constexpr std::string_view kEmergency = "/api/v1/emergency";
constexpr std::string_view kEmergencyNumber = "/api/v1/emergency-number";
constexpr size_t kMostFieldBytes = 64;

HttpResponse answer(const json& body) {
  HttpResponse response;
  response.content_type = "application/json";
  response.headers = {{"Cache-Control", "no-store"}};
  response.body = body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return response;
}

// Where several phones are meant, a dial plan wants one number: the first.
HttpResponse number_alone(const json& rows) {
  HttpResponse response =
      HttpResponse::text(200, rows.empty() ? "" : rows[0]["number"].get<std::string>());
  response.headers = {{"Cache-Control", "no-store"}};
  return response;
}

HttpResponse only(const char* method) {
  HttpResponse response = problem(405, fmt::format("Only {} can be used here.", method));
  response.headers.emplace_back("Allow", method);
  return response;
}

// The texts of an object of such fields and no others; every mistake is named by its pointer.
// Values are in no message: one of them is a PIN.
std::optional<std::map<std::string, std::string>> read_fields(
    std::string_view body, std::initializer_list<const char*> names,
    std::vector<FieldProblem>& problems) {
  const json object = json::parse(body, nullptr, false);
  if (!object.is_object()) {
    problems.push_back({"", "expected a JSON object"});
    return {};
  }
  std::map<std::string, std::string> fields;
  for (const char* name : names) {
    const auto found = object.find(name);
    if (found == object.end())
      problems.push_back({fmt::format("/{}", name), "missing"});
    else if (!found->is_string() || found->get_ref<const std::string&>().size() > kMostFieldBytes)
      problems.push_back({fmt::format("/{}", name),
                          fmt::format("expected a text of at most {} bytes", kMostFieldBytes)});
    else
      fields.emplace(name, found->get<std::string>());
  }
  for (const auto& [key, value] : object.items())
    if (std::ranges::find(names, key, [](const char* name) { return std::string_view(name); }) ==
        names.end())
      problems.push_back({"/" + printable(key, 40), "unknown"});
  if (!problems.empty()) return {};
  return fields;
}

DeskApi::Answered answer_later(HttpExchange& exchange) {
  const auto reply = std::make_shared<http::HttpReply>(exchange.later());
  return [reply](const Result<DeskApi::Answer>& answered) {
    if (!answered)
      return reply->send(problem(answered.error().code() == ErrorCode::NotFound ? 404 : 503,
                                 answered.error().message()));
    reply->send(answer({{"done", answered->done}, {"sentence", answered->sentence}}));
  };
}

}  // namespace

bool DeskApi::is_ours(std::string_view path) {
  return path == kLogins || path == kLogouts || path == kEmergency || path == kEmergencyNumber;
}

void DeskApi::handle(HttpExchange& exchange) {
  const auto& request = exchange.request();
  const bool reads = request.path == kEmergency || request.path == kEmergencyNumber;
  if (reads && request.method != "GET" && request.method != "HEAD")
    return exchange.respond(only("GET"));
  if (!reads && request.method != "POST") return exchange.respond(only("POST"));
  if (request.path == kLogins) return log_in(exchange);
  if (request.path == kLogouts) return log_out(exchange);
  emergency(exchange);
}

void DeskApi::log_in(HttpExchange& exchange) {
  std::vector<FieldProblem> problems;
  auto fields = read_fields(exchange.body(), {"phone", "extension", "pin"}, problems);
  if (!fields)
    return exchange.respond(problem(400, "Nobody was logged in: the request is wrong.", problems));
  parts_.log_in((*fields)["phone"], (*fields)["extension"], Secret((*fields)["pin"]),
                exchange.peer().remote.address, answer_later(exchange));
}

void DeskApi::log_out(HttpExchange& exchange) {
  std::vector<FieldProblem> problems;
  auto fields = read_fields(exchange.body(), {"phone"}, problems);
  if (!fields)
    return exchange.respond(problem(400, "Nobody was logged out: the request is wrong.", problems));
  parts_.log_out((*fields)["phone"], exchange.peer().remote.address, answer_later(exchange));
}

void DeskApi::emergency(HttpExchange& exchange) {
  constexpr std::string_view kOf = "of=";
  std::string_view of = exchange.request().query;
  if (!of.starts_with(kOf) || of.size() > kMostFieldBytes)
    return exchange.respond(problem(
        400, "The query is not of=X, X being a SIP account, a MAC address or an IP address."));
  of.remove_prefix(kOf.size());
  std::string what(of);  // colons may stand in a query as they are, or encoded
  for (size_t at = 0; (at = what.find("%3A", at)) != std::string::npos;) what.replace(at, 3, ":");
  for (size_t at = 0; (at = what.find("%3a", at)) != std::string::npos;) what.replace(at, 3, ":");
  const auto rows = parts_.emergency(what);
  if (!rows) {
    const bool unknown = rows.error().code() == ErrorCode::NotFound;
    return exchange.respond(problem(unknown ? 404 : 400, rows.error().message()));
  }
  if (exchange.request().path == kEmergencyNumber) return exchange.respond(number_alone(*rows));
  exchange.respond(answer({{"phones", *rows}}));
}

}  // namespace stormdoor::portal
