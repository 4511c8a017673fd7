#include "hotdesk/credential_change.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "acl/lease_book.hpp"
#include "hotdesk/phone_view.hpp"

namespace stormdoor::hotdesk {
namespace {

struct Line {
  std::string account;
  Secret secret;
  bool operator==(const Line&) const = default;
};

// What the configuration of a phone tells it about itself.
struct Knowledge {
  std::vector<Line> lines;
  Secret token;
};

Knowledge knowledge_in(const PhoneView& view) {
  Knowledge known;
  if (view.phone) known.token = view.phone->token;
  for (const auto& user : view.users) known.lines.push_back({user->extension, user->sip_secret});
  if (known.lines.empty() && !view.account().empty())
    known.lines.push_back({std::string(view.account()), view.account_secret()});
  return known;
}

std::vector<Line> lost_lines(const Knowledge& before, const Knowledge& after) {
  std::vector<Line> lost;
  for (const Line& line : before.lines)
    if (std::ranges::find(after.lines, line) == after.lines.end()) lost.push_back(line);
  return lost;
}

bool has_account(const Knowledge& known, const std::string& account) {
  return std::ranges::find(known.lines, account, &Line::account) != known.lines.end();
}

// In the words of an administrator.
std::string reason_for(const PhoneView& before, const PhoneView& after,
                       const std::vector<Line>& lost) {
  if (!after.phone) return "the phone was removed";
  if (lost.empty()) return "its token was renewed";
  const std::string& account = lost.front().account;
  if (has_account(knowledge_in(after), account))
    return before.users.empty() ? "its device secret was changed"
                                : fmt::format("the SIP secret of {} was changed", account);
  if (before.session)
    return after.session
               ? fmt::format("{} logged out and {} logged in", account, after.session->extension)
               : fmt::format("{} logged out", account);
  if (after.session) return fmt::format("{} logged in", after.session->extension);
  if (!before.assignment)
    return after.assignment ? fmt::format("it was assigned to {}", after.assignment->extension)
                            : "its device account was changed";
  return after.assignment
             ? fmt::format("it was moved from {} to {}", account, after.assignment->extension)
             : fmt::format("the assignment to {} was removed", account);
}

// Collects the phones that an operation may have taken something from.
struct Touched {
  const Registry& before;
  std::set<MacAddress> phones;

  void of_user(std::string_view extension) {
    for (const auto& assignment : before.assignments_of(extension)) phones.insert(assignment->mac);
    if (const auto session = before.session_of(extension)) phones.insert(session->mac);
  }
  void operator()(const store::PutPhone& put) { phones.insert(put.row.mac); }
  void operator()(const store::ErasePhone& erase) { phones.insert(erase.mac); }
  void operator()(const store::PutUser& put) { of_user(put.row.extension); }
  void operator()(const store::EraseUser& erase) { of_user(erase.extension); }
  void operator()(const store::PutAssignment& put) {
    phones.insert(put.row.mac);
    of_user(put.row.extension);
  }
  void operator()(const store::EraseAssignment& erase) { of_user(erase.extension); }
  void operator()(const store::PutDeskSession& put) {
    phones.insert(put.row.mac);
    if (const auto elsewhere = before.session_of(put.row.extension)) phones.insert(elsewhere->mac);
  }
  void operator()(const store::EraseDeskSession& erase) { phones.insert(erase.mac); }
  // These hold nothing that a phone could know.
  void operator()(const store::AppendDeskLog&) {}
  void operator()(const store::PutConversion&) {}
  void operator()(const store::EraseConversion&) {}
  void operator()(const store::PutConversionPhone&) {}
  void operator()(const store::PutAdministrator&) {}
  void operator()(const store::EraseAdministrator&) {}
  void operator()(const store::PutApiToken&) {}
  void operator()(const store::EraseApiToken&) {}
  void operator()(const store::AppendAudit&) {}
  void operator()(const store::PutLocation&) {}
  void operator()(const store::EraseLocation&) {}
  void operator()(const store::PutBlock&) {}
  void operator()(const store::EraseBlock&) {}
  void operator()(const store::PutLease&) {}
  void operator()(const store::EraseLease&) {}
  void operator()(const store::PutStaleSecret&) {}
  void operator()(const store::EraseStaleSecret&) {}
};

std::set<MacAddress> touched_phones(const store::Change& change, const Registry& before) {
  Touched touched{before, {}};
  for (const auto& operation : change.operations) std::visit(touched, operation);
  // A phone that is new knows nothing yet.
  std::erase_if(touched.phones, [&](const MacAddress& mac) { return !before.phone(mac); });
  return std::move(touched.phones);
}

store::EraseStaleSecret erase_of(const StaleSecretRecord& row) {
  return {row.mac, row.account, row.since};
}

// Keeps the newest secrets of the account and the newest holders of each.
void prune_stale_secrets(Draft& draft, std::string_view account) {
  std::vector<std::pair<Secret, size_t>> kept;  // how many have it
  for (const auto& row : draft.registry().stale_secrets_of(account)) {
    auto known =
        std::ranges::find(kept, row->secret, [](const auto& one) -> auto& { return one.first; });
    if (known == kept.end() && kept.size() < kMostStaleSecrets)
      known = kept.insert(kept.end(), {row->secret, 0});
    if (known == kept.end() || ++known->second > kMostHoldersOfStaleSecret)
      draft.append(erase_of(*row));
  }
}

// Remembers whose this secret was. Whoever else had the same one is remembered as long as that, so
// that a shared secret never looks like one phone's alone.
void append_stale_secret(Draft& draft, const MacAddress& mac, const Line& line, WallTime now,
                         const LeaseTerms& terms) {
  if (line.account.empty() || line.secret.empty()) return;
  StaleSecretRecord stale{mac, line.account, now, now + terms.keep_old_secrets, line.secret};
  const auto earlier = draft.registry().stale_secrets_of(line.account);
  for (const auto& row : earlier) {
    if (row->secret != line.secret) continue;
    stale.until = std::max(stale.until, row->until);
    if (row->mac == mac) draft.append(erase_of(*row));
  }
  for (const auto& row : earlier) {
    if (row->secret != line.secret || row->mac == mac || row->until >= stale.until) continue;
    StaleSecretRecord longer = *row;
    longer.until = stale.until;
    draft.append(store::PutStaleSecret{std::move(longer)});
  }
  // Two changes within one millisecond must not take each other's place.
  while (std::ranges::any_of(earlier, [&](const auto& row) {
    return row->mac == mac && row->since == stale.since && row->secret != line.secret;
  }))
    stale.since += milliseconds(1);
  draft.append(store::PutStaleSecret{std::move(stale)});
  prune_stale_secrets(draft, line.account);
}

std::vector<std::shared_ptr<const LeaseRecord>> past_leases(const Registry& registry,
                                                            WallTime now) {
  std::vector<std::shared_ptr<const LeaseRecord>> past;
  registry.for_each_lease([&](const auto& lease) {
    if (acl::is_past_deadline(*lease, now)) past.push_back(lease);
  });
  return past;
}

// Once for all that a change opens: each look at the leases is at all of them.
void forget_past_leases(Draft& draft, WallTime now, const LeaseTerms& terms) {
  const size_t count = draft.registry().lease_count();
  if (count <= terms.most) return;
  auto past = past_leases(draft.registry(), now);
  std::ranges::sort(past, {}, [](const auto& lease) { return lease->deadline; });
  past.resize(std::min(past.size(), count - terms.most));
  for (const auto& lease : past) draft.append(store::EraseLease{lease->mac});
}

void append_lease(Draft& draft, LeaseRecord lease, WallTime now) {
  if (const auto known = draft.registry().lease_of(lease.mac))
    lease = acl::merged(*known, lease, now);
  if (lease.accounts.size() > acl::kMostLeaseAccounts)
    lease.accounts.resize(acl::kMostLeaseAccounts);
  draft.append(store::PutLease{std::move(lease)});
}

LeaseRecord lease_for(const MacAddress& mac, std::string reason, WallTime now,
                      const LeaseTerms& terms) {
  return {.mac = mac,
          .accounts = {},
          .opened = now,
          .deadline = now + terms.within,
          .budget = terms.budget,
          .spent = 0,
          .reason = std::move(reason),
          .addresses = {}};
}

void append_for_phone(Draft& draft, const Registry& before, const MacAddress& mac, WallTime now,
                      const LeaseTerms& terms) {
  const PhoneView was = view_of(before, mac);
  const PhoneView is = view_of(draft.registry(), mac);
  const Knowledge knew = knowledge_in(was);
  const Knowledge knows = knowledge_in(is);
  const std::vector<Line> lost = lost_lines(knew, knows);
  if (lost.empty() && knew.token == knows.token) return;
  for (const Line& line : lost) append_stale_secret(draft, mac, line, now, terms);
  LeaseRecord lease = lease_for(mac, reason_for(was, is, lost), now, terms);
  for (const Line& line : lost)
    if (!line.account.empty()) lease.accounts.push_back(line.account);
  append_lease(draft, std::move(lease), now);
}

void append_for_phones(Draft& draft, const Registry& before, const std::set<MacAddress>& phones,
                       WallTime now, const LeaseTerms& terms) {
  for (const MacAddress& mac : phones) append_for_phone(draft, before, mac, now, terms);
  forget_past_leases(draft, now, terms);
}

}  // namespace

void rotate_secrets(store::Change& change, const Registry& before,
                    const std::function<std::string()>& new_secret) {
  const auto touched = touched_phones(change, before);
  if (touched.empty()) return;
  Draft after(*before.with(change, before.version()));
  for (const MacAddress& mac : touched) {
    const PhoneView was = view_of(before, mac);
    for (const auto& user : was.users) {
      const auto is = after.registry().user(user->extension);
      if (!is || is->sip_secret != user->sip_secret) continue;
      if (view_of(after.registry(), mac).account() == user->extension) continue;
      UserRecord rotated = *is;
      rotated.sip_secret = Secret(new_secret());
      after.append(store::PutUser{std::move(rotated)});
    }
  }
  for (auto& operation : std::move(after).take().operations)
    change.operations.push_back(std::move(operation));
}

void append_leases(Draft& draft, const Registry& before, WallTime now, const LeaseTerms& terms) {
  append_for_phones(draft, before, touched_phones(draft.change(), before), now, terms);
}

void append_leases(store::Change& change, const Registry& before, WallTime now,
                   const LeaseTerms& terms) {
  const auto touched = touched_phones(change, before);
  if (touched.empty()) return;
  Draft after(*before.with(change, before.version()));
  append_for_phones(after, before, touched, now, terms);
  for (auto& operation : std::move(after).take().operations)
    change.operations.push_back(std::move(operation));
}

void open_lease(Draft& draft, const MacAddress& mac, std::string_view reason, WallTime now,
                const LeaseTerms& terms) {
  const Registry& registry = draft.registry();
  const size_t in_force = registry.lease_count() - past_leases(registry, now).size();
  if (!registry.lease_of(mac) && in_force >= terms.most) return;
  LeaseRecord lease = lease_for(mac, std::string(reason), now, terms);
  for (const Line& line : knowledge_in(view_of(registry, mac)).lines)
    lease.accounts.push_back(line.account);
  append_lease(draft, std::move(lease), now);
  forget_past_leases(draft, now, terms);
}

void note_lease(Draft& draft, const LeaseRecord& learned, WallTime now) {
  const auto known = draft.registry().lease_of(learned.mac);
  if (!known) return;
  LeaseRecord lease = acl::merged(*known, learned, now);
  if (lease != *known) draft.append(store::PutLease{std::move(lease)});
}

LeaseEnd end_lease(Draft& draft, const LeaseRecord& over, WallTime now) {
  const auto known = draft.registry().lease_of(over.mac);
  if (!known) return LeaseEnd::Gone;
  if (!acl::is_same_lease(*known, over)) return LeaseEnd::Renewed;
  draft.append(store::EraseLease{over.mac});
  return now < over.deadline + acl::LeaseBook::kRememberPast ? LeaseEnd::Back : LeaseEnd::Forgotten;
}

store::Change forget_stale_secrets(const Registry& registry, WallTime now, size_t most) {
  store::Change change;
  registry.for_each_stale_secret([&](const auto& row) {
    if (row->until <= now && change.operations.size() < most)
      change.operations.emplace_back(erase_of(*row));
  });
  return change;
}

}  // namespace stormdoor::hotdesk
