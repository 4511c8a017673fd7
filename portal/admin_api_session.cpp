// Signing in and out, and what else is answered without a command; see portal/admin_api.hpp.

#include <fmt/format.h>

#include "base/crypto/crypto.hpp"
#include "base/crypto/password_hash.hpp"
#include "base/keyed_hash.hpp"
#include "base/text.hpp"
#include "portal/admin_api.hpp"
#include "portal/problem.hpp"

namespace stormdoor::portal {
namespace {

using http::HttpExchange;
using http::HttpResponse;
using nlohmann::json;

// One mistake is the same name and password again.
acl::Failure attempt_of(const std::string& name, std::string_view password,
                        const IpAddress& source) {
  acl::Failure failure;
  failure.service = acl::Service::Portal;
  failure.kind = acl::FailureKind::WrongPassword;
  failure.source = source;
  failure.proof = acl::PathProof::Connected;
  failure.tcp = true;
  failure.account = printable(name, 64);
  failure.fingerprint =
      keyed_hash(HashKey::of_this_process(), fmt::format("{}\n{}", name, password));
  return failure;
}

std::string cookie(std::string_view value, bool expired) {
  return fmt::format("{}={}; Path=/; Secure; HttpOnly; SameSite=Strict{}", kSessionCookie, value,
                     expired ? "; Max-Age=0" : "");
}

HttpResponse busy() {
  auto response = problem(429, "Too many are signing in at this moment; try again.");
  response.headers.emplace_back("Retry-After", "2");
  return response;
}

}  // namespace

void AdminApi::handle_special(HttpExchange& exchange, const Route& route, const ApiCall& call,
                              const std::optional<Caller>& caller) {
  const auto answer = [&](HttpResponse response) {
    add_security_headers(response);
    exchange.respond(std::move(response));
  };
  if (route.id == "signIn") return sign_in(exchange, call);
  if (route.id == "getOpenApi") {
    HttpResponse response;
    response.content_type = "application/json";
    response.headers = {{"Cache-Control", "no-cache"}};
    response.body = openapi_;
    return answer(std::move(response));
  }
  if (route.id == "streamEvents") return stream_events(exchange, *caller);
  if (caller->is_program())
    return answer(problem(404, "A token has no session; it is valid until it expires."));
  if (route.id == "signOut") {
    sessions_.close(caller->session.reveal());
    parts_.note(*caller, "portal.sign-out", exchange.peer().remote.address);
    HttpResponse response;
    response.status = 204;
    response.headers = {{"Cache-Control", "no-store"}, {"Set-Cookie", cookie("", true)}};
    return answer(std::move(response));
  }
  const auto* session = sessions_.find(caller->session.reveal(), exchange.now());
  answer(session_response(*session, caller->role));
}

void AdminApi::stream_events(HttpExchange& exchange, const Caller& caller) {
  HttpResponse head;
  add_security_headers(head);
  if (!streams_.is_full())
    return streams_.open(exchange, std::move(head),
                         [this, caller] { return still_may(caller, parts_.now()); });
  auto refusal = problem(503, "Too many pages follow the events already; close one.");
  refusal.headers.emplace_back("Retry-After", "30");
  add_security_headers(refusal);
  exchange.respond(std::move(refusal));
}

// Without taking it for a sign of life.
bool AdminApi::still_may(const Caller& caller, Now now) const {
  const auto registry = parts_.registry();
  if (caller.is_program()) {
    const auto token = registry->api_token(caller.token_id);
    return token && token->expires > now.wall;
  }
  const auto* session = sessions_.find(caller.session.reveal(), now);
  const auto administrator = registry->administrator(caller.name);
  return session != nullptr && administrator &&
         administrator->password_hash == session->password_hash;
}

void AdminApi::sign_in(HttpExchange& exchange, const ApiCall& call) {
  const IpAddress& source = exchange.peer().remote.address;
  const std::string name = ascii_lower(call.arguments["name"].get<std::string>());
  Secret password(call.arguments["password"].get<std::string>());
  const auto answer = [&](HttpResponse response) {
    add_security_headers(response);
    exchange.respond(std::move(response));
  };
  if (password.reveal().size() > crypto::kMostPasswordBytes)
    return answer(problem_of(400, "No password is that long.",
                             {{"password", 0, "is longer than any password"}}));
  const auto mine = checks_.find(source);
  if (checks_running_ >= kMostChecks || (mine != checks_.end() && mine->second >= kMostChecksOfOne))
    return answer(busy());
  const acl::Failure attempt = attempt_of(name, password.reveal(), source);
  const auto administrator = parts_.registry()->administrator(name);
  const std::string hash = administrator ? administrator->password_hash : crypto::hash_of_nobody();
  // The session that this browser had is over, whoever comes next.
  const std::string_view before = session_cookie(exchange.request().header("Cookie"));
  if (!before.empty()) sessions_.close(before);
  const Send send = send_later(exchange);
  ++checks_running_;
  ++checks_[source];
  const auto done = [this, source, name, hash, attempt, send](bool right) {
    --checks_running_;
    if (--checks_[source] == 0) checks_.erase(source);
    finish_sign_in(name, hash, right, attempt, send);
  };
  if (parts_.check_password(hash, std::move(password), done)) return;
  --checks_running_;
  if (--checks_[source] == 0) checks_.erase(source);
  send(busy());
}

void AdminApi::finish_sign_in(const std::string& name, const std::string& hash, bool right,
                              const acl::Failure& attempt, const Send& send) {
  const Now now = parts_.now();
  const auto administrator = parts_.registry()->administrator(name);
  // Blocked meanwhile, by guesses that were compared before this one; or only this name is.
  const auto admission = parts_.guard.admit(attempt.source, acl::Service::Portal, now,
                                            acl::PathProof::Connected, attempt.account);
  if (!admission.admitted())
    return send(problem(403, acl::refusal(admission, acl::Service::Portal)));
  if (!right || !administrator || administrator->password_hash != hash) {
    (void)parts_.judge(attempt, now);
    return send(problem(401, "This name and this password do not belong together."));
  }
  parts_.guard.report_success(attempt.source, acl::Service::Portal, {}, now);
  const Secret identifier = sessions_.open(name, hash, now);
  const auto* session = sessions_.find(identifier.reveal(), now);
  parts_.note(
      {.name = name, .role = administrator->role, .session = identifier, .csrf = session->csrf},
      "portal.sign-in", attempt.source);
  auto response = session_response(*session, administrator->role);
  response.headers.emplace_back("Set-Cookie", cookie(identifier.reveal(), false));
  send(std::move(response));
}

HttpResponse AdminApi::session_response(const SessionBook::Session& session, Role role) const {
  return json_response(
      200, {{"name", session.name},
            {"role", to_string(role)},
            {"csrf", session.csrf},
            {"expires", format_time(session.ends)},
            {"idle_seconds", std::chrono::duration_cast<seconds>(sessions_.times().idle).count()}});
}

}  // namespace stormdoor::portal
