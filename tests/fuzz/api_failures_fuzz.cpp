#include "base/error.hpp"
#include "portal/login_report.hpp"

// A report of logins from anywhere: what is taken is whole and bounded, what is refused is named.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stormdoor;
  const auto report = portal::read_login_report({reinterpret_cast<const char*>(data), size});
  STORMDOOR_CHECK(report.logins.empty() != report.problems.empty(), "taken, or refused");
  STORMDOOR_CHECK(report.logins.size() <= portal::kMostReports, "the limit on reports holds");
  STORMDOOR_CHECK(report.problems.size() <= 20, "the limit on problems holds");
  for (const auto& login : report.logins) {
    STORMDOOR_CHECK(!login.failure.source.is_unspecified(), "a login has a source");
    STORMDOOR_CHECK(login.failure.account.size() <= 64, "accounts are cut");
  }
  const auto answer = portal::problem(400, "refused", report.problems);
  STORMDOOR_CHECK(!answer.body.empty(), "a refusal says something");
  return 0;
}
