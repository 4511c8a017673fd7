// Queries, bodies and cookies that reach the portal's API: the first line is the query, the rest
// the body of every kind of operation.

#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "portal/admin_api.hpp"
#include "portal/api_call.hpp"

using namespace stormdoor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto line = bytes.find('\n');
  const std::string_view query = bytes.substr(0, line);
  const std::string_view body =
      line == std::string_view::npos ? std::string_view() : bytes.substr(line + 1);
  (void)portal::session_cookie(query);
  (void)portal::find_route("GET", query);
  const portal::PathValues nothing;
  for (const portal::Route& route : portal::routes()) {
    const bool is_csv = route.path.starts_with("/imports/");
    const auto call =
        portal::read_call(route, {nothing, query, is_csv ? "text/csv" : "application/json", body});
    STORMDOOR_CHECK(call.arguments.is_object(), "a command gets an object");
    if (!call.problems.empty()) continue;
    for (const auto& parameter : route.parameters) {
      const auto name = parameter.argument.empty() ? parameter.name : parameter.argument;
      const bool picks_a_row =
          route.kind == portal::Kind::Picked && parameter.in == portal::In::Path;
      STORMDOOR_CHECK(!parameter.required || picks_a_row || call.arguments.contains(name),
                      "what is needed is there, or its want is said");
    }
  }
  return 0;
}
