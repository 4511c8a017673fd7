#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "acl/failure.hpp"
#include "base/clock.hpp"
#include "base/store/records.hpp"

namespace stormdoor::acl {

// What a LeaseRecord holds at most; the newest stay.
inline constexpr size_t kMostLeaseAccounts = 6;
inline constexpr size_t kMostLeaseAddresses = 4;

// In force until just before its deadline.
[[nodiscard]] inline bool is_past_deadline(const store::LeaseRecord& lease, WallTime now) {
  return now >= lease.deadline;
}

// Two words about one phone's lease made one. While `known` is in force it is renewed: accounts
// and addresses are added up (those of `said` first), deadline, budget and what was counted become
// the later and the larger, `opened` stays: no order of changes multiplies a budget. After its
// deadline a newer lease begins anew and takes over only what the phone knew and where it was. An
// older lease than `known` (somebody who has not heard of the new one) adds only its addresses.
[[nodiscard]] store::LeaseRecord merged(const store::LeaseRecord& known,
                                        const store::LeaseRecord& said, WallTime now);

// Whether both words are of one lease as it was last opened or renewed; what was counted since and
// where the phone was seen may differ.
[[nodiscard]] bool is_same_lease(const store::LeaseRecord& a, const store::LeaseRecord& b);

// Which phones are excused, for what, until when, and how much of that is left (promises 1 and 2).
// Used by one thread at a time; Guard holds one, behind a lock. What is durable about it is in the
// store: take_changed() says what must go there, open() is what comes from there.
//
// A lease forgives only what that phone would do, and only where the phone is known to be:
//  - a refused SIP login with one of its own old accounts, or a request for its own files
//    (WrongToken, ForeignFile, UnknownMac of its MAC). A PIN, another account, another MAC never.
//  - the failure itself proves the device (device_proof better than Claimed), or it was made with
//    the phone's own previous secret (Standing::Stale), or it comes from an address where the
//    phone was seen (seen_at). Where somebody else is behind the same address, he is forgiven
//    guesses at the old account up to the budget, never beyond.
//  - a SIP failure whose device says or proves to be another phone is not covered, unless it is
//    the MAC on the wire that says so: behind a router that is the router's.
//  - over an unproven path (PathProof::None) nothing is judged: it blocks nobody, and whoever
//    writes the phone's address into UDP packets could spend its budget.
// Past budget or deadline nothing is forgiven, but the answer still says whose it is, so that the
// Guard refuses only the old account from that source.
//
// Holds at most `capacity` leases. When full the one longest past its deadline goes; if all are in
// force, open() is ResourceExhausted: leases are opened by administrators, not by strangers. A
// lease is remembered for `remember_past` after its deadline, for the answer PastDeadline.
class LeaseBook {
 public:
  static constexpr milliseconds kRememberPast = std::chrono::days(7);
  explicit LeaseBook(size_t capacity, milliseconds remember_past = kRememberPast);

  // Opens, or renews as merged() says. Also for what the store remembered at start.
  Result<void> open(const store::LeaseRecord& lease, Now now);
  // The lease of this phone is over; what it was, if there was one.
  std::optional<store::LeaseRecord> close(const MacAddress& mac);
  // The phone was seen at this address, by something better than its own word: a binding, its
  // token, its certificate, a digest of its own. Without a lease this does nothing.
  void seen_at(const MacAddress& mac, const IpAddress& address);

  // The phone tried the secret that it had before: counted with its lease, at no cost to the
  // budget. Without a lease this does nothing.
  void tried_old_secret(const MacAddress& mac);

  enum class Answer : uint8_t {
    NotCovered,   // no lease has anything to do with it
    Forgiven,     // one unit of the budget is spent
    BudgetSpent,  // it would be forgiven, but the budget is spent: only the old account from that
                  // source is to be refused
    PastDeadline,
  };
  struct Finding {
    Answer answer = Answer::NotCovered;
    MacAddress mac;  // whose lease it is, unless NotCovered
  };
  // Judges one failure, and spends from the budget when it is forgiven.
  Finding judge(const Failure& failure, Now now);

  // A lease that forgives at this address now: for other guards that ask before they block. Like
  // find(), good until the book is next changed.
  [[nodiscard]] const store::LeaseRecord* excuse_for(const IpAddress& address, Now now) const;
  [[nodiscard]] const store::LeaseRecord* find(const MacAddress& mac) const;
  // Those of phones that were seen at this address, also past ones.
  [[nodiscard]] std::vector<store::LeaseRecord> at(const IpAddress& address) const;
  // Whether a lease is about this account or phone (by name), wherever it is named.
  [[nodiscard]] bool knows(const std::string& name) const;
  [[nodiscard]] std::vector<store::LeaseRecord> all() const;  // by MAC

  // Those of which the store does not know the latest: to be stored.
  std::vector<store::LeaseRecord> take_changed();
  // What take_changed() gave of this phone did not get there.
  void not_stored(const MacAddress& mac);
  // Past their deadline, each told once (and once more after a restart): their phones have not
  // come back. They stay remembered.
  std::vector<store::LeaseRecord> take_expired(Now now);
  // No longer remembered, and gone: to be erased from the store.
  std::vector<store::LeaseRecord> take_forgotten(Now now);

  [[nodiscard]] size_t size() const { return leases_.size(); }

 private:
  struct Entry {
    store::LeaseRecord lease;
    bool changed = false;       // the store does not know it
    bool told_expired = false;  // by take_expired()
  };
  using Entries = std::map<MacAddress, Entry>;

  void index(const store::LeaseRecord& lease);
  void unindex(const store::LeaseRecord& lease);
  store::LeaseRecord remove(Entries::iterator entry);
  bool make_room(Now now);
  [[nodiscard]] std::vector<Entry*> concerned(const Failure& failure);

  size_t capacity_;
  milliseconds remember_past_;
  Entries leases_;
  std::set<std::pair<IpAddress, MacAddress>> by_address_;
  std::set<std::pair<std::string, MacAddress>> by_account_;
  std::vector<store::LeaseRecord> forgotten_;  // until take_forgotten(); at most `capacity`
};

}  // namespace stormdoor::acl
