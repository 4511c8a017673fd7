#pragma once

#include <string_view>
#include <vector>

#include "acl/failure.hpp"
#include "portal/problem.hpp"

namespace stormdoor::portal {

// What a PBX tells of one login.
struct ReportedLogin {
  bool success = false;
  acl::Failure failure;  // also says who and where when it was a success
};

inline constexpr size_t kMostReports = 1'000;                  // in one request
inline constexpr size_t kMostReportBytes = size_t{64} * 1024;  // of its body

struct LoginReport {
  std::vector<ReportedLogin> logins;
  std::vector<FieldProblem> problems;  // at most 20; if there is one, nothing is to be done
};

// Reads the body of POST /api/v1/failures: one object, or an array of at most kMostReports,
//
//   {"service": "sip", "source": "198.51.100.7", "kind": "wrong-password", "account": "2041",
//    "port": 5060, "transport": "udp", "answered": true}
//
// service: as access rules name them. kind: wrong-password, unknown-account, wrong-pin (of
// desk-login) or success. transport: udp, tcp, tls, ws or wss. Needed are service, source and kind;
// over UDP (which is what is believed if nothing is said) a login is taken to have answered a nonce
// that the PBX sent to that address unless "answered" is false: then it proves nothing and blocks
// nobody (promise 4). Whoever reports vouches for that, and for reporting an attempt once.
//
// Pure. Unknown fields are errors: a typo must not lose half of a report.
[[nodiscard]] LoginReport read_login_report(std::string_view body);

}  // namespace stormdoor::portal
