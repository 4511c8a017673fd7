#include "portal/problem.hpp"

#include <nlohmann/json.hpp>

namespace stormdoor::portal {
namespace {

using nlohmann::json;

http::HttpResponse document(int status, std::string_view detail, json errors) {
  json document = {{"type", "about:blank"},
                   {"title", http::reason_phrase(status)},
                   {"status", status},
                   {"detail", detail}};
  if (!errors.empty()) document["errors"] = std::move(errors);
  http::HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  response.body = document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return response;
}

}  // namespace

http::HttpResponse problem(int status, std::string_view detail,
                           const std::vector<FieldProblem>& fields) {
  json errors = json::array();
  for (const auto& field : fields)
    errors.push_back({{"pointer", "#" + field.pointer}, {"detail", field.detail}});
  return document(status, detail, std::move(errors));
}

http::HttpResponse problem_of(int status, std::string_view detail,
                              const std::vector<ErrorDetail>& details) {
  json errors = json::array();
  for (const auto& one : details) {
    errors.push_back({{"field", one.field}, {"detail", as_sentence(one.message)}});
    if (one.row > 0) errors.back()["row"] = one.row;
  }
  return document(status, detail, std::move(errors));
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return 400;
    case ErrorCode::NotFound:
      return 404;
    case ErrorCode::AlreadyExists:
    case ErrorCode::Conflict:
      return 409;
    case ErrorCode::PermissionDenied:
      return 403;
    case ErrorCode::ResourceExhausted:
    case ErrorCode::Unavailable:
    case ErrorCode::Timeout:
      return 503;
    case ErrorCode::Corrupt:
      return 500;
  }
  return 500;
}

std::string as_sentence(std::string text) {
  if (text.empty()) return text;
  if (text.front() >= 'a' && text.front() <= 'z') text.front() = char(text.front() - 'a' + 'A');
  if (text.back() != '.' && text.back() != '?' && text.back() != '!') text += '.';
  return text;
}

}  // namespace stormdoor::portal
