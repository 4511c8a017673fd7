#include "portal/problem.hpp"

#include <nlohmann/json.hpp>

namespace stormdoor::portal {

http::HttpResponse problem(int status, std::string_view detail,
                           const std::vector<FieldProblem>& fields) {
  const std::string_view title = http::reason_phrase(status);
  nlohmann::json document = {
      {"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}};
  for (const auto& field : fields)
    document["errors"].push_back({{"pointer", "#" + field.pointer}, {"detail", field.detail}});
  http::HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  response.body = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

}  // namespace stormdoor::portal
