#include "portal/status_pages.hpp"

namespace stormdoor::portal {
namespace {

http::HttpResponse page(int status, const char* type, std::string body) {
  http::HttpResponse response;
  response.status = status;
  response.content_type = type;
  response.body = std::move(body);
  response.headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  return response;
}

constexpr const char* kText = "text/plain; charset=utf-8";

}  // namespace

void StatusPages::handle(http::HttpExchange& exchange) {
  const std::string& path = exchange.request().path;
  if (api_ != nullptr && GuardApi::is_ours(path)) return api_->handle(exchange);
  if (exchange.request().method == "POST") {
    http::HttpResponse refusal = page(405, kText, "Nothing is posted here.\n");
    refusal.headers.emplace_back("Allow", "GET, HEAD");
    return exchange.respond(std::move(refusal));
  }
  if (path == "/metrics")
    return exchange.respond(
        page(200, "text/plain; version=0.0.4; charset=utf-8", sources_.metrics()));
  if (path == "/healthz") {
    std::string trouble = sources_.trouble();
    const int status = trouble.empty() ? 200 : 503;
    return exchange.respond(page(status, kText, trouble.empty() ? "ok\n" : std::move(trouble)));
  }
  if (path == "/authority.pem") {
    std::string authority = sources_.authority_pem();
    if (!authority.empty())
      return exchange.respond(page(200, "application/x-pem-file", std::move(authority)));
  }
  exchange.respond(
      page(404, kText, "Here are /metrics, /healthz, /authority.pem and /api/v1, nothing else.\n"));
}

std::optional<std::string> OpenGate::refuse(const IpAddress& /*source*/, Now /*now*/) {
  return {};
}

}  // namespace stormdoor::portal
