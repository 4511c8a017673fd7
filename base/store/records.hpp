#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"
#include "base/secret.hpp"

// What is stored, as plain values. The rooms use these as their vocabulary and add the rules; the
// store keeps them and knows none. Text is UTF-8; an empty optional field means "not given".
namespace stormdoor::store {

using Variables = std::map<std::string, std::string>;  // template variable -> value

enum class PhoneRole : uint8_t { Unassigned = 0, Desk = 1, HotDesk = 2 };
enum class MainPhoneType : uint8_t { None = 0, DeskPhone = 1, HotDesking = 2 };

// Where a phone stands.
struct LocationRecord {
  std::string name;              // key: short, [a-z0-9-], what the shell and files call it
  std::string label;             // shown on the idle phone
  std::string emergency_number;  // E.164, "+12025550123"; caller ID of emergency calls
  std::string house_number, street, city, state, postal_code, country;  // civic address
  std::string building, floor, room;
  std::vector<IpPrefix> networks;  // where its phones are expected; empty: anywhere
  Variables variables;             // the location layer of templates
  Variables templates;             // template kind -> file, the location layer
  bool operator==(const LocationRecord&) const = default;
};

struct UserRecord {
  std::string extension;  // key: digits
  std::string name;
  Secret sip_secret;
  std::string pin_hash;  // HMAC of user and PIN, see base/crypto; empty: no PIN set
  MainPhoneType main_phone_type = MainPhoneType::None;
  bool operator==(const UserRecord&) const = default;
};

struct PhoneRecord {
  MacAddress mac;      // key
  std::string vendor;  // a folder of etc/phones
  std::string model;   // as the vendor spells it, "D65"; may be empty
  PhoneRole role = PhoneRole::Unassigned;
  std::string location;        // LocationRecord::name; may be empty unless hot-desk
  std::string device_account;  // SIP user name the phone registers with when nobody is logged in
  Secret device_secret;
  Secret token;               // what its provisioning URLs carry once it has been given one
  bool token_issued = false;  // it has left with a configuration: first contact is over
  bool first_contact_approved = false;  // an administrator lets its next fetch in without a token
  Variables variables;                  // the phone layer of templates
  Variables templates;
  bool operator==(const PhoneRecord&) const = default;
};

// user <-> phone, lasting. Slot 0 is the main phone, 1 to 5 are additional ones.
struct AssignmentRecord {
  std::string extension;  // key, with slot
  uint8_t slot = 0;
  MacAddress mac;
  bool operator==(const AssignmentRecord&) const = default;
};

// A refused source, or one account of it.
struct BlockRecord {
  IpPrefix source;      // key, with service and account
  uint8_t service = 0;  // acl::Service
  WallTime since;
  WallTime until;        // WallTime::max(): until removed
  uint32_t repeats = 0;  // how often before, for the repeat factor
  std::string reason;    // for people: rule and counts
  bool by_administrator = false;
  // Blame below the address: only this account (SIP user, or a MAC's files) of that source is
  // refused; empty: the source as a whole.
  std::string account = {};
  // Whose failures led here, so that it can be judged anew without what was forgiven later. In the
  // words of acl/blame.hpp; at most 4 KiB.
  std::string evidence = {};
  bool operator==(const BlockRecord&) const = default;
};

// The expiring, budgeted exemption of a phone from under which its credentials were changed: until
// the deadline, as long as `spent` is below `budget`, failures with its old accounts are forgiven.
struct LeaseRecord {
  MacAddress mac;                     // key: one lease per phone
  std::vector<std::string> accounts;  // what it knew: SIP users, at most 6
  WallTime opened;
  WallTime deadline;
  uint32_t budget = 0;
  uint32_t spent = 0;
  uint32_t stale = 0;                // tries with its own previous secret: forgiven, at no cost
  std::string reason;                // for people: "the assignment to 2041 was removed"
  std::vector<IpAddress> addresses;  // where the phone was seen lately, newest first, at most 4
  bool operator==(const LeaseRecord&) const = default;
};

// A SIP secret that a phone had until it was changed: who still uses it is stale, not a guesser.
struct StaleSecretRecord {
  MacAddress mac;       // key, with account and since: whose it was
  std::string account;  // SIP user
  WallTime since;       // when it stopped being right
  WallTime until;       // forgotten then
  Secret secret;
  bool operator==(const StaleSecretRecord&) const = default;
};

// user <-> hot-desk phone, made by logging in at the phone; at most one per phone and one per user.
struct DeskSessionRecord {
  MacAddress mac;         // key
  std::string extension;  // unique
  WallTime since;
  bool operator==(const DeskSessionRecord&) const = default;
};

// Who sat at a phone from a moment on, and what an emergency call from it carried. Rows are only
// ever added; a phone's row holds until its next one.
struct DeskLogRecord {
  WallTime at;
  MacAddress mac;
  std::string extension;         // empty: nobody
  std::string location;          // LocationRecord::name; empty: none, or the phone was removed
  std::string emergency_number;  // of the location, then
  std::string address;           // of the location, then, in one line
  bool operator==(const DeskLogRecord&) const = default;
};

// Many phones on their way to hot desking, a few at a time.
struct ConversionRecord {
  uint64_t number = 0;   // key, counts up
  std::string location;  // where they are to stand; empty: where each stands
  uint32_t at_once = 0;  // how many may be rebooting; 0: all
  bool paused = false;   // no further one is started
  WallTime opened;
  WallTime ended;  // WallTime::max(): not yet
  bool operator==(const ConversionRecord&) const = default;
};

enum class ConversionStep : uint8_t {
  Waiting = 0,  // for its turn; it is still what it was
  Away = 1,     // converted; not back yet
  Back = 2,     // has its new configuration, or registered with its new account
  NotBack = 3,  // its lease ran out before it came back
  Undone = 4,   // taken out before its turn
  Refused = 5,  // could not be converted when its turn came; the note says why
};

// One phone of a conversion.
struct ConversionPhoneRecord {
  uint64_t conversion = 0;  // key, with mac
  MacAddress mac;
  ConversionStep step = ConversionStep::Waiting;
  std::string extension;  // whose main phone it was, or empty
  WallTime started;       // converted then; WallTime::max(): not yet
  WallTime ended;         // WallTime::max(): not yet
  uint32_t forgiven = 0;  // failures that were not held against it
  uint32_t stale = 0;     // of those, tries with its own previous secret
  std::string note;       // for people, why it was refused
  bool operator==(const ConversionPhoneRecord&) const = default;
};

// What somebody may do in the portal and over the API; each may do what those before it may.
enum class AdminRole : uint8_t { Viewer = 0, Helpdesk = 1, Administrator = 2 };

// A person who may sign in to the portal.
struct AdministratorRecord {
  std::string name;  // key
  AdminRole role = AdminRole::Viewer;
  std::string password_hash;  // base/crypto/password_hash.hpp
  WallTime made;
  bool operator==(const AdministratorRecord&) const = default;
};

// What a program shows instead of signing in.
struct ApiTokenRecord {
  std::string id;     // key
  std::string label;  // what it is for
  AdminRole role = AdminRole::Viewer;
  std::string hash;  // SHA-256 of the token, in hexadecimal
  WallTime made;
  WallTime expires;  // WallTime::max(): never
  bool operator==(const ApiTokenRecord&) const = default;
};

// What an administrator did to one thing. Rows are only ever added; when there are kMostAuditRows,
// the oldest makes room. Holds no secrets: whoever writes a row leaves them out.
inline constexpr int64_t kMostAuditRows = 500'000;
struct AuditRecord {
  uint64_t id = 0;  // given by the store, counts up
  WallTime at;
  std::string who;     // a name in the portal, a token's label, or the shell's user
  std::string role;    // "administrator", ..., or "shell"
  std::string action;  // the command: "phone.set"
  std::string about;   // "phone 00:0F:D3:05:48:48"
  std::string before;  // JSON of what changed of it; empty: it was not there
  std::string after;   // the same; empty: it is gone
  bool operator==(const AuditRecord&) const = default;
};

// One row put (inserted or replaced whole) or erased by its key.
struct PutLocation {
  LocationRecord row;
};
struct EraseLocation {
  std::string name;
};
struct PutUser {
  UserRecord row;
};
struct EraseUser {
  std::string extension;
};
struct PutPhone {
  PhoneRecord row;
};
struct ErasePhone {
  MacAddress mac;
};
struct PutAssignment {
  AssignmentRecord row;
};
struct EraseAssignment {
  std::string extension;
  uint8_t slot = 0;
};
struct PutBlock {
  BlockRecord row;
};
struct EraseBlock {
  IpPrefix source;
  uint8_t service = 0;
  std::string account = {};
};
struct PutLease {
  LeaseRecord row;
};
struct EraseLease {
  MacAddress mac;
};
struct PutStaleSecret {
  StaleSecretRecord row;
};
struct EraseStaleSecret {
  MacAddress mac;
  std::string account;
  WallTime since;
};

struct PutDeskSession {
  DeskSessionRecord row;
};
struct EraseDeskSession {
  MacAddress mac;
};
struct AppendDeskLog {
  DeskLogRecord row;
};
struct PutConversion {
  ConversionRecord row;
};
struct EraseConversion {  // and its phones
  uint64_t number = 0;
};
struct PutConversionPhone {
  ConversionPhoneRecord row;
};
struct PutAdministrator {
  AdministratorRecord row;
};
struct EraseAdministrator {
  std::string name;
};
struct PutApiToken {
  ApiTokenRecord row;
};
struct EraseApiToken {
  std::string id;
};
struct AppendAudit {  // its id is not looked at
  AuditRecord row;
};

using Operation =
    std::variant<PutLocation, EraseLocation, PutUser, EraseUser, PutPhone, ErasePhone,
                 PutAssignment, EraseAssignment, PutBlock, EraseBlock, PutLease, EraseLease,
                 PutStaleSecret, EraseStaleSecret, PutDeskSession, EraseDeskSession, AppendDeskLog,
                 PutConversion, EraseConversion, PutConversionPhone, PutAdministrator,
                 EraseAdministrator, PutApiToken, EraseApiToken, AppendAudit>;

// All of it or nothing.
struct Change {
  std::vector<Operation> operations;
};

// Everything, as of one moment, but what is only added to: Store::desk_log() and Store::audit()
// read that.
struct Contents {
  std::vector<LocationRecord> locations;
  std::vector<UserRecord> users;
  std::vector<PhoneRecord> phones;
  std::vector<AssignmentRecord> assignments;
  std::vector<BlockRecord> blocks;
  std::vector<LeaseRecord> leases;
  std::vector<StaleSecretRecord> stale_secrets;
  std::vector<DeskSessionRecord> desk_sessions;
  std::vector<ConversionRecord> conversions;
  std::vector<ConversionPhoneRecord> conversion_phones;
  std::vector<AdministratorRecord> administrators;
  std::vector<ApiTokenRecord> api_tokens;
  uint64_t version = 0;  // counts committed changes
};

// Which rows of the audit log are wanted, the newest first.
struct AuditQuery {
  uint64_t before = 0;  // only those with a lower id; 0: from the newest on
  size_t most = 100;
  std::string search;  // only those with this text, in any case, in one of their columns
};
struct AuditPage {
  std::vector<AuditRecord> rows;
  uint64_t total = 0;  // that fit `search`
};

}  // namespace stormdoor::store
