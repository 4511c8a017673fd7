#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "edge/messages_watch.hpp"
#include "edge/watch/sip_message.hpp"
#include "edge/watch/sip_transaction.hpp"

namespace stormdoor::edge::watch {

// What the judgement asks of the watch: the nonce as it was sent to this client, if it was.
struct NonceProof {
  std::function<const SentNonce*(std::string_view nonce)> find;
  std::function<uint64_t(std::string_view realm)> realm_hash;
};

// What a final answer means for a login. Reason phrases are never evidence.
//
//   request                      answer                        outcome
//   without credentials          401, 407, 403, 404            Probed (REGISTER, INVITE, OPTIONS,
//                                                              SUBSCRIBE outside a dialog)
//   credentials                  401/407 with another realm    none: the first challenge of the
//                                                              next server on the way
//                                401/407 with stale=true       none: the secret was right
//                                401/407                       Refused
//                                403                           Refused
//                                404, to a REGISTER            Refused: no such account
//   REGISTER with credentials    2xx                           Registered, Unregistered when all
//                                                              its contacts were to go, Accepted
//                                                              when it named none
//   other with credentials       2xx                           Accepted
//   any                          3xx, 408, 423, 5xx, ...       none
//
// 404 to anything else is a wrong number, not a wrong login. Refused needs a nonce that was sent to
// that address, or a connection (promise 4); without, it is as Probed as without credentials. What
// realm a digest is for is what the nonce was sent with, whatever the digest says.
[[nodiscard]] std::optional<SipOutcome> judge(const Attempt& attempt, const SipMessage& answer,
                                              bool connected, const NonceProof& nonces);

// One line for people: "refused: REGISTER 69 of 301 from 10.0.0.7:5060 at 10.0.0.1:5060 (answer
// 403) counts: it answered a nonce that had been sent to that address".
[[nodiscard]] std::string explain(const SipOutcome& outcome);

}  // namespace stormdoor::edge::watch
