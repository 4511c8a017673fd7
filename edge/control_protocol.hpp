#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

// What the shell client and the daemon say to each other over the local socket: frames of a length
// (4 bytes, network order) and that many bytes of JSON.
namespace stormdoor::edge {

inline constexpr size_t kMostRequestBytes =
    size_t{16} * 1024 * 1024;  // a CSV of 100,000 phones fits
inline constexpr size_t kMostResponseBytes =
    size_t{64} * 1024 * 1024;  // a list of all of them, too

struct ControlRequest {
  std::string command;  // "phone.add"
  nlohmann::json arguments = nlohmann::json::object();

  [[nodiscard]] std::string encode() const;
  // Refuses what is not such an object: InvalidArgument.
  static Result<ControlRequest> decode(std::string_view json);
};

// The exit status of the shell client.
enum class Outcome { Done = 0, Refused = 1, Usage = 2 };

struct ControlResponse {
  Outcome outcome = Outcome::Done;
  std::string message;  // a sentence for people; may be empty when `data` says it all
  nlohmann::json data;  // null, object or array
  bool more = false;    // others follow (events --follow)

  static ControlResponse done(std::string message, nlohmann::json data = nullptr);
  static ControlResponse refused(const Error& error);

  [[nodiscard]] std::string encode() const;
  static Result<ControlResponse> decode(std::string_view json);
};

// The length and the bytes.
[[nodiscard]] std::string frame(std::string_view payload);

// Cuts a stream of bytes into frames. Holds at most one frame of `most_bytes` and what was fed with
// it; a longer frame is an error after which the stream is of no use.
class FrameReader {
 public:
  explicit FrameReader(size_t most_bytes) : most_bytes_(most_bytes) {}
  void feed(std::string_view bytes) { buffer_ += bytes; }
  // The next whole frame, if there is one.
  Result<std::optional<std::string>> next();

 private:
  size_t most_bytes_;
  std::string buffer_;
};

}  // namespace stormdoor::edge
