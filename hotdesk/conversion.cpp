#include "hotdesk/conversion.hpp"

#include <fmt/format.h>

#include <set>

#include "base/text.hpp"
#include "hotdesk/words.hpp"

namespace stormdoor::hotdesk {
namespace {

using store::MainPhoneType;
using store::PhoneRole;

// One phone of many.
class Conversion {
 public:
  Conversion(Draft& draft, std::string_view location, const Tools& tools, ConversionReport& report)
      : draft_(draft), location_(location), tools_(tools), report_(report) {}

  Problems run(const MacAddress& mac) {
    const auto phone = draft_.registry().phone(mac);
    if (!phone) return unknown(mac);
    if (phone->role == PhoneRole::HotDesk && (location_.empty() || phone->location == location_)) {
      ++report_.unchanged;
      return {};
    }
    const auto assignment = draft_.registry().assignment_of(mac);
    if (assignment) {
      if (auto problems = unassign(draft_, mac); !problems.none()) return problems;
      if (assignment->slot == 0)
        if (auto problems = let_log_in(assignment->extension); !problems.none()) return problems;
    }
    PhoneEdit edit;
    edit.role = PhoneRole::HotDesk;
    if (!location_.empty()) edit.location = std::string(location_);
    auto problems = set_phone(draft_, mac, edit, tools_);
    if (problems.none()) ++report_.converted;
    return problems;
  }

 private:
  static Problems unknown(const MacAddress& mac) {
    Problems problems;
    problems.add("mac", ErrorCode::NotFound,
                 fmt::format("there is no phone {}; \"stormdoor phone add {} --hot-desk\" adds it",
                             mac.to_string(), mac.to_string()));
    return problems;
  }

  // The user whose main phone is taken away logs in at any hot desk from now on.
  Problems let_log_in(const std::string& extension) {
    UserEdit edit;
    edit.main_phone_type = MainPhoneType::HotDesking;
    auto problems = set_user(draft_, extension, edit, tools_);
    if (!problems.none()) return problems;
    report_.users.push_back(extension);
    const auto user = draft_.registry().user(extension);
    if (user && user->pin_hash.empty())
      report_.notes.push_back(
          fmt::format("{} has no PIN and cannot log in; stormdoor user set {} --pin",
                      phrase_for(*user), extension));
    return problems;
  }

  Draft& draft_;
  const std::string_view location_;
  const Tools& tools_;
  ConversionReport& report_;
};

}  // namespace

ConversionReport convert(Draft& draft, std::span<const MacAddress> phones,
                         std::string_view location, const Tools& tools) {
  ConversionReport report;
  const auto refuse = [&](size_t row, const Problem& problem) {
    if (report.errors.size() < kMostRowErrors)
      report.errors.push_back({row, 0, problem.field, problem.message});
  };
  if (phones.size() > kMostRows) {
    refuse(0,
           {"", ErrorCode::InvalidArgument,
            fmt::format("{} phones are too many at once; at most {}", phones.size(), kMostRows)});
    return report;
  }
  Conversion conversion(draft, location, tools, report);
  std::set<MacAddress> seen;
  (void)draft.attempt([&] {
    Problems all;
    for (size_t i = 0; i < phones.size(); ++i) {
      if (!seen.insert(phones[i]).second) continue;
      auto problems = draft.attempt([&] { return conversion.run(phones[i]); });
      for (const Problem& problem : problems.all()) refuse(i + 1, problem);
      all.add(std::move(problems));
    }
    return all;
  });
  if (!report.errors.empty()) {
    report.converted = report.unchanged = 0;
    report.users.clear();
    report.notes.clear();
  }
  return report;
}

}  // namespace stormdoor::hotdesk
