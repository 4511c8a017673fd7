#include "hotdesk/take_over.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "hotdesk/rows.hpp"
#include "hotdesk/rules.hpp"

namespace stormdoor::hotdesk {
namespace {

using Outcome = TakeOverReport::Outcome;

class TakeOver {
 public:
  TakeOver(Draft& draft, const Tools& tools, TakeOverReport& report)
      : draft_(draft), tools_(tools), report_(report) {
    // These PINs come from where they are kept.
    tools_.pins_kept_in.clear();
  }

  void take(TakenUser taken) {
    if (taken.pin && is_extension(taken))
      if (const auto checked = check_pin(taken.extension, taken.pin->reveal()); !checked) {
        notes_.add({0, taken.line}, taken.extension,
                   checked.error().message() + "; it is left out");
        taken.pin.reset();
      }
    TakeOverReport::Row row{.line = taken.line,
                            .extension = taken.extension,
                            .outcome = Outcome::Unchanged,
                            .fields = {}};
    const auto before = draft_.registry().user(taken.extension);
    const Problems problems = before ? change(*before, taken, row) : add(taken, row);
    if (problems.none())
      report_.rows.push_back(std::move(row));
    else
      errors_.add({0, taken.line}, problems);
  }

  void finish() {
    report_.errors = errors_.take();
    const auto notes = notes_.take();
    report_.notes.insert(report_.notes.end(), notes.begin(), notes.end());
  }

 private:
  static bool is_extension(const TakenUser& taken) {
    return bool(check_extension(taken.extension));
  }

  Problems add(const TakenUser& taken, TakeOverReport::Row& row) {
    row.outcome = Outcome::Added;
    UserRequest request;
    request.extension = taken.extension;
    request.name = taken.name;
    request.sip_secret = taken.secret;
    request.pin = taken.pin;
    return add_user(draft_, request, tools_);
  }

  Problems change(const UserRecord& before, const TakenUser& taken, TakeOverReport::Row& row) {
    UserEdit edit;
    if (!taken.name.empty() && taken.name != before.name) {
      edit.name = taken.name;
      row.fields.emplace_back("name");
    }
    if (taken.secret && !(*taken.secret == before.sip_secret)) {
      edit.sip_secret = taken.secret;
      row.fields.emplace_back("sip_secret");
    }
    if (taken.pin && !tools_.pins.matches(before.pin_hash, taken.extension, taken.pin->reveal())) {
      edit.pin = taken.pin;
      row.fields.emplace_back("pin");
    }
    if (row.fields.empty()) return {};
    row.outcome = Outcome::Changed;
    return set_user(draft_, taken.extension, edit, tools_);
  }

  Draft& draft_;
  Tools tools_;
  TakeOverReport& report_;
  RowErrors errors_, notes_;
};

}  // namespace

size_t TakeOverReport::count(Outcome outcome) const {
  return size_t(std::ranges::count(rows, outcome, &Row::outcome));
}

TakeOverReport take_over(Draft& draft, const TakenUsers& taken, const Tools& tools) {
  TakeOverReport report;
  report.notes = taken.notes;
  if (!taken.errors.empty()) {
    report.errors = taken.errors;
    return report;
  }
  const Problems refused = draft.attempt([&] {
    TakeOver run(draft, tools, report);
    for (const TakenUser& user : taken.users) run.take(user);
    run.finish();
    Problems problems;
    if (!report.errors.empty())
      problems.add("", ErrorCode::InvalidArgument, "some rows are refused");
    return problems;
  });
  STORMDOOR_CHECK(refused.none() == report.errors.empty(), "one says what the other does");
  return report;
}

PinReport take_over_pins(Draft& draft, const VoicemailFile& file, std::string_view context,
                         const Tools& tools) {
  Tools ours = tools;
  ours.pins_kept_in.clear();
  PinReport report;
  RowErrors notes;
  for (const Mailbox& mailbox : file.mailboxes) {
    if (mailbox.context != context || mailbox.pin.empty()) continue;
    const auto user = draft.registry().user(mailbox.number);
    if (!user || tools.pins.matches(user->pin_hash, mailbox.number, mailbox.pin.reveal())) continue;
    UserEdit edit;
    edit.pin = mailbox.pin;
    const Problems problems = set_user(draft, mailbox.number, edit, ours);
    if (problems.none())
      report.changed.push_back(mailbox.number);
    else
      notes.add({0, mailbox.line}, mailbox.number, problems.error().message());
  }
  report.notes = notes.take();
  return report;
}

std::string_view to_string(TakeOverReport::Outcome outcome) {
  switch (outcome) {
    case Outcome::Added:
      return "added";
    case Outcome::Changed:
      return "changed";
    case Outcome::Unchanged:
      return "unchanged";
  }
  return "?";
}

}  // namespace stormdoor::hotdesk
