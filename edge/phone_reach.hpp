#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acl/healthy_book.hpp"
#include "base/ip_address.hpp"
#include "base/mac_address.hpp"

// Where a phone can be told something now. Pure.
namespace stormdoor::edge {

// One phone, as far as is known.
struct PhoneWhereabouts {
  MacAddress mac;
  std::vector<std::string> accounts = {};  // what it may be registered with, the likeliest first
  bool has_event = false;                  // its profile knows a NOTIFY for what is to be said
  bool listens = false;                    // also to whom it is not registered with, at port 5060
  std::optional<IpAddress> last_contact = {};
};

struct ReachTerms {
  bool notify = true;
  std::optional<Endpoint> through;  // the PBX, which relays
  std::string domain;               // its name; empty: `through`
  bool command = false;             // there is one
};

// One way to it.
struct PhoneWay {
  enum class Kind : uint8_t { Registration, Pbx, LastContact, Command } kind = Kind::Command;
  Endpoint to;                       // unless Command
  std::string account;               // whom it is known as there; may be empty for Command
  std::string host;                  // of the Request-URI, unless Command
  std::optional<IpAddress> address;  // of the phone, if it is known
  [[nodiscard]] std::string to_string() const;  // "at 10.20.0.7:5060 as 2041", "by command"
};

// The ways to it, best first: through the PBX if that relays, else to the address and port from
// which it is registered (over UDP; a connection of the PBX's is not ours to use); then where it
// was last seen, if it listens; then the command. With one account on several phones only a
// registration that is proven to be this phone's is taken for it.
struct PhoneReach {
  std::vector<PhoneWay> ways;
  std::string why_none;  // for people, when there are none
};
[[nodiscard]] PhoneReach reach(const PhoneWhereabouts& phone,
                               std::span<const acl::Registration> registrations,
                               const ReachTerms& terms);

}  // namespace stormdoor::edge
