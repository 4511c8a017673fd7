#include "edge/sip_intake.hpp"

#include "hotdesk/sip_standing.hpp"

namespace stormdoor::edge {
namespace {

acl::PathProof proof_of(const SipOutcome& outcome) {
  if (outcome.connected) return acl::PathProof::Connected;
  return outcome.nonce_was_sent_there ? acl::PathProof::Acknowledged : acl::PathProof::None;
}

// Whose account it is now: the phone's own, or that of the only one where its user is.
std::optional<MacAddress> holder_of(const std::string& account, const hotdesk::Registry& registry) {
  if (const auto phone = registry.phone_with_device_account(account)) return phone->mac;
  const auto assignments = registry.assignments_of(account);
  const auto session = registry.session_of(account);
  if (assignments.size() + (session ? 1 : 0) != 1) return {};
  return session ? session->mac : assignments.front()->mac;
}

// Of several digests only the PBX knows which one it looked at. What one of them shows holds only
// where it was accepted and is right: whoever knows that one need not borrow a name with it.
hotdesk::SipStanding standing_of(const SipOutcome& outcome, const hotdesk::Registry& registry,
                                 WallTime now) {
  const auto standing = hotdesk::standing_of(registry,
                                             {.username = outcome.username,
                                              .realm = outcome.realm,
                                              .nonce = outcome.nonce,
                                              .uri = outcome.uri,
                                              .method = outcome.method,
                                              .response = outcome.response,
                                              .algorithm = outcome.algorithm,
                                              .qop = outcome.qop,
                                              .nc = outcome.nc,
                                              .cnonce = outcome.cnonce,
                                              .account = outcome.account},
                                             now);
  const bool refused = outcome.result == SipOutcome::Result::Refused;
  const bool shown = outcome.alone || (!refused && standing.standing == acl::Standing::Current);
  return shown ? standing : hotdesk::SipStanding{};
}

}  // namespace

SipFinding assess(const SipOutcome& outcome, const hotdesk::Registry& registry,
                  const acl::BindingTable& bindings, Now now) {
  const std::string& account =
      outcome.alone && !outcome.username.empty() ? outcome.username : outcome.account;
  const hotdesk::SipStanding standing = standing_of(outcome, registry, now.wall);
  SipFinding finding;
  const auto wired = bindings.proven_mac(outcome.client, now);
  const bool wired_phone = wired && registry.phone(*wired);
  if (standing.phone && !wired_phone) {
    finding.device = standing.phone;
    finding.device_proof = acl::DeviceProof::Digest;
  } else if (wired) {
    finding.device = wired;
    finding.device_proof = acl::DeviceProof::Wire;
  }
  finding.failure = {.service = acl::Service::Sip,
                     .kind = acl::FailureKind::SipRefused,
                     .source = outcome.client,
                     .proof = proof_of(outcome),
                     .device = finding.device,
                     .device_proof = finding.device_proof,
                     .standing = standing.standing,
                     .port = outcome.client_port,
                     .tcp = outcome.tcp,
                     .account = account,
                     .fingerprint = outcome.fingerprint};
  finding.registration = {.flow = {outcome.client, outcome.client_port, outcome.tcp},
                          .account = account,
                          .device = wired_phone      ? wired
                                    : standing.phone ? standing.phone
                                                     : holder_of(account, registry),
                          .expires = now.wall + seconds{outcome.expires_seconds}};
  // What a phone had and the PBX still takes is not what it has been given since.
  finding.fresh = standing.standing == acl::Standing::Current ||
                  (standing.standing == acl::Standing::Unknown && outcome.alone &&
                   holder_of(account, registry) == finding.registration.device);
  return finding;
}

}  // namespace stormdoor::edge
