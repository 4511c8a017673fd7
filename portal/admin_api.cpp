#include "portal/admin_api.hpp"

#include <fmt/format.h>

#include "base/crypto/crypto.hpp"
#include "base/keyed_hash.hpp"
#include "base/text.hpp"
#include "portal/administrators.hpp"
#include "portal/bearer_token.hpp"
#include "portal/openapi.hpp"
#include "portal/problem.hpp"

// From a request to the command that it asks for, and back. admin_api_session.cpp has what is
// answered without a command.
namespace stormdoor::portal {

// One call that may be done.
struct AdminApi::Asked {
  const Route* route = nullptr;
  ApiCall call;
  Caller caller;
  PathValues values;
  std::string path;
  std::string if_match;
  std::string if_none_match;
  std::string repeat_key;  // empty: it is done as often as it is asked
  bool wants_csv = false;

  [[nodiscard]] std::string_view wanted_key() const {
    return values.empty() ? std::string_view() : std::string_view(values.front().second);
  }
};

namespace {

using http::HttpExchange;
using http::HttpRequest;
using http::HttpResponse;
using nlohmann::json;

constexpr size_t kMostKeyBytes = 128;

bool changes(std::string_view method) {
  return method != "GET" && method != "HEAD";
}

// The first role that may, and those above it.
std::string who_may(Role least) {
  if (least == Role::Administrator) return "an administrator";
  if (least == Role::Helpdesk) return "helpdesk or an administrator";
  return "everybody who has signed in";
}

HttpResponse wrong_method(const std::string& allowed) {
  auto response = problem(405, fmt::format("Only {} can be used here.", allowed));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

// A page of somebody else's must not make a browser change something here.
bool is_from_elsewhere(const HttpRequest& request) {
  const std::string_view site = request.header("Sec-Fetch-Site");
  return !site.empty() && site != "same-origin" && site != "none";
}

}  // namespace

std::string_view session_cookie(std::string_view header) {
  for (const std::string_view part : split(header, ';')) {
    const std::string_view cookie = trim(part);
    if (cookie.starts_with(kSessionCookie) && cookie.substr(kSessionCookie.size()).starts_with('='))
      return cookie.substr(kSessionCookie.size() + 1);
  }
  return {};
}

AdminApi::AdminApi(Parts parts)
    : parts_(std::move(parts)),
      streams_(parts_.events_since),
      openapi_(openapi(parts_.version).dump(2) + "\n") {}

size_t AdminApi::most_body_bytes(const HttpRequest& request, Now now) const {
  const std::string_view token = bearer_token(request.header("Authorization"));
  const bool known = token.empty()
                         ? sessions_.find(session_cookie(request.header("Cookie")), now) != nullptr
                         : find_token(*parts_.registry(), token, now.wall) != nullptr;
  return known ? SIZE_MAX : kMostBytesOfStrangers;
}

void AdminApi::handle(HttpExchange& exchange) {
  const HttpRequest& request = exchange.request();
  if (request.path == "/api" || request.path.starts_with("/api/")) return handle_api(exchange);
  const auto admission =
      parts_.guard.admit(exchange.peer().remote.address, acl::Service::Portal, exchange.now());
  HttpResponse response =
      admission.admitted() ? page_for(request, parts_.find_asset)
                           : HttpResponse::text(403, acl::refusal(admission, acl::Service::Portal));
  add_security_headers(response);
  exchange.respond(std::move(response));
}

void AdminApi::handle_api(HttpExchange& exchange) {
  const HttpRequest& request = exchange.request();
  const auto answer = [&](HttpResponse response) {
    add_security_headers(response);
    exchange.respond(std::move(response));
  };
  const bool by_token = !request.header("Authorization").empty();
  if (auto refusal = refuse_source(exchange, by_token ? acl::Service::Api : acl::Service::Portal))
    return answer(*std::move(refusal));
  if (!request.path.starts_with(std::string(kApiPrefix) + "/"))
    return answer(problem(404, "The API is at /api/v1; /api/v1/openapi.json describes it."));
  const std::string_view path = std::string_view(request.path).substr(kApiPrefix.size());
  Matched matched = find_route(request.method, path);
  if (matched.route == nullptr)
    return answer(matched.allowed.empty()
                      ? problem(404, "There is no such thing; /api/v1/openapi.json says what is.")
                      : wrong_method(matched.allowed));
  const Route& route = *matched.route;
  auto caller = caller_of(request, route, exchange.now());
  if (caller) caller->address = exchange.peer().remote.address;
  if (!caller && !route.open) return answer(unauthorized(exchange));
  if (changes(request.method) && is_from_elsewhere(request))
    return answer(problem(403, "Pages of other sites change nothing here."));
  if (caller && !route.open)
    if (auto refusal = refuse_caller(request, route, matched.values, *caller))
      return answer(*std::move(refusal));
  ApiCall call = read_call(
      route, {matched.values, request.query, request.header("Content-Type"), exchange.body()});
  if (!call.problems.empty())
    return answer(problem_of(400, "The request is wrong; nothing was done.", call.problems));
  if (route.kind == Kind::Special) return handle_special(exchange, route, call, caller);
  Asked asked{.route = &route,
              .call = std::move(call),
              .caller = *std::move(caller),
              .values = std::move(matched.values),
              .path = request.path,
              .if_match = std::string(request.header("If-Match")),
              .if_none_match = std::string(request.header("If-None-Match")),
              .repeat_key = {},
              .wants_csv = request.header("Accept").starts_with("text/csv")};
  call_command(exchange, asked);
}

std::optional<HttpResponse> AdminApi::refuse_source(const HttpExchange& exchange,
                                                    acl::Service service) const {
  const auto admission =
      parts_.guard.admit(exchange.peer().remote.address, service, exchange.now());
  if (admission.admitted()) return {};
  return problem(403, acl::refusal(admission, service));
}

std::optional<Caller> AdminApi::caller_of(const HttpRequest& request, const Route& route, Now now) {
  const std::string_view authorization = request.header("Authorization");
  if (authorization.empty())
    return caller_by_session(session_cookie(request.header("Cookie")), route.unattended, now);
  const auto token = find_token(*parts_.registry(), bearer_token(authorization), now.wall);
  if (!token) return {};
  return Caller{
      .name = token->label, .role = token->role, .session = {}, .csrf = {}, .token_id = token->id};
}

// The role is what the registry says now, not what it was at the sign-in.
std::optional<Caller> AdminApi::caller_by_session(std::string_view identifier, bool unattended,
                                                  Now now) {
  if (identifier.empty()) return {};
  const auto* session =
      unattended ? sessions_.find(identifier, now) : sessions_.use(identifier, now);
  if (session == nullptr) return {};
  const auto administrator = parts_.registry()->administrator(session->name);
  if (!administrator || administrator->password_hash != session->password_hash) {
    sessions_.close(identifier);
    return {};
  }
  return Caller{.name = session->name,
                .role = administrator->role,
                .session = Secret(std::string(identifier)),
                .csrf = session->csrf};
}

HttpResponse AdminApi::unauthorized(const HttpExchange& exchange) {
  const std::string_view authorization = exchange.request().header("Authorization");
  auto response = problem(
      401, authorization.empty() ? "Sign in first." : "That token is wrong or has expired.");
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"stormdoor\"");
  if (authorization.empty()) return response;
  acl::Failure failure;
  failure.service = acl::Service::Api;
  failure.kind = acl::FailureKind::WrongToken;
  failure.source = exchange.peer().remote.address;
  failure.proof = acl::PathProof::Connected;
  failure.tcp = true;
  failure.fingerprint = keyed_hash(HashKey::of_this_process(), authorization);
  (void)parts_.judge(failure, exchange.now());
  return response;
}

std::optional<HttpResponse> AdminApi::refuse_caller(const HttpRequest& request, const Route& route,
                                                    const PathValues& values,
                                                    const Caller& caller) {
  const bool himself =
      route.own && !caller.is_program() && !values.empty() && values.front().second == caller.name;
  if (!may(caller.role, route.least) && !himself)
    return problem(403, fmt::format("Only {} may do that; you are signed in as {}.",
                                    who_may(route.least), to_string(caller.role)));
  if (!changes(request.method) || caller.is_program()) return {};
  if (crypto::equal_in_constant_time(request.header("X-CSRF-Token"), caller.csrf)) return {};
  return problem(403, "The page is older than your session, or not ours: load it again.");
}

AdminApi::Send AdminApi::send_later(HttpExchange& exchange) {
  return [reply = std::make_shared<http::HttpReply>(exchange.later())](HttpResponse response) {
    add_security_headers(response);
    reply->send(std::move(response));
  };
}

void AdminApi::call_command(HttpExchange& exchange, const Asked& asked) {
  auto made = std::make_shared<Asked>(asked);
  const Route& route = *asked.route;
  Send send = send_later(exchange);
  const std::string_view key = exchange.request().header("Idempotency-Key");
  if (route.method == "POST" && !key.empty() && !route.has_secrets) {
    if (key.size() > kMostKeyBytes)
      return send(problem(
          400, fmt::format("The Idempotency-Key is longer than {} characters.", kMostKeyBytes)));
    const std::string& caller =
        asked.caller.is_program() ? asked.caller.token_id : asked.caller.name;
    made->repeat_key =
        fmt::format("{}\n{}\n{}\n{}", asked.caller.is_program(), caller, asked.path, key);
    const auto found = repeated_.begin(
        made->repeat_key,
        crypto::hash_hex(crypto::Hash::Sha256,
                         asked.call.arguments.dump(-1, ' ', false, json::error_handler_t::replace)),
        exchange.now().steady);
    switch (found.state) {
      case IdempotencyBook::State::New:
        break;
      case IdempotencyBook::State::Running:
        return send(problem(409, "The same call is being done; ask again in a moment."));
      case IdempotencyBook::State::Other:
        return send(problem(422, "This Idempotency-Key was used for another request."));
      case IdempotencyBook::State::Forgotten:
        return send(problem(409, "This was done; its answer was too long to be kept."));
      case IdempotencyBook::State::Answered: {
        HttpResponse response;
        response.status = found.answer.status;
        response.content_type = found.answer.content_type;
        response.headers = {{"Cache-Control", "no-store"}};
        response.body = found.answer.body;
        return send(std::move(response));
      }
    }
  }
  if (route.kind == Kind::Change && !made->if_match.empty()) return check_match(made, send);
  run(made, send);
}

// Reads what GET answers there; only if it is what the caller has seen is it changed, and only if
// nobody else has changed it until then.
void AdminApi::check_match(const std::shared_ptr<const Asked>& asked, const Send& send) {
  const std::string_view path = std::string_view(asked->path).substr(kApiPrefix.size());
  const Matched read = find_route("GET", path);
  // Nothing was done: a repetition with the same key may try.
  const auto refuse = [this, asked, send](HttpResponse response) {
    repeated_.forget(asked->repeat_key);
    send(std::move(response));
  };
  if (read.route == nullptr || read.route->command.empty())
    return refuse(problem(412, "What is there has no version that could be compared."));
  const ApiCall call = read_call(*read.route, {read.values, {}, {}, {}});
  parts_.run(
      {asked->caller, std::string(read.route->command), call.arguments},
      [this, asked, send, refuse, route = read.route,
       registry = parts_.registry()](CommandAnswer answer) {
        const json object = object_of(*route, asked->wanted_key(), answer);
        if (object.is_null())
          return refuse(answer_of(*route, {}, asked->wanted_key(), std::move(answer)));
        if (!names_tag(asked->if_match, etag_of(*route, object)))
          return refuse(problem(412,
                                "Somebody else has changed it since you loaded it; nothing was "
                                "done. Load it again."));
        run(asked, send, registry);
      });
}

void AdminApi::run(const std::shared_ptr<const Asked>& asked, const Send& send,
                   std::shared_ptr<const hotdesk::Registry> unchanged_since) {
  parts_.run({asked->caller, std::string(asked->route->command), asked->call.arguments,
              std::move(unchanged_since)},
             [this, asked, send](CommandAnswer answer) {
               const bool done = answer.done;
               if (done) note_done(*asked);
               auto response = asked->wants_csv && answer.done && asked->route->kind == Kind::List
                                   ? csv_response(*asked->route, answer.data)
                                   : answer_of(*asked->route, asked->call, asked->wanted_key(),
                                               std::move(answer));
               if (!asked->repeat_key.empty()) {
                 if (done)
                   repeated_.finish(asked->repeat_key,
                                    {response.status, response.content_type, response.body});
                 else
                   repeated_.forget(asked->repeat_key);
               }
               for (const auto& [name, value] : response.headers)
                 if (name == "ETag" && names_tag(asked->if_none_match, value)) {
                   HttpResponse unchanged;
                   unchanged.status = 304;
                   unchanged.headers = response.headers;
                   return send(std::move(unchanged));
                 }
               send(std::move(response));
             });
}

// A new password ends the other sessions of that name, and none of its own.
void AdminApi::note_done(const Asked& asked) {
  if (asked.route->command != "admin.password") return;
  const std::string name(asked.wanted_key());
  const auto administrator = parts_.registry()->administrator(name);
  if (!administrator) return;
  const bool himself = name == asked.caller.name && !asked.caller.is_program();
  const std::string_view mine = himself ? asked.caller.session.reveal() : std::string_view();
  if (himself) sessions_.renew(mine, administrator->password_hash);
  sessions_.close_all_of(name, mine);
}

}  // namespace stormdoor::portal
