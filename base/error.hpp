#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace stormdoor {

// What went wrong, for programs. People read Error::message().
enum class ErrorCode {
  InvalidArgument,  // the input is wrong, and would be wrong again
  NotFound,
  AlreadyExists,
  Conflict,  // right by itself, but not in the present state
  PermissionDenied,
  ResourceExhausted,  // a stated bound is reached
  Unavailable,        // the environment (disk, peer, process); may work later
  Corrupt,            // stored data is not what we wrote
  Timeout,
};

// "invalid-argument" and the like, as shells and the API show it.
[[nodiscard]] std::string_view to_string(ErrorCode code);

// What is wrong with one field of a request, or of one row of many, for forms.
struct ErrorDetail {
  std::string field;  // as files and the API spell it; empty: the whole
  size_t row = 0;     // counts from 1; 0: the request has no rows
  std::string message;
  bool operator==(const ErrorDetail&) const = default;
};

// A code for programs and a sentence for people. Whoever handles it logs it, once; a layer that
// passes it on may say first what it was doing.
class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }

  // "open the store: " + message.
  [[nodiscard]] Error while_doing(std::string_view what) const;

  // Which fields it is about, where a form is to show it; the message says all of it as well.
  [[nodiscard]] Error with_details(std::vector<ErrorDetail> details) const;
  [[nodiscard]] const std::vector<ErrorDetail>& details() const;

  bool operator==(const Error& other) const {
    return code_ == other.code_ && message_ == other.message_ && details() == other.details();
  }

 private:
  ErrorCode code_;
  std::string message_;
  std::shared_ptr<const std::vector<ErrorDetail>> details_;  // few errors have any
};

// The last system call's errno as an Error: "bind 0.0.0.0:69: Permission denied".
[[nodiscard]] Error system_error(std::string_view what, int error_number);

// A value or an Error. A class of its own and not an alias, so that the compiler objects when one
// is dropped.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result()
    requires std::is_void_v<T> || std::is_default_constructible_v<T>
  = default;
  Result(Error error)
      : state_(std::unexpect, std::move(error)) {}  // NOLINT(google-explicit-constructor)
  template <typename U = T>
    requires(!std::is_void_v<T> && std::is_constructible_v<T, U &&> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error>)
  Result(U&& value)
      : state_(std::in_place, std::forward<U>(value)) {
  }  // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)

  [[nodiscard]] bool has_value() const { return state_.has_value(); }
  [[nodiscard]] explicit operator bool() const { return state_.has_value(); }

  [[nodiscard]] decltype(auto) value() & { return *state_; }
  [[nodiscard]] decltype(auto) value() const& { return *state_; }
  [[nodiscard]] decltype(auto) value() && { return *std::move(state_); }
  [[nodiscard]] decltype(auto) operator*() & { return *state_; }
  [[nodiscard]] decltype(auto) operator*() const& { return *state_; }
  [[nodiscard]] decltype(auto) operator*() && { return *std::move(state_); }
  [[nodiscard]] auto operator->() { return &*state_; }
  [[nodiscard]] auto operator->() const { return &*state_; }

  [[nodiscard]] const Error& error() const& { return state_.error(); }
  [[nodiscard]] Error&& error() && { return std::move(state_).error(); }

 private:
  std::expected<T, Error> state_;
};

// Prints what and where to stderr and aborts: our own bug, in every build.
[[noreturn]] void check_failed(const char* condition, const char* reason, const char* file,
                               int line);

}  // namespace stormdoor

// Unwraps a Result or returns its Error from the enclosing function. One per expression, and not
// beside temporaries that hold memory, as in Pair{TRY(a()), TRY(b())}: when the second returns,
// g++ 12 forgets to destroy what the first has made.
#define TRY(expression)                                                  \
  __extension__({                                                        \
    auto&& try_result_ = (expression);                                   \
    if (!try_result_.has_value()) return std::move(try_result_).error(); \
    *std::move(try_result_);                                             \
  })

// The same, with a word about what we were doing: TRY_WHILE("open the store", open(path)).
#define TRY_WHILE(what, expression)                                                        \
  __extension__({                                                                          \
    auto&& try_result_ = (expression);                                                     \
    if (!try_result_.has_value()) return std::move(try_result_).error().while_doing(what); \
    *std::move(try_result_);                                                               \
  })

// An invariant of ours. `reason` says why it must hold.
#define STORMDOOR_CHECK(condition, reason)                               \
  do {                                                                   \
    if (!(condition)) [[unlikely]]                                       \
      ::stormdoor::check_failed(#condition, reason, __FILE__, __LINE__); \
  } while (false)
