#pragma once

#include <vector>

#include "acl/journal_event.hpp"

// Events for the tests of the journal and of what reads it.
namespace stormdoor::acl::test {

inline const WallTime kJournalStart{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};

// The `number`th second's failed registration: a new mistake each time.
inline JournalEvent sip_failure(uint64_t number, const char* source = "198.51.100.7") {
  Verdict verdict;
  verdict.counted = true;
  verdict.failures = uint32_t(number % 10);
  verdict.limit = 10;
  return journal_failure({.service = Service::Sip,
                          .kind = FailureKind::SipRefused,
                          .source = *IpAddress::parse(source),
                          .proof = PathProof::Acknowledged,
                          .device = MacAddress({0, 0x0f, 0xd3, 5, 0x48, 0x48}),
                          .port = 5060,
                          .account = "2041",
                          .fingerprint = number * 0x9E37'79B9'7F4A'7C15},
                         verdict, kJournalStart + seconds(number));
}

inline std::vector<JournalEvent> one_of_each_kind() {
  const MacAddress mac({0, 0x0f, 0xd3, 5, 0x48, 0x48});
  store::BlockRecord block{.source = *IpPrefix::parse("2001:db8:1::/64"),
                           .service = uint8_t(Service::Sip),
                           .since = kJournalStart,
                           .until = kJournalStart + std::chrono::hours(1),
                           .repeats = 0,
                           .reason = std::string(150, 'r'),
                           .by_administrator = false,
                           .account = "2041"};
  store::BlockRecord by_hand = block;
  by_hand.source = *IpPrefix::parse("198.51.100.0/24");
  by_hand.until = WallTime::max();
  by_hand.by_administrator = true;
  const store::LeaseRecord lease{.mac = mac,
                                 .accounts = {"2041"},
                                 .opened = kJournalStart,
                                 .deadline = kJournalStart + std::chrono::days(1),
                                 .budget = 50,
                                 .spent = 3,
                                 .reason = "the assignment to 2041 was removed",
                                 .addresses = {*IpAddress::parse("10.20.0.7")}};
  JournalEvent conflict = journal_note(JournalKind::BindingConflict, "", kJournalStart);
  conflict.source = *IpAddress::parse("10.20.0.7");
  conflict.device = mac;
  JournalEvent gap = journal_note(JournalKind::Gap, "the disk refused", kJournalStart);
  gap.count = 12'345;
  JournalEvent earlier = sip_failure(1);
  earlier.time = kJournalStart - seconds(5);
  earlier.tcp = true;
  return {sip_failure(1),
          earlier,
          journal_note(JournalKind::Started, "stormdoor", kJournalStart),
          journal_success(*IpAddress::parse("2001:db8::7"), Service::Provisioning, mac,
                          kJournalStart + std::chrono::days(400)),
          journal_block(block, kJournalStart),
          journal_unblock(by_hand, kJournalStart),
          journal_lease(JournalKind::LeaseOpened, lease, kJournalStart),
          journal_lease(JournalKind::LeaseClosed, lease, kJournalStart),
          journal_lease(JournalKind::LeaseExpired, lease, kJournalStart),
          journal_note(JournalKind::RulesLoaded, "", kJournalStart),
          conflict,
          gap};
}

}  // namespace stormdoor::acl::test
