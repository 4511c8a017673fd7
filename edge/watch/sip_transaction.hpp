#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/keyed_hash.hpp"
#include "edge/watch/sip_message.hpp"

namespace stormdoor::edge::watch {

// What is kept of a request until its answer has come. Texts are cut to what SipOutcome takes.
struct Attempt {
  uint64_t fingerprint = 0;  // of its credentials, kept or not
  uint16_t client_port = 0;
  uint32_t cseq = 0;
  bool in_dialog = false;
  std::string method, account, user_agent, call_id;
  std::vector<SipDigest> digests;         // those that answer a nonce; at most kMostDigests
  bool all_digests = true;                // it had no others, but for empty ones
  std::vector<std::string> contacts;      // their URIs; at most kMostContacts
  std::optional<uint32_t> asked_seconds;  // the longest life asked for; 0: all are to go; nothing:
                                          // the registrar chooses
  bool binds = false;                     // it names a contact

  static constexpr size_t kMostDigests = 4;
  static constexpr size_t kMostContacts = 4;
};

// What `request` says. Of many digests those are kept whose nonce `is_known`.
template <typename IsKnown>
[[nodiscard]] std::vector<SipDigest> chosen_digests(const SipMessage& request, IsKnown&& is_known) {
  std::vector<SipDigest> chosen;
  for (const bool known : {true, false})
    for (const SipDigest& digest : request.digests)
      // An empty nonce or response answers nothing (some phones begin so).
      if (!digest.nonce.empty() && !digest.response.empty() && is_known(digest) == known &&
          chosen.size() < Attempt::kMostDigests)
        chosen.push_back(digest);
  return chosen;
}
[[nodiscard]] Attempt attempt_from(const SipMessage& request, std::vector<SipDigest> digests,
                                   const HashKey& key);

// One client transaction. Its attempts are one, unless somebody sends other credentials in what
// looks like a retransmission: some servers check those, too. Remembers the last kMostKnown
// credentials and holds the last kMostUnanswered unanswered attempts; of older ones only how many.
class Transaction {
 public:
  static constexpr size_t kMostKnown = 8;
  static constexpr size_t kMostUnanswered = 2;

  // False when it is a retransmission.
  bool add(Attempt attempt);
  // The attempt that a final answer belongs to; nothing when all have been answered.
  std::optional<Attempt> answered();
  [[nodiscard]] bool knows(uint64_t fingerprint) const;

  int64_t touched_us = 0;

 private:
  std::array<uint64_t, kMostKnown> known_{};
  size_t added_ = 0;
  std::vector<Attempt> unanswered_;
  size_t more_unanswered_ = 0;
};

// A nonce that was sent to a client's address.
struct SentNonce {
  uint64_t realm = 0;  // its hash
  int64_t time_us = 0;
};

}  // namespace stormdoor::edge::watch
