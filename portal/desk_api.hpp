#pragma once

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "base/secret.hpp"
#include "tftp-http/http_handler.hpp"

namespace stormdoor::portal {

// What a PBX asks of hot desking over HTTP, behind the token that GuardApi checks:
//
//   POST /api/v1/desk-logins    {"phone": "d000fd3054848", "extension": "2041", "pin": "...."}:
//                               dial-in login (a star code). `phone` is the SIP account that the
//                               call came from, or the phone's MAC. Answers {"done": true,
//                               "sentence": ...}; what a person is to hear is the sentence.
//   POST /api/v1/desk-logouts   {"phone": "2041"}: logs out whoever is logged in there.
//   GET /api/v1/emergency?of=X  which number and address an emergency call from X carries: a SIP
//                               account, a MAC, or an address; for the PBX at call time.
//   GET /api/v1/emergency-number?of=X  the first phone's number and nothing else, as a line of
//   text,
//                               for dial plans that know no JSON.
//
// Parses only; who is meant and what comes of it is for Parts. On its HttpServer's thread.
inline constexpr size_t kMostDeskBodyBytes = 4096;

class DeskApi {
 public:
  struct Answer {
    bool done = false;
    std::string sentence;
  };
  using Answered = std::function<void(const Result<Answer>&)>;
  struct Parts {
    std::function<void(const std::string& phone, const std::string& extension, Secret pin,
                       const IpAddress& source, Answered answered)>
        log_in;
    std::function<void(const std::string& phone, const IpAddress& source, Answered answered)>
        log_out;
    // Rows as the shell shows them.
    std::function<Result<nlohmann::json>(const std::string& of)> emergency;
  };
  explicit DeskApi(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] static bool is_ours(std::string_view path);
  // Answers an authorised request that is ours, now or later.
  void handle(http::HttpExchange& exchange);

 private:
  void log_in(http::HttpExchange& exchange);
  void log_out(http::HttpExchange& exchange);
  void emergency(http::HttpExchange& exchange);

  Parts parts_;
};

}  // namespace stormdoor::portal
