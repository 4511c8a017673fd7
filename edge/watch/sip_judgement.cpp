#include "edge/watch/sip_judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace stormdoor::edge::watch {
namespace {

using Result = SipOutcome::Result;

SipOutcome outcome_of(Result result, const Attempt& attempt, const SipMessage& answer,
                      bool connected) {
  SipOutcome outcome;
  outcome.result = result;
  outcome.status = answer.status;
  outcome.connected = connected;
  outcome.cseq = attempt.cseq;
  outcome.method = attempt.method;
  outcome.account = attempt.account;
  outcome.user_agent = attempt.user_agent;
  outcome.call_id = attempt.call_id;
  outcome.fingerprint = attempt.fingerprint;
  return outcome;
}

// Whether this kind of answer may be about the digest: a 401 is a registrar's or a called party's,
// a 407 a proxy's, any other whoever's (RFC 3261 section 22.2 and 22.3).
bool concerns(const SipMessage& answer, const SipDigest& digest) {
  if (answer.status != 401 && answer.status != 407) return true;
  return digest.proxy == (answer.status == 407);
}

bool is_alone(const Attempt& attempt, const SipMessage& answer) {
  return attempt.all_digests && std::ranges::count_if(attempt.digests, [&](const auto& digest) {
                                  return concerns(answer, digest);
                                }) == 1;
}

void add_digest(SipOutcome& outcome, const Attempt& attempt, const SipMessage& answer,
                const SipDigest& digest, const NonceProof& nonces) {
  outcome.alone = is_alone(attempt, answer);
  outcome.nonce_was_sent_there = nonces.find(digest.nonce) != nullptr;
  outcome.username = digest.username;
  outcome.realm = digest.realm;
  outcome.nonce = digest.nonce;
  outcome.uri = digest.uri;
  outcome.qop = digest.qop;
  outcome.nc = digest.nc;
  outcome.cnonce = digest.cnonce;
  outcome.algorithm = digest.algorithm;
  outcome.response = digest.response;
}

std::optional<SipOutcome> probed(const Attempt& attempt, const SipMessage& answer, bool connected) {
  static constexpr std::array<std::string_view, 4> kTelling{"REGISTER", "INVITE", "OPTIONS",
                                                            "SUBSCRIBE"};
  if (attempt.in_dialog || std::ranges::find(kTelling, attempt.method) == kTelling.end())
    return std::nullopt;
  return outcome_of(Result::Probed, attempt, answer, connected);
}

enum class Reaction : uint8_t { ChallengedFirst, Stale, Refused };

// What a 401 or 407 says about one digest.
Reaction reaction_to(const SipDigest& digest, const SipMessage& answer, const NonceProof& nonces) {
  const SentNonce* sent = nonces.find(digest.nonce);
  const uint64_t realm = sent != nullptr ? sent->realm : nonces.realm_hash(digest.realm);
  Reaction reaction = Reaction::ChallengedFirst;
  for (const SipChallenge& challenge : answer.challenges) {
    if (challenge.proxy != digest.proxy || nonces.realm_hash(challenge.realm) != realm) continue;
    if (challenge.stale) return Reaction::Stale;
    reaction = Reaction::Refused;
  }
  return answer.challenges.empty() ? Reaction::Refused : reaction;
}

// The digest that was refused; nothing when none was. Those with a known nonce stand first.
const SipDigest* refused_digest(const Attempt& attempt, const SipMessage& answer,
                                const NonceProof& nonces) {
  if (answer.status == 403 || (answer.status == 404 && attempt.method == "REGISTER"))
    return attempt.digests.data();
  if (answer.status != 401 && answer.status != 407) return nullptr;
  const SipDigest* refused = nullptr;
  for (const SipDigest& digest : attempt.digests) {
    if (!concerns(answer, digest)) continue;
    const Reaction reaction = reaction_to(digest, answer, nonces);
    if (reaction == Reaction::Stale) return nullptr;
    if (reaction == Reaction::Refused && refused == nullptr) refused = &digest;
  }
  return refused;
}

// What the registrar granted (RFC 3261 section 10.3 step 8): it lists all bindings of the account,
// ours among them.
uint32_t granted_seconds(const Attempt& attempt, const SipMessage& answer) {
  constexpr uint32_t kDefault = 3600;  // section 10.2.1.1
  std::optional<uint32_t> granted;
  for (const SipContact& binding : answer.contacts)
    if (std::ranges::find(attempt.contacts, binding.uri) != attempt.contacts.end())
      granted =
          std::max(granted.value_or(0),
                   binding.expires_seconds.value_or(answer.expires_seconds.value_or(kDefault)));
  if (granted) return *granted;
  if (answer.expires_seconds) return *answer.expires_seconds;
  return attempt.asked_seconds.value_or(kDefault);
}

SipOutcome accepted(const Attempt& attempt, const SipMessage& answer, bool connected) {
  SipOutcome outcome = outcome_of(Result::Accepted, attempt, answer, connected);
  if (attempt.method != "REGISTER" || !attempt.binds) return outcome;
  outcome.expires_seconds = attempt.asked_seconds == 0U ? 0 : granted_seconds(attempt, answer);
  outcome.result = outcome.expires_seconds == 0 ? Result::Unregistered : Result::Registered;
  return outcome;
}

std::string_view name_of(Result result) {
  switch (result) {
    case Result::Refused:
      return "refused";
    case Result::Registered:
      return "registered";
    case Result::Unregistered:
      return "unregistered";
    case Result::Accepted:
      return "accepted";
    case Result::Probed:
      return "probed";
  }
  return "unknown";
}

std::string reason_of(const SipOutcome& outcome) {
  const std::string_view proof =
      outcome.nonce_was_sent_there ? "it answered a nonce that had been sent to that address"
      : outcome.connected          ? "it came over a connection that was seen both ways"
                                   : "nothing shows that the sender can receive at that address";
  switch (outcome.result) {
    case Result::Refused:
      return fmt::format("counts: {}, and the credentials of {} were not accepted", proof,
                         printable(outcome.username, 64));
    case Result::Registered:
      return fmt::format("is a success: the credentials of {} were accepted for {} s",
                         printable(outcome.username, 64), outcome.expires_seconds);
    case Result::Unregistered:
    case Result::Accepted:
      return fmt::format("is a success: the credentials of {} were accepted",
                         printable(outcome.username, 64));
    case Result::Probed:
      return fmt::format("is no failure: {}", outcome.username.empty()
                                                  ? std::string_view("it carried no credentials")
                                                  : proof);
  }
  return {};
}

}  // namespace

std::optional<SipOutcome> judge(const Attempt& attempt, const SipMessage& answer, bool connected,
                                const NonceProof& nonces) {
  const bool success = answer.status >= 200 && answer.status < 300;
  const bool refusal =
      answer.status == 401 || answer.status == 403 || answer.status == 404 || answer.status == 407;
  if (attempt.digests.empty()) return refusal ? probed(attempt, answer, connected) : std::nullopt;
  if (success) {
    SipOutcome outcome = accepted(attempt, answer, connected);
    add_digest(outcome, attempt, answer, attempt.digests.front(), nonces);
    return outcome;
  }
  if (!refusal) return std::nullopt;
  const SipDigest* digest = refused_digest(attempt, answer, nonces);
  if (digest == nullptr) return std::nullopt;
  const bool proven = connected || nonces.find(digest->nonce) != nullptr;
  auto outcome = proven ? outcome_of(Result::Refused, attempt, answer, connected)
                        : probed(attempt, answer, connected);
  if (outcome) add_digest(*outcome, attempt, answer, *digest, nonces);
  return outcome;
}

std::string explain(const SipOutcome& outcome) {
  return fmt::format("{}: {} {} of {} from {}{} at {} (answer {}) {}", name_of(outcome.result),
                     printable(outcome.method, 16), outcome.cseq, printable(outcome.account, 64),
                     outcome.tcp ? "tcp " : "",
                     Endpoint{outcome.client, outcome.client_port}.to_string(),
                     Endpoint{outcome.server, outcome.server_port}.to_string(), outcome.status,
                     reason_of(outcome));
}

}  // namespace stormdoor::edge::watch
