#include "acl/journal_event.hpp"

#include "base/error.hpp"

namespace stormdoor::acl {
namespace {

std::string cut(std::string text, size_t most) {
  if (text.size() > most) text.resize(most);
  return text;
}

}  // namespace

std::string_view to_string(JournalKind kind) {
  switch (kind) {
    case JournalKind::Started:
      return "started";
    case JournalKind::Failure:
      return "failure";
    case JournalKind::Success:
      return "success";
    case JournalKind::Block:
      return "block";
    case JournalKind::Unblock:
      return "unblock";
    case JournalKind::LeaseOpened:
      return "lease opened";
    case JournalKind::LeaseClosed:
      return "lease closed";
    case JournalKind::LeaseExpired:
      return "lease expired";
    case JournalKind::RulesLoaded:
      return "rules loaded";
    case JournalKind::BindingConflict:
      return "binding conflict";
    case JournalKind::Gap:
      return "gap";
  }
  STORMDOOR_CHECK(false, "every kind of event has a name");
}

JournalEvent journal_failure(const Failure& failure, const Verdict& verdict, WallTime time) {
  JournalEvent event;
  event.time = time;
  event.kind = JournalKind::Failure;
  event.service = failure.service;
  event.source = failure.source;
  event.port = failure.port;
  event.tcp = failure.tcp;
  event.device = failure.device;
  event.account = cut(failure.account, JournalEvent::kMostAccountBytes);
  event.failure = failure.kind;
  event.proof = failure.proof;
  event.device_proof = failure.device_proof;
  event.standing = failure.standing;
  event.fingerprint = failure.fingerprint;
  event.said.counted = verdict.counted;
  event.said.repeated = verdict.repeated;
  event.said.forgiven = verdict.excuse == Excuse::Forgiven;
  event.said.sweep = verdict.sweep;
  event.said.failures = verdict.failures;
  event.said.limit = verdict.limit;
  return event;
}

JournalEvent journal_success(const IpAddress& source, Service service,
                             std::optional<MacAddress> device, WallTime time, DeviceProof proof) {
  JournalEvent event;
  event.time = time;
  event.kind = JournalKind::Success;
  event.service = service;
  event.source = source;
  event.device = device;
  event.device_proof = proof;
  return event;
}

JournalEvent journal_block(const store::BlockRecord& block, WallTime time) {
  JournalEvent event;
  event.time = time;
  event.kind = JournalKind::Block;
  event.service = Service{block.service};
  event.prefix = block.source;
  event.account = cut(block.account, JournalEvent::kMostAccountBytes);
  event.until = block.until;
  event.by_administrator = block.by_administrator;
  event.text = cut(block.reason, JournalEvent::kMostTextBytes);
  return event;
}

JournalEvent journal_unblock(const store::BlockRecord& block, WallTime time) {
  JournalEvent event = journal_block(block, time);
  event.kind = JournalKind::Unblock;
  return event;
}

JournalEvent journal_lease(JournalKind kind, const store::LeaseRecord& lease, WallTime time) {
  JournalEvent event;
  event.time = time;
  event.kind = kind;
  event.device = lease.mac;
  if (!lease.addresses.empty()) event.source = lease.addresses.front();
  if (!lease.accounts.empty())
    event.account = cut(lease.accounts.front(), JournalEvent::kMostAccountBytes);
  event.until = lease.deadline;
  event.count = uint64_t{lease.spent} + lease.stale;
  event.text = cut(lease.reason, JournalEvent::kMostTextBytes);
  return event;
}

JournalEvent journal_note(JournalKind kind, std::string text, WallTime time) {
  JournalEvent event;
  event.time = time;
  event.kind = kind;
  event.text = cut(std::move(text), JournalEvent::kMostTextBytes);
  return event;
}

Failure failure_of(const JournalEvent& event) {
  return {.service = event.service,
          .kind = event.failure,
          .source = event.source.value_or(IpAddress()),
          .proof = event.proof,
          .device = event.device,
          .device_proof = event.device_proof,
          .standing = event.standing,
          .port = event.port,
          .tcp = event.tcp,
          .account = event.account,
          .fingerprint = event.fingerprint};
}

store::BlockRecord block_of(const JournalEvent& event) {
  return {.source = event.prefix.value_or(IpPrefix()),
          .service = uint8_t(event.service),
          .since = event.time,
          .until = event.until,
          .repeats = 0,
          .reason = event.text,
          .by_administrator = event.by_administrator,
          .account = event.account,
          .evidence = {}};
}

}  // namespace stormdoor::acl
