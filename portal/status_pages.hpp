#pragma once

#include <functional>
#include <string>

#include "portal/guard_api.hpp"
#include "tftp-http/http_handler.hpp"

namespace stormdoor::portal {

// What monitoring asks: GET /metrics (Prometheus text format 0.0.4), /healthz (200 "ok", or 503
// with one line per thing that is wrong) and /authority.pem (our own certificate authority, for
// people to import; 404 when certificates are configured). Carries no secrets, but says much about
// an office: meant for loopback or a management network. What machines ask of the guard is here as
// well, with a token (guard_api.hpp). On its HttpServer's thread.
class StatusPages final : public http::HttpHandler {
 public:
  struct Sources {
    std::function<std::string()> metrics;
    std::function<std::string()> trouble;  // empty: healthy
    std::function<std::string()> authority_pem;
  };
  explicit StatusPages(Sources sources, GuardApi* api = nullptr)
      : sources_(std::move(sources)), api_(api) {}
  void handle(http::HttpExchange& exchange) override;
  [[nodiscard]] std::string_view allowed_methods() const override { return "GET, HEAD, POST"; }

 private:
  Sources sources_;
  GuardApi* api_;  // the owner's; outlives this
};

// Lets everybody in who can reach the listener.
class OpenGate final : public http::HttpGate {
 public:
  std::optional<std::string> refuse(const IpAddress& source, Now now) override;
};

}  // namespace stormdoor::portal
