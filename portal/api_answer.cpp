#include "portal/api_answer.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "base/crypto/crypto.hpp"
#include "base/text.hpp"
#include "portal/problem.hpp"

namespace stormdoor::portal {
namespace {

using nlohmann::json;

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Any text in it, at any depth.
bool mentions(const json& value, const std::string& lower_case_needle) {
  if (value.is_string())
    return ascii_lower(value.get_ref<const std::string&>()).find(lower_case_needle) !=
           std::string::npos;
  if (value.is_structured())
    return std::ranges::any_of(value,
                               [&](const json& one) { return mentions(one, lower_case_needle); });
  if (value.is_number()) return dump(value).find(lower_case_needle) != std::string::npos;
  return false;
}

std::string key_text(const json& row, std::string_view key) {
  const auto found = row.find(key);
  if (found == row.end()) return {};
  return found->is_string() ? found->get<std::string>() : dump(*found);
}

// Where the page after a cursor begins. A cursor is the key of the last row that was seen; where
// rows have none, a place.
size_t place_after(const json& rows, std::string_view key, const std::string& cursor) {
  if (cursor.empty()) return 0;
  if (key.empty()) {
    size_t place = 0;
    std::from_chars(cursor.data(), cursor.data() + cursor.size(), place);
    return std::min(place, rows.size());
  }
  for (size_t i = 0; i < rows.size(); ++i)
    if (key_text(rows[i], key) == cursor) return i + 1;
  // It has been removed meanwhile; rows are in the order of their keys.
  for (size_t i = 0; i < rows.size(); ++i)
    if (key_text(rows[i], key) > cursor) return i;
  return rows.size();
}

json page_of(const Route& route, const ListWish& wish, json rows) {
  if (!wish.search.empty()) {
    const std::string needle = ascii_lower(wish.search);
    json found = json::array();
    for (json& row : rows)
      if (mentions(row, needle)) found.push_back(std::move(row));
    rows = std::move(found);
  }
  const size_t begin = place_after(rows, route.key, wish.after);
  const size_t end = std::min(rows.size(), begin + wish.limit);
  json items = json::array();
  for (size_t i = begin; i < end; ++i) items.push_back(std::move(rows[i]));
  json next;
  if (end < rows.size())
    next = route.key.empty() ? fmt::to_string(end) : key_text(items.back(), route.key);
  return {{"items", std::move(items)}, {"total", rows.size()}, {"next", std::move(next)}};
}

ErrorCode code_named(std::string_view name) {
  for (const ErrorCode code :
       {ErrorCode::InvalidArgument, ErrorCode::NotFound, ErrorCode::AlreadyExists,
        ErrorCode::Conflict, ErrorCode::PermissionDenied, ErrorCode::ResourceExhausted,
        ErrorCode::Unavailable, ErrorCode::Corrupt, ErrorCode::Timeout})
    if (to_string(code) == name) return code;
  return ErrorCode::InvalidArgument;
}

http::HttpResponse refusal(const Route& route, const CommandAnswer& answer) {
  const bool has_code = answer.data.is_object() && answer.data.contains("error");
  const ErrorCode code = has_code ? code_named(answer.data["error"].get_ref<const std::string&>())
                                  : ErrorCode::InvalidArgument;
  std::vector<ErrorDetail> details;
  if (has_code && answer.data.contains("details"))
    for (const json& one : answer.data["details"])
      details.push_back({field_of(route, one["field"].get<std::string>()), one["row"].get<size_t>(),
                         one["message"].get<std::string>()});
  auto response = problem_of(status_of(code), as_sentence(answer.message), details);
  if (response.status == 503) response.headers.emplace_back("Retry-After", "5");
  return response;
}

http::HttpResponse object_response(const Route& route, const json& object) {
  auto response = json_response(200, object);
  response.headers.emplace_back("ETag", etag_of(route, object));
  return response;
}

http::HttpResponse change_response(CommandAnswer answer) {
  json body = {{"message", answer.message}};
  if (answer.data.is_object())
    body.update(answer.data);
  else if (!answer.data.is_null())
    body["items"] = std::move(answer.data);
  return json_response(200, body);
}

// Telephone numbers are none.
bool is_formula(std::string_view text) {
  if (text.empty() || std::string_view("=+-@\t\r").find(text.front()) == std::string_view::npos)
    return false;
  return text.front() == '=' || text.find_first_not_of("0123456789", 1) != std::string_view::npos;
}

// RFC 4180, and no formulas.
std::string cell(std::string text) {
  if (is_formula(text)) text.insert(text.begin(), '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

// Whole or not at all: no two are the same, so that no part of one continues another.
http::HttpResponse file_response(UniqueFd& file) {
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return problem(500, "The file cannot be read.");
  http::HttpResponse response;
  response.content_type = "application/octet-stream";
  response.headers = {{"Cache-Control", "no-store"},
                      {"Content-Disposition", "attachment; filename=\"stormdoor.db\""}};
  response.content = http::make_content(std::move(file), uint64_t(status.st_size), WallTime{},
                                        "\"" + crypto::random_token(8) + "\"");
  return response;
}

}  // namespace

http::HttpResponse json_response(int status, const json& body) {
  http::HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.headers = {{"Cache-Control", "no-store"}};
  response.body = dump(body) + "\n";
  return response;
}

http::HttpResponse csv_response(const Route& route, const json& rows) {
  std::string text;
  for (const Column& column : route.columns)
    text += (text.empty() ? "" : ",") + std::string(column.name);
  text += "\r\n";
  for (const json& row : rows) {
    std::string line;
    for (const Column& column : route.columns)
      line += (&column == route.columns.data() ? "" : ",") + cell(key_text(row, column.name));
    text += line + "\r\n";
  }
  http::HttpResponse response;
  response.content_type = "text/csv; charset=utf-8";
  response.headers = {{"Cache-Control", "no-store"},
                      {"Content-Disposition", "attachment; filename=\"stormdoor.csv\""}};
  response.body = std::move(text);
  return response;
}

json object_of(const Route& route, std::string_view wanted_key, const CommandAnswer& answer) {
  if (!answer.done) return {};
  if (route.kind != Kind::Picked) return answer.data;
  for (const json& row : answer.data)
    if (key_text(row, route.key) == wanted_key) return row;
  return {};
}

std::string etag_of(const Route& route, json object) {
  if (object.is_object())
    for (const auto column : route.changing) object.erase(std::string(column));
  return "\"" + crypto::hash_hex(crypto::Hash::Sha256, dump(object)).substr(0, 32) + "\"";
}

bool names_tag(std::string_view header, std::string_view etag) {
  if (trim(header) == "*") return true;
  for (std::string_view tag : split(header, ',')) {
    tag = trim(tag);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag) return true;
  }
  return false;
}

http::HttpResponse answer_of(const Route& route, const ApiCall& call, std::string_view wanted_key,
                             CommandAnswer answer) {
  const bool answers_anyway =
      answer.data.is_object() && !answer.data.contains("error") && route.kind == Kind::Object;
  if (!answer.done && !answers_anyway) return refusal(route, answer);
  switch (route.kind) {
    case Kind::List:
      return json_response(200, page_of(route, call.wish, std::move(answer.data)));
    case Kind::Page:
      return json_response(200, answer.data);
    case Kind::Rows: {
      const size_t count = answer.data.size();
      return json_response(
          200, {{"items", std::move(answer.data)}, {"total", count}, {"next", nullptr}});
    }
    case Kind::Picked: {
      const json object = object_of(route, wanted_key, answer);
      if (object.is_null())
        return problem(404,
                       fmt::format("There is no {} \"{}\".", route.key, printable(wanted_key, 40)));
      return object_response(route, object);
    }
    case Kind::Object:
      return object_response(route, answer.data);
    case Kind::Lines:
      return json_response(200, {{"lines", std::move(answer.data)}});
    case Kind::Change:
      return change_response(std::move(answer));
    case Kind::File:
      if (answer.file) return file_response(*answer.file);
      break;
    case Kind::Special:
      break;
  }
  return problem(500, "No answer was found.");
}

}  // namespace stormdoor::portal
