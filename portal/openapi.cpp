#include "portal/openapi.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "portal/api_call.hpp"
#include "portal/route.hpp"

namespace stormdoor::portal {
namespace {

using nlohmann::json;

json text_schema() {
  return {{"type", "string"}};
}

json schema_of(Type type, bool always = true) {
  json schema;
  switch (type) {
    case Type::Text:
    case Type::Csv:
      schema = text_schema();
      break;
    case Type::Number:
      schema = {{"type", "integer"}};
      break;
    case Type::Flag:
      schema = {{"type", "boolean"}};
      break;
    case Type::Texts:
      schema = {{"type", "array"}, {"items", text_schema()}};
      break;
    case Type::Pairs:
      schema = {{"type", "object"}, {"additionalProperties", text_schema()}};
      break;
    case Type::Objects:
      schema = {{"type", "array"}, {"items", {{"type", "object"}}}};
      break;
    case Type::Any:
      return json::object();
  }
  if (!always) schema["type"] = json::array({schema["type"], "null"});
  return schema;
}

json object_schema(const std::vector<Column>& columns) {
  json properties = json::object();
  json required = json::array();
  for (const Column& column : columns) {
    properties[std::string(column.name)] = schema_of(column.type, column.always);
    if (column.always) required.push_back(column.name);
  }
  json schema = {{"type", "object"}, {"properties", properties}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

json list_schema(const std::vector<Column>& columns) {
  return {{"type", "object"},
          {"properties",
           {{"items", {{"type", "array"}, {"items", object_schema(columns)}}},
            {"total", {{"type", "integer"}}},
            {"next",
             {{"type", {"string", "integer", "null"}},
              {"description", "`after` of the next page; null: this is the last one"}}}}},
          {"required", {"items", "total", "next"}}};
}

json answer_schema(const Route& route) {
  switch (route.kind) {
    case Kind::List:
    case Kind::Page:
    case Kind::Rows:
      return list_schema(route.columns);
    case Kind::Lines:
      return {{"type", "object"},
              {"properties", {{"lines", schema_of(Type::Texts)}}},
              {"required", {"lines"}}};
    case Kind::Change:
      if (route.columns.empty()) return object_schema({{"message"}});
      break;
    case Kind::File:
      return {{"type", "string"}, {"format", "binary"}};
    case Kind::Picked:
    case Kind::Object:
    case Kind::Special:
      break;
  }
  return object_schema(route.columns);
}

json parameter(std::string_view name, const char* in, bool required, std::string_view about,
               json schema) {
  return {{"name", name},
          {"in", in},
          {"required", required},
          {"description", about},
          {"schema", std::move(schema)}};
}

bool is_paged_here(const Route& route) {
  return route.kind == Kind::List;
}

json parameters_of(const Route& route) {
  json all = json::array();
  for (const Parameter& one : route.parameters) {
    if (one.in == In::Body) continue;
    // A list of one in the path is written as that one.
    json schema = one.type == Type::Texts ? text_schema() : schema_of(one.type);
    all.push_back(parameter(one.name, one.in == In::Path ? "path" : "query", one.required,
                            one.about, std::move(schema)));
  }
  if (is_paged_here(route)) {
    all.push_back(parameter("limit", "query", false, "How many rows at most",
                            {{"type", "integer"},
                             {"minimum", 1},
                             {"maximum", kMostListed},
                             {"default", kUsuallyListed}}));
    all.push_back(
        parameter("after", "query", false, "The cursor `next` of the page before", text_schema()));
  }
  const bool changes = route.method != "GET";
  if (changes && !route.open)
    all.push_back(parameter("X-CSRF-Token", "header", false,
                            "Needed by who comes with the session's cookie", text_schema()));
  if (route.method == "PATCH" || route.method == "DELETE" || route.method == "PUT")
    all.push_back(parameter("If-Match", "header", false,
                            "The ETag that was read: 412 when somebody else has changed it since",
                            text_schema()));
  if (route.method == "POST" && !route.has_secrets)
    all.push_back(parameter("Idempotency-Key", "header", false,
                            "The same call with the same key is done once, and answered the same",
                            text_schema()));
  return all;
}

std::optional<json> body_of(const Route& route) {
  json properties = json::object();
  json required = json::array();
  for (const Parameter& one : route.parameters) {
    if (one.in != In::Body) continue;
    if (one.type == Type::Csv)
      return json{{"required", true}, {"content", {{"text/csv", {{"schema", text_schema()}}}}}};
    json schema = schema_of(one.type);
    schema["description"] = one.about;
    properties[std::string(one.name)] = std::move(schema);
    if (one.required) required.push_back(one.name);
  }
  if (properties.empty()) return {};
  json schema = {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  return json{{"required", true}, {"content", {{"application/json", {{"schema", schema}}}}}};
}

json responses_of(const Route& route) {
  json responses = json::object();
  const char* type = route.id == std::string_view("streamEvents") ? "text/event-stream"
                     : route.kind == Kind::File                   ? "application/octet-stream"
                                                                  : "application/json";
  if (route.kind == Kind::Special && route.method == "DELETE")
    responses["204"] = {{"description", "Done"}};
  else
    responses["200"] = {{"description", "Done"},
                        {"content", {{type, {{"schema", answer_schema(route)}}}}}};
  responses["default"] = {{"$ref", "#/components/responses/Problem"}};
  return responses;
}

json operation(const Route& route) {
  json made = {{"operationId", route.id},
               {"summary", route.about},
               {"x-role", route.open ? "nobody" : to_string(route.least)},
               {"responses", responses_of(route)}};
  if (auto parameters = parameters_of(route); !parameters.empty())
    made["parameters"] = std::move(parameters);
  if (auto body = body_of(route)) made["requestBody"] = *std::move(body);
  if (route.open) made["security"] = json::array();
  return made;
}

json problem_schema() {
  return {{"type", "object"},
          {"properties",
           {{"type", text_schema()},
            {"title", text_schema()},
            {"status", {{"type", "integer"}}},
            {"detail", {{"type", "string"}, {"description", "A sentence for people"}}},
            {"errors",
             {{"type", "array"},
              {"items",
               {{"type", "object"},
                {"properties",
                 {{"field", text_schema()},
                  {"row", {{"type", "integer"}, {"description", "Counts from 1"}}},
                  {"detail", text_schema()}}}}}}}}},
          {"required", {"type", "title", "status", "detail"}}};
}

}  // namespace

json openapi(const std::string& version) {
  json paths = json::object();
  for (const Route& route : routes())
    paths[std::string(route.path)][ascii_lower(route.method)] = operation(route);
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "stormdoor"},
            {"version", version},
            {"license", {{"name", "MIT"}, {"identifier", "MIT"}}},
            {"description",
             "Everything that the shell can do. Each operation says in x-role who may."}}},
          {"servers", {{{"url", "/api/v1"}}}},
          {"paths", std::move(paths)},
          {"security", {{{"session", json::array()}}, {{"token", json::array()}}}},
          {"components",
           {{"securitySchemes",
             {{"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "__Host-stormdoor"}}},
              {"token", {{"type", "http"}, {"scheme", "bearer"}}}}},
            {"schemas", {{"Problem", problem_schema()}}},
            {"responses",
             {{"Problem",
               {{"description", "Why not"},
                {"content",
                 {{"application/problem+json",
                   {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}}}}}}}};
}

}  // namespace stormdoor::portal
