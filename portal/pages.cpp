#include "portal/pages.hpp"

#include "base/crypto/crypto.hpp"
#include "base/text.hpp"

namespace stormdoor::portal {
namespace {

using http::HttpRequest;
using http::HttpResponse;

constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

bool takes_gzip(const HttpRequest& request) {
  for (const std::string_view coding : split(request.header("Accept-Encoding"), ',')) {
    const auto parameters = coding.find(';');
    if (!equals_ignoring_case(trim(coding.substr(0, parameters)), "gzip")) continue;
    const std::string_view weight =
        parameters == std::string_view::npos ? "" : trim(coding.substr(parameters + 1));
    return weight != "q=0" && weight != "q=0.0";
  }
  return false;
}

HttpResponse file(const HttpRequest& request, const Asset& asset) {
  HttpResponse response;
  const bool compressed = !asset.gzip.empty() && takes_gzip(request);
  const std::string_view bytes = compressed ? asset.gzip : asset.bytes;
  const std::string tag = "\"" + crypto::hash_hex(crypto::Hash::Sha256, bytes).substr(0, 32) + "\"";
  response.headers = {
      {"Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Vary", "Accept-Encoding"},
      {"ETag", tag}};
  if (request.header("If-None-Match") == tag) {
    response.status = 304;
    return response;
  }
  response.content_type = asset.content_type;
  if (compressed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = bytes;
  return response;
}

}  // namespace

HttpResponse page_for(const HttpRequest& request, const FindAsset& find) {
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse refusal = HttpResponse::text(405, "Pages are only read; changes go to /api/v1.");
    refusal.headers.emplace_back("Allow", "GET, HEAD");
    return refusal;
  }
  const Asset* asset = find ? find(request.path) : nullptr;
  if (asset == nullptr && find && !request.path.starts_with("/assets/")) asset = find("/");
  if (asset == nullptr)
    return HttpResponse::text(404, "There is no such page; the API is at /api/v1.");
  return file(request, *asset);
}

void add_security_headers(HttpResponse& response) {
  const auto add = [&](const char* name, std::string_view value) {
    for (const auto& [known, ignored] : response.headers)
      if (known == name) return;
    response.headers.emplace_back(name, value);
  };
  add("Content-Security-Policy", kContentSecurityPolicy);
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("X-Frame-Options", "DENY");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
}

}  // namespace stormdoor::portal
