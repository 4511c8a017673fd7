#include "edge/phone_reach.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stormdoor::edge {
namespace {

constexpr uint16_t kSipPort = 5060;

// The phone's own registration, that of the likeliest account and then the one that holds longest;
// else the only one of an account of its whose device nobody knows.
const acl::Registration* registration_of(const PhoneWhereabouts& phone,
                                         std::span<const acl::Registration> all) {
  const auto rank = [&](const acl::Registration& registration) {
    return std::ranges::find(phone.accounts, registration.account) - phone.accounts.begin();
  };
  const acl::Registration* best = nullptr;
  const acl::Registration* nobodys = nullptr;
  size_t of_nobody = 0;
  for (const auto& registration : all) {
    if (registration.flow.port == 0) continue;
    if (registration.device == phone.mac) {
      if (best == nullptr || rank(registration) < rank(*best) ||
          (rank(registration) == rank(*best) && registration.expires > best->expires))
        best = &registration;
    } else if (!registration.device &&
               std::ranges::find(phone.accounts, registration.account) != phone.accounts.end()) {
      nobodys = &registration;
      ++of_nobody;
    }
  }
  if (best != nullptr) return best;
  return of_nobody == 1 ? nobodys : nullptr;
}

std::string why_none(const PhoneWhereabouts& phone, const acl::Registration* registration,
                     const ReachTerms& terms) {
  if (!terms.notify) return "NOTIFY is switched off and there is no command";
  if (!phone.has_event) return "its profile knows no NOTIFY for it";
  if (registration != nullptr)
    return "it is registered over TCP, which only the PBX can use (pbx.notify_through)";
  return phone.accounts.empty() ? "it has no account" : "it is not known where it is registered";
}

}  // namespace

std::string PhoneWay::to_string() const {
  switch (kind) {
    case Kind::Registration:
      return fmt::format("at {} as {}", to.to_string(), account);
    case Kind::Pbx:
      return fmt::format("through the PBX as {}", account);
    case Kind::LastContact:
      return fmt::format("at {}, where it was last seen", to.to_string());
    case Kind::Command:
      return "by command";
  }
  return "";
}

PhoneReach reach(const PhoneWhereabouts& phone, std::span<const acl::Registration> registrations,
                 const ReachTerms& terms) {
  PhoneReach found;
  const acl::Registration* registration = registration_of(phone, registrations);
  std::string account = phone.accounts.empty() ? "" : phone.accounts.front();
  std::optional<IpAddress> address = phone.last_contact;
  if (registration != nullptr) {
    account = registration->account;
    address = registration->flow.address;
  }
  const auto add = [&](PhoneWay::Kind kind, const Endpoint& to, std::string host) {
    found.ways.push_back({kind, to, account, std::move(host), address});
  };
  if (terms.notify && phone.has_event) {
    if (terms.through && !account.empty()) {
      add(PhoneWay::Kind::Pbx, *terms.through,
          terms.domain.empty() ? terms.through->to_string() : terms.domain);
    } else if (registration != nullptr && !registration->flow.tcp) {
      const Endpoint to{registration->flow.address, registration->flow.port};
      add(PhoneWay::Kind::Registration, to, to.to_string());
    }
    if (phone.listens && phone.last_contact) {
      const Endpoint to{*phone.last_contact, kSipPort};
      add(PhoneWay::Kind::LastContact, to, to.to_string());
    }
  }
  if (terms.command) add(PhoneWay::Kind::Command, {}, {});
  if (found.ways.empty()) found.why_none = why_none(phone, registration, terms);
  return found;
}

}  // namespace stormdoor::edge
