#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
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
// The same with fields as forms know them: {"field", "row" (if there are many), "detail"}.
[[nodiscard]] http::HttpResponse problem_of(int status, std::string_view detail,
                                            const std::vector<ErrorDetail>& details);
// The status that says it.
[[nodiscard]] int status_of(ErrorCode code);

// A sentence of ours as it stands alone: with a capital and a full stop.
[[nodiscard]] std::string as_sentence(std::string text);

}  // namespace stormdoor::portal
