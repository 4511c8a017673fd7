#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "acl/guard.hpp"
#include "base/secret.hpp"
#include "hotdesk/registry.hpp"
#include "portal/api_answer.hpp"
#include "portal/event_stream.hpp"
#include "portal/idempotency.hpp"
#include "portal/pages.hpp"
#include "portal/role.hpp"
#include "portal/session_book.hpp"
#include "tftp-http/http_handler.hpp"

namespace stormdoor::portal {

// Who asks: an administrator with a session, or a program with a token.
struct Caller {
  std::string name;  // the administrator's, or the token's label
  Role role = Role::Viewer;
  Secret session;  // its identifier; empty: a token
  std::string csrf;
  std::string token_id = {};  // of a token
  IpAddress address = {};     // where the request came from
  [[nodiscard]] bool is_program() const { return session.empty(); }
};

// The portal's listener: /api/v1 as the table of routes says (route.hpp), and the pages for all
// else. An operation is a command of the shell: who may is checked here, what it does is not.
//
// Who comes with the session's cookie and changes something also shows the session's CSRF token;
// who comes with `Authorization: Bearer TOKEN` does not. A wrong password is a failure of the
// service `portal`, a wrong token one of `api`; who is refused for it is told so. On its
// HttpServer's thread.
//
// Bounds: kMostChecks passwords are compared or wait for it, kMostChecksOfOne of one address;
// SessionBook and IdempotencyBook say theirs. Who has not signed in may send
// kMostBytesOfStrangers.
class AdminApi final : public http::HttpHandler {
 public:
  static constexpr size_t kMostChecks = 32;
  static constexpr size_t kMostChecksOfOne = 2;
  static constexpr size_t kMostBytesOfStrangers = 4096;

  // A command of the shell, to be run for somebody.
  struct Order {
    Caller caller;
    std::string command;
    nlohmann::json arguments;
    // Not null: only if what it is about is still as it was in there; else Conflict.
    std::shared_ptr<const hotdesk::Registry> unchanged_since = {};
  };
  using Answered = std::function<void(CommandAnswer)>;
  struct Parts {
    acl::Guard& guard;
    std::function<std::shared_ptr<const hotdesk::Registry>()> registry;
    // Answers once, now or later, on this thread.
    std::function<void(Order order, Answered answered)> run;
    // Compares on another thread and calls `then` on this one; false: too many wait.
    std::function<bool(std::string hash, Secret password, std::function<void(bool)> then)>
        check_password;
    // Counts a wrong login.
    std::function<acl::Verdict(const acl::Failure&, Now)> judge;
    // Somebody has signed in or out.
    std::function<void(const Caller&, const std::string& action, const IpAddress& from)> note;
    std::function<Now()> now;
    std::string version;
    EventStreams::Since events_since = {};
    FindAsset find_asset = {};  // none: there are no pages
  };
  explicit AdminApi(Parts parts);

  // Something happened; a row as /events has it.
  void publish_event(uint64_t number, const nlohmann::json& row) { streams_.publish(number, row); }
  [[nodiscard]] bool takes_event() { return streams_.takes_one(); }
  // Every quarter of a second or so.
  void tick(Now now) { streams_.tick(now); }
  void replace_times(const SessionTimes& times) { sessions_.replace_times(times); }

  void handle(http::HttpExchange& exchange) override;
  [[nodiscard]] std::string_view allowed_methods() const override {
    return "GET, HEAD, POST, PUT, PATCH, DELETE";
  }
  [[nodiscard]] size_t most_body_bytes(const http::HttpRequest& request, Now now) const override;

 private:
  struct Asked;
  // Sends an answer once, with the headers that all of ours have.
  using Send = std::function<void(http::HttpResponse)>;

  void handle_api(http::HttpExchange& exchange);
  [[nodiscard]] std::optional<http::HttpResponse> refuse_source(const http::HttpExchange& exchange,
                                                                acl::Service service) const;
  [[nodiscard]] std::optional<Caller> caller_of(const http::HttpRequest& request,
                                                const Route& route, Now now);
  [[nodiscard]] std::optional<Caller> caller_by_session(std::string_view identifier,
                                                        bool unattended, Now now);
  [[nodiscard]] http::HttpResponse unauthorized(const http::HttpExchange& exchange);
  [[nodiscard]] static std::optional<http::HttpResponse> refuse_caller(
      const http::HttpRequest& request, const Route& route, const PathValues& values,
      const Caller& caller);

  // What is answered without a command (admin_api_session.cpp).
  void handle_special(http::HttpExchange& exchange, const Route& route, const ApiCall& call,
                      const std::optional<Caller>& caller);
  void sign_in(http::HttpExchange& exchange, const ApiCall& call);
  void finish_sign_in(const std::string& name, const std::string& hash, bool right,
                      const acl::Failure& attempt, const Send& send);
  [[nodiscard]] http::HttpResponse session_response(const SessionBook::Session& session,
                                                    Role role) const;

  void stream_events(http::HttpExchange& exchange, const Caller& caller);
  [[nodiscard]] bool still_may(const Caller& caller, Now now) const;
  void call_command(http::HttpExchange& exchange, const Asked& asked);
  void check_match(const std::shared_ptr<const Asked>& asked, const Send& send);
  void run(const std::shared_ptr<const Asked>& asked, const Send& send,
           std::shared_ptr<const hotdesk::Registry> unchanged_since = {});
  void note_done(const Asked& asked);
  [[nodiscard]] Send send_later(http::HttpExchange& exchange);

  Parts parts_;
  SessionBook sessions_;
  IdempotencyBook repeated_;
  EventStreams streams_;
  std::map<IpAddress, size_t> checks_;  // passwords being compared, by who sent them
  size_t checks_running_ = 0;
  const std::string openapi_;
};

inline constexpr std::string_view kSessionCookie = "__Host-stormdoor";
inline constexpr std::string_view kApiPrefix = "/api/v1";

// The session's identifier in a Cookie header; empty: there is none.
[[nodiscard]] std::string_view session_cookie(std::string_view header);

}  // namespace stormdoor::portal
