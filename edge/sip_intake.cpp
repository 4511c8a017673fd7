#include "edge/sip_intake.hpp"

#include "base/keyed_hash.hpp"
#include "hotdesk/sip_standing.hpp"

namespace stormdoor::edge {
namespace {

// The same digest for the same nonce is the same mistake; whoever asks for a new nonce makes a new
// one (promise 3). Parts are told apart by a byte that none of them can hold.
uint64_t fingerprint_of(const SipOutcome& outcome) {
  if (outcome.response.empty()) return 0;
  std::string tried;
  for (const std::string* part : {&outcome.username, &outcome.realm, &outcome.nonce, &outcome.uri,
                                  &outcome.nc, &outcome.cnonce, &outcome.response}) {
    tried += *part;
    tried += '\0';
  }
  return keyed_hash(HashKey::of_this_process(), tried);
}

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

}  // namespace

SipFinding assess(const SipOutcome& outcome, const hotdesk::Registry& registry,
                  const acl::BindingTable& bindings, Now now) {
  const std::string& account = outcome.username.empty() ? outcome.account : outcome.username;
  const hotdesk::SipStanding standing = hotdesk::standing_of(registry,
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
                                                             now.wall);
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
                     .fingerprint = fingerprint_of(outcome)};
  finding.registration = {.flow = {outcome.client, outcome.client_port, outcome.tcp},
                          .account = account,
                          .device = wired_phone      ? wired
                                    : standing.phone ? standing.phone
                                                     : holder_of(account, registry),
                          .expires = now.wall + seconds{outcome.expires_seconds}};
  // What a phone had and the PBX still takes is not what it has been given since.
  finding.fresh = standing.standing == acl::Standing::Current ||
                  (standing.standing == acl::Standing::Unknown &&
                   holder_of(account, registry) == finding.registration.device);
  return finding;
}

}  // namespace stormdoor::edge
