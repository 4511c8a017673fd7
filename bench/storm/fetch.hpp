#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace stormdoor::storm {

enum class Transport : uint8_t { Tftp, Http, Https };
[[nodiscard]] std::string_view to_string(Transport transport);  // "TFTP", "HTTP", "HTTPS"

// What a simulated phone makes of the bytes that it is sent: counts them, keeps the first
// kMostKept (a configuration fits; of firmware nobody reads the text) and, if asked, hashes them
// all.
class Body {
 public:
  static constexpr size_t kMostKept = size_t{512} * 1024;

  explicit Body(bool hashed = false);
  ~Body();
  Body(Body&&) noexcept;
  Body& operator=(Body&&) noexcept;

  void add(std::span<const std::byte> bytes);
  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  // SHA-256 in lower-case hexadecimal, of everything so far; empty unless `hashed`.
  [[nodiscard]] std::string sha256() const;

 private:
  struct Hash;
  uint64_t bytes_ = 0;
  std::string text_;
  std::unique_ptr<Hash> hash_;
};

// How one file request ended.
struct FetchResult {
  enum class Outcome : uint8_t {
    Found,
    Missing,  // 404, TFTP error 1
    Refused,  // 401, 403, TFTP error 2
    Failed,   // no answer, a broken one, or an error that the patience did not outlast
  };
  Outcome outcome = Outcome::Failed;
  // Why, in words that are the same for every phone with the same trouble, so that a report can
  // count them: "no answer", "connection reset", "HTTP 503".
  std::string reason;
  int status = 0;  // the HTTP status, or the TFTP error code; 0: no answer
  Body body;
  uint32_t retries = 0;  // retransmissions (TFTP) or further attempts (HTTP)
  // The most tries that one packet (TFTP) or the file (HTTP) took: what is held against patience.
  uint32_t most_tries = 1;
  bool hung_up = false;  // no answer at all: silence, a reset, a refused connection
};

}  // namespace stormdoor::storm
