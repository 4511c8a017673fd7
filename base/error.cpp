#include "base/error.hpp"

#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace stormdoor {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return "invalid-argument";
    case ErrorCode::NotFound:
      return "not-found";
    case ErrorCode::AlreadyExists:
      return "already-exists";
    case ErrorCode::Conflict:
      return "conflict";
    case ErrorCode::PermissionDenied:
      return "permission-denied";
    case ErrorCode::ResourceExhausted:
      return "resource-exhausted";
    case ErrorCode::Unavailable:
      return "unavailable";
    case ErrorCode::Corrupt:
      return "corrupt";
    case ErrorCode::Timeout:
      return "timeout";
  }
  return "unknown";
}

Error Error::while_doing(std::string_view what) const {
  Error longer(code_, std::string(what) + ": " + message_);
  longer.details_ = details_;
  return longer;
}

Error Error::with_details(std::vector<ErrorDetail> details) const {
  Error detailed = *this;
  detailed.details_ = std::make_shared<const std::vector<ErrorDetail>>(std::move(details));
  return detailed;
}

const std::vector<ErrorDetail>& Error::details() const {
  static const std::vector<ErrorDetail> kNone;
  return details_ ? *details_ : kNone;
}

Error system_error(std::string_view what, int error_number) {
  auto code = ErrorCode::Unavailable;
  if (error_number == EACCES || error_number == EPERM) code = ErrorCode::PermissionDenied;
  if (error_number == ENOENT) code = ErrorCode::NotFound;
  if (error_number == EEXIST || error_number == EADDRINUSE) code = ErrorCode::AlreadyExists;
  return Error(code, std::string(what) + ": " + std::generic_category().message(error_number));
}

void check_failed(const char* condition, const char* reason, const char* file, int line) {
  std::fprintf(stderr, "stormdoor: internal error at %s:%d: %s does not hold: %s\n", file, line,
               condition, reason);
  std::abort();
}

}  // namespace stormdoor
