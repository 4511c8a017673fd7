#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tftp-http/http_response.hpp"

namespace stormdoor::portal {

// What is wrong with one field of a request's body.
struct FieldProblem {
  std::string pointer;  // JSON pointer (RFC 6901): "/0/source"; empty: the whole
  std::string detail;
  bool operator==(const FieldProblem&) const = default;
};

// A refusal as a problem document (RFC 9457): its status, a sentence, and the fields that are
// wrong.
[[nodiscard]] http::HttpResponse problem(int status, std::string_view detail,
                                         const std::vector<FieldProblem>& fields = {});

}  // namespace stormdoor::portal
