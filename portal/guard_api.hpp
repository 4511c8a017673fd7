#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "acl/guard.hpp"
#include "base/secret.hpp"
#include "portal/desk_api.hpp"
#include "portal/login_report.hpp"
#include "tftp-http/http_handler.hpp"

namespace stormdoor::portal {

// What machines ask of the guard over HTTP, with `Authorization: Bearer TOKEN`:
//
//   POST /api/v1/failures    what a PBX tells of logins (login_report.hpp); answers
//                            {"reports": 3, "counted": 2, "blocks": [{"source": ..., "service":
//                            ..., "until": ..., "reason": ...}]}
//   GET /api/v1/blocks.txt   who is refused, for other firewalls: one prefix per line behind two
//                            lines that begin with #; ?service=sip for those of one service. With
//                            an ETag of the prefixes, for If-None-Match. Without those of which
//                            only an account is refused: other firewalls know no accounts.
//
// and what DeskApi answers, once the token was right.
//
// Every refusal is a problem document. A source that its network does not allow the service `api`,
// or that is blocked for it, gets 403; a wrong token is a failure of that service, a missing one is
// none. Without a token configured all of it is 404. On its HttpServer's thread.
class GuardApi {
 public:
  struct Parts {
    acl::Guard& guard;
    // Judges one login and tells about it. Also called for wrong tokens.
    std::function<acl::Verdict(const ReportedLogin&, Now)> judge;
    DeskApi* desks = nullptr;  // may be absent
  };
  explicit GuardApi(Parts parts) : parts_(std::move(parts)) {}

  void replace_token(Secret token) { token_ = std::move(token); }

  [[nodiscard]] static bool is_ours(std::string_view path) { return path.starts_with("/api/"); }
  // Answers a request that is ours.
  void handle(http::HttpExchange& exchange);

 private:
  [[nodiscard]] http::HttpResponse answer(const http::HttpExchange& exchange);
  [[nodiscard]] std::optional<http::HttpResponse> refuse(const http::HttpExchange& exchange);
  [[nodiscard]] http::HttpResponse take_report(const http::HttpExchange& exchange);
  [[nodiscard]] http::HttpResponse blocks(const http::HttpExchange& exchange) const;

  Parts parts_;
  Secret token_;
};

}  // namespace stormdoor::portal
