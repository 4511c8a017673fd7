#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "acl/failure.hpp"
#include "base/clock.hpp"
#include "base/store/records.hpp"

namespace stormdoor::acl {

// Which phones are excused, for what, until when, and how much of that is left (promises 1 and 2).
// Used by one thread at a time; Guard holds one, behind a lock.
//
// A lease forgives only what that phone would do: a failure with one of its own old accounts, or a
// request for its own files, from where the phone is known to be: an address that a binding, a
// token, a certificate or a stale digest of its own proves (Claimed proves nothing). A PIN, another
// account, another MAC is never forgiven. Past deadline or budget nothing is.
//
// Holds at most `capacity` leases; one more is refused with ResourceExhausted, none is forgotten
// early: leases are opened by administrators, not by strangers.
class LeaseBook {
 public:
  explicit LeaseBook(size_t capacity);

  // Opens, or renews: accounts are added up, deadline and budget become the later and the larger,
  // what was spent stays spent.
  Result<void> open(const store::LeaseRecord& lease, Now now);
  // The lease of this phone is over; what it was, if there was one.
  std::optional<store::LeaseRecord> close(const MacAddress& mac);
  // The phone was seen at this address, by something better than its own word.
  void seen_at(const MacAddress& mac, const IpAddress& address, Now now);

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

  // A lease that may concern this address now: for other guards that ask before they block.
  [[nodiscard]] const store::LeaseRecord* excuse_for(const IpAddress& address, Now now) const;
  [[nodiscard]] const store::LeaseRecord* find(const MacAddress& mac) const;
  [[nodiscard]] std::vector<store::LeaseRecord> all() const;  // by MAC
  // Whose `spent` or addresses changed since the last call: to be stored.
  std::vector<store::LeaseRecord> take_changed();
  // Past their deadline (and no longer held), told once: their phones have not come back.
  std::vector<store::LeaseRecord> take_expired(Now now);
  [[nodiscard]] size_t size() const;

 private:
  struct Entry;
  size_t capacity_;
  std::unordered_map<MacAddress, Entry> leases_;
  std::unordered_multimap<IpAddress, MacAddress> by_address_;
  std::unordered_multimap<std::string, MacAddress> by_account_;
};

}  // namespace stormdoor::acl
