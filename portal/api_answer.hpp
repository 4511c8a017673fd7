#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/unique_fd.hpp"
#include "portal/api_call.hpp"
#include "portal/route.hpp"
#include "tftp-http/http_response.hpp"

namespace stormdoor::portal {

// What a command answered.
struct CommandAnswer {
  bool done = false;
  std::string message;  // a sentence; if it was refused, why
  // Rows or an object. If it was refused: {"error": code, "details": [{"field", "row",
  // "message"}]}, or an object without "error" where a refusal is an answer as well.
  nlohmann::json data;
  std::shared_ptr<UniqueFd> file = {};  // open for reading; null: there is none
};

// Turns answers of commands into answers of the API. Pure.

// The response to a call; `wanted_key` is the path's value for Picked routes.
[[nodiscard]] http::HttpResponse answer_of(const Route& route, const ApiCall& call,
                                           std::string_view wanted_key, CommandAnswer answer);
// The object that a GET of one thing answers; null when it was refused or is not there.
[[nodiscard]] nlohmann::json object_of(const Route& route, std::string_view wanted_key,
                                       const CommandAnswer& answer);
// A tag of it, quoted, without what changes from moment to moment.
[[nodiscard]] std::string etag_of(const Route& route, nlohmann::json object);
// Whether If-Match or If-None-Match names this tag, or "*".
[[nodiscard]] bool names_tag(std::string_view header, std::string_view etag);

[[nodiscard]] http::HttpResponse json_response(int status, const nlohmann::json& body);

// Rows as CSV (RFC 4180) with the route's columns as header. A cell that a spreadsheet would take
// for a formula gets a ' before it.
[[nodiscard]] http::HttpResponse csv_response(const Route& route, const nlohmann::json& rows);

}  // namespace stormdoor::portal
