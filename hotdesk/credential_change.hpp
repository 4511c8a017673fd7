#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/store/records.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/lease_config.hpp"
#include "hotdesk/registry.hpp"

// What a change takes from phones, in one place: derived from the registry before and after it, so
// that no use case can forget it. A phone that knew something (the account and secret it registers
// with, its token) which after the change is no longer its own gets a lease, and its old secrets
// are remembered as stale. The store thread calls this around every planner.
namespace stormdoor::hotdesk {

// Of one SIP account at most so many different stale secrets are kept, the newest, and of each at
// most so many phones that had it: beyond one it is shared, and more phones change nothing.
inline constexpr size_t kMostStaleSecrets = 8;
inline constexpr size_t kMostHoldersOfStaleSecret = 6;

// A user who leaves a phone (unassigned, logged out, logged in elsewhere) gets a new SIP secret in
// the same change, so that the phone that is left really is out (promise 8). Only for a PBX that
// learns of new secrets from us. Before append_leases().
void rotate_secrets(store::Change& change, const Registry& before,
                    const std::function<std::string()>& new_secret);

// Appends what `draft` makes necessary, `before` being the registry that it began with. A phone
// that has a lease gets it renewed as acl::merged() says: what was spent stays spent, older
// accounts stay. Each phone that lost something gets its lease, as there are no more of them than
// administrators have phones; while there are more than `terms.most`, those past their deadline are
// forgotten, the longest past first.
void append_leases(Draft& draft, const Registry& before, WallTime now, const LeaseTerms& terms);
// The same for a change that was planned already. A change that touches no credentials costs
// little.
void append_leases(store::Change& change, const Registry& before, WallTime now,
                   const LeaseTerms& terms);

// An administrator's lease: for what the phone knows now (nothing, if it is not registered: then
// for its files only), with what a lease that it has already forgives. None when it had none and
// `terms.most` are in force.
void open_lease(Draft& draft, const MacAddress& mac, std::string_view reason, WallTime now,
                const LeaseTerms& terms);

// What the Guard has learned about a lease (LeaseBook::take_changed()) into the stored one. Nothing
// if that was closed meanwhile.
void note_lease(Draft& draft, const store::LeaseRecord& learned, WallTime now);

// What has become of a lease that is over, as the Guard says (Guard::take_closed_leases()).
enum class LeaseEnd : uint8_t {
  Back,       // its phone is: erased
  Forgotten,  // nobody remembers it any longer: erased
  Gone,       // it was erased before, by an administrator
  Renewed,    // after the Guard said so: it stays
};
[[nodiscard]] LeaseEnd end_lease(Draft& draft, const store::LeaseRecord& over, WallTime now);

// Erases stale secrets whose time is over, at most `most` of them; empty when there are none.
[[nodiscard]] store::Change forget_stale_secrets(const Registry& registry, WallTime now,
                                                 size_t most);

}  // namespace stormdoor::hotdesk
