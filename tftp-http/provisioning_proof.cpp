#include "tftp-http/provisioning_proof.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/crypto/crypto.hpp"

namespace stormdoor::http {
namespace {

// The MAC as user in any spelling, the token as password.
std::optional<Proof> check_login(const Evidence& asked, Proven& proven) {
  if (!asked.credentials || asked.request.authorization.empty()) return {};
  const Candidate* candidate = asked.what.claimed;
  if (!candidate || candidate->profile->login.empty()) return {};
  const auto password_of = [&](std::string_view user) -> std::optional<Secret> {
    const auto mac = MacAddress::parse(user);
    if (!mac || *mac != *asked.what.mac || !asked.view.phone) return {};
    if (asked.view.phone->token.empty()) return {};
    return asked.view.phone->token;
  };
  const LoginResult result =
      asked.credentials->check({asked.request.authorization, asked.request.method,
                                asked.request.target, asked.request.source},
                               candidate->profile->login, password_of, asked.now);
  proven.login_is_stale = result.outcome == LoginOutcome::Stale;
  proven.login_fingerprint = result.fingerprint;
  if (result.outcome == LoginOutcome::Correct) return Proof::Login;
  if (result.outcome == LoginOutcome::Wrong) return Proof::WrongLogin;
  return {};
}

bool may_make_first_contact(const Evidence& asked) {
  const hotdesk::PhoneRecord* phone = asked.view.phone.get();
  if (!phone || phone->token_issued) return false;
  const auto& in_agent = asked.what.in_agent.mac;
  if (in_agent && *in_agent != phone->mac) return false;
  if (phone->first_contact_approved) return true;
  if (asked.admission.first_contact != acl::FirstContact::Full) return false;
  const auto& location = asked.view.location;
  return !location || location->networks.empty() ||
         std::ranges::any_of(location->networks, [&](const IpPrefix& network) {
           return network.contains(asked.request.source);
         });
}

// Compares with something even when there is no such phone, so that the time tells nothing.
Proof proof_of(const Evidence& asked, Proven& proven) {
  static const Secret kNobody(std::string(24, '-'));
  const hotdesk::PhoneRecord* phone = asked.view.phone.get();
  const auto& certificate = asked.request.certificate_mac;
  if (certificate) {
    if (*certificate != *asked.what.mac) return Proof::OtherPhone;
    return phone ? Proof::Certificate : Proof::None;
  }
  if (asked.admission.identity == acl::Identity::None) return phone ? Proof::Network : Proof::None;
  if (asked.admission.identity == acl::Identity::Wire) {
    // A token in the path is as good; who is neither on the wire nor has one proves nothing.
    const auto seen = asked.mac_on_the_wire ? asked.mac_on_the_wire(asked.request.source, asked.now)
                                            : std::nullopt;
    if (seen && *seen != *asked.what.mac) return Proof::OtherOnWire;
    if (seen) return phone ? Proof::Wire : Proof::None;
  }
  if (asked.admission.identity == acl::Identity::Certificate ||
      asked.request.transport == Transport::Tftp)
    return Proof::None;

  if (!asked.what.path.token.empty()) {
    const Secret& expected = phone && !phone->token.empty() ? phone->token : kNobody;
    const bool same = crypto::equal_in_constant_time(expected.reveal(), asked.what.path.token);
    return same && phone && !phone->token.empty() ? Proof::Token : Proof::WrongToken;
  }
  if (const auto by_login = check_login(asked, proven)) return *by_login;
  return may_make_first_contact(asked) ? Proof::FirstContact : Proof::None;
}

}  // namespace

Proven prove(const Evidence& evidence) {
  Proven proven;
  proven.proof = proof_of(evidence, proven);
  return proven;
}

}  // namespace stormdoor::http
