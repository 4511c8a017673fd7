#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/crypto.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "base/secret.hpp"
#include "hotdesk/draft.hpp"
#include "hotdesk/problems.hpp"
#include "hotdesk/registry.hpp"

// What an administrator does with locations, users, phones and assignments. Each use case checks a
// request against the draft's registry and appends the operations it takes; or names every problem
// and leaves the draft as it was. Pure: no I/O, no clock, randomness from Tools. Any thread, each
// with its own draft. For a change of one use case see plan() in hotdesk/draft.hpp.
//
// What they keep true of a registry:
// - a phone has at most one assignment, a slot of a user at most one phone;
// - role `desk` if and only if assigned; a hot-desk phone has a location with an emergency number;
// - a main phone is assigned only to a user whose main phone type is `desk phone`;
// - whoever is logged in at a phone uses hot desking, at a hot-desk phone;
// - what a record names exists; no device account is another's or an extension.
namespace stormdoor::hotdesk {

inline constexpr size_t kMostRows = 50'000;     // phones in one request, rows in one file
inline constexpr size_t kMostRowErrors = 1000;  // further ones are only counted

// What the use cases need from outside. `pins` must outlive the call.
struct Tools {
  std::function<std::string()> new_secret;  // crypto::random_token in the daemon
  const crypto::PinHasher& pins;
  std::vector<std::string> vendors;  // the folders of phone profiles
  // The vendor that a MAC's first half belongs to, or empty; may be unset.
  std::function<std::string(const MacAddress&)> vendor_of;
  // Where PINs are kept if not here, as "/etc/asterisk/voicemail.conf"; then nobody sets one here.
  std::string pins_kept_in = {};
};

// Entries to set; no value removes the entry. What is not named stays.
using MapEdit = std::map<std::string, std::optional<std::string>>;

// ---- Locations ----

// What is not given stays as it is.
struct LocationEdit {
  std::optional<std::string> label = {}, emergency_number = {};
  std::optional<std::string> house_number = {}, street = {}, city = {}, state = {},
                             postal_code = {}, country = {};
  std::optional<std::string> building = {}, floor = {}, room = {};
  std::optional<std::vector<IpPrefix>> networks = {};
  MapEdit variables = {}, templates = {};
};

Problems add_location(Draft& draft, LocationRecord location);  // no label: the name
// Taking the emergency number from a location with hot-desk phones is refused.
Problems set_location(Draft& draft, std::string_view name, const LocationEdit& edit);
// Refused while phones are there; says which.
Problems remove_location(Draft& draft, std::string_view name);

// ---- Users ----

struct UserRequest {
  std::string extension = {};
  std::string name = {};
  std::optional<Secret> sip_secret = {};  // none: one is made
  std::optional<Secret> pin = {};         // none: no logging in at desks until one is set
  store::MainPhoneType main_phone_type = store::MainPhoneType::None;
};
struct UserEdit {
  std::optional<std::string> name = {};
  std::optional<Secret> sip_secret = {};  // empty: a new one is made
  std::optional<Secret> pin = {};         // empty: removed
  std::optional<store::MainPhoneType> main_phone_type = {};
};

Problems add_user(Draft& draft, const UserRequest& request, const Tools& tools);
// The main phone type cannot leave `desk phone` while a phone is assigned as main phone, nor
// `hot desking` while the user is logged in somewhere.
Problems set_user(Draft& draft, std::string_view extension, const UserEdit& edit,
                  const Tools& tools);
// Refused while the user has phones or is logged in; says where.
Problems remove_user(Draft& draft, std::string_view extension);

// ---- Phones ----

struct PhoneRequest {
  std::string mac = {};     // in any spelling
  std::string vendor = {};  // empty: told by the MAC
  std::string model = {};
  // None: desk if there is an extension, else unassigned.
  std::optional<store::PhoneRole> role = {};
  std::string location = {};
  std::string extension = {};  // whom to assign it to, as role desk needs
  uint8_t slot = 0;
  std::string device_account = {};           // empty: "d" and the MAC in lower-case hexadecimal
  std::optional<Secret> device_secret = {};  // none: one is made
  store::Variables variables = {}, templates = {};
};
struct PhoneEdit {
  std::optional<std::string> vendor = {}, model = {};
  std::optional<store::PhoneRole> role = {};  // hot-desk or unassigned
  std::optional<std::string> location = {};   // empty: none
  std::optional<std::string> device_account = {};
  std::optional<Secret> device_secret = {};  // empty: a new one is made
  MapEdit variables = {}, templates = {};
};

// The phone gets a token and a device account; with an extension it is assigned as well.
Problems add_phone(Draft& draft, const PhoneRequest& request, const Tools& tools);
// All of them, or none and every row's errors (the first kMostRowErrors of them).
[[nodiscard]] std::vector<RowError> add_phones(Draft& draft, std::span<const PhoneRequest> requests,
                                               const Tools& tools);
// The role cannot leave hot-desk while somebody is logged in.
Problems set_phone(Draft& draft, const MacAddress& mac, const PhoneEdit& edit, const Tools& tools);
// Refused while it is assigned or somebody is logged in; says who.
Problems remove_phone(Draft& draft, const MacAddress& mac);

// Lets the phone's next fetch in without a token, once: for a phone from the factory, or one that
// was reset and has forgotten its token.
Problems approve_first_contact(Draft& draft, const MacAddress& mac);
// The phone has been given its token: from now on nothing leaves without it.
Problems note_token_issued(Draft& draft, const MacAddress& mac);
// A new token; the old one stops working and first contact begins anew (and needs approval unless
// the network's rule says otherwise).
Problems renew_token(Draft& draft, const MacAddress& mac, const Tools& tools);

// ---- Assignments ----

struct AssignRequest {
  std::string extension;
  uint8_t slot = 0;  // 0: main phone, 1 to 5: additional ones
  MacAddress mac;
};

// The phone's role becomes desk; as main phone of a user without one, so does the main phone type.
Problems assign(Draft& draft, const AssignRequest& request);
// The phone becomes unassigned; if it was the main phone, the main phone type becomes none.
Problems unassign(Draft& draft, const MacAddress& mac);

// ---- Phrases: how sentences name things ----

[[nodiscard]] std::string phrase_for(const UserRecord& user);  // 2041 (Ada King)
// "the main phone of 2041 (Ada King)", "additional phone 2 of 2041 (Ada King)"
[[nodiscard]] std::string phrase_for(const AssignmentRecord& assignment, const Registry& registry);

}  // namespace stormdoor::hotdesk
