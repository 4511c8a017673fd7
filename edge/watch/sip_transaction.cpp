#include "edge/watch/sip_transaction.hpp"

#include <algorithm>
#include <utility>

#include "edge/messages_watch.hpp"

namespace stormdoor::edge::watch {
namespace {

std::string cut(std::string_view text, size_t most) {
  return std::string(text.substr(0, most));
}

void cut_in_place(std::string& text, size_t most) {
  if (text.size() <= most) return;
  text.resize(most);
  text.shrink_to_fit();
}

// To SipOutcome's sizes.
void cut_digest(SipDigest& digest) {
  cut_in_place(digest.username, 64);
  cut_in_place(digest.realm, 128);
  cut_in_place(digest.nonce, 128);
  cut_in_place(digest.uri, 256);
  cut_in_place(digest.qop, 16);
  cut_in_place(digest.nc, 8);
  cut_in_place(digest.cnonce, 128);
  cut_in_place(digest.algorithm, 16);
  cut_in_place(digest.response, 64);
}

// The same digest for the same nonce is the same mistake; whoever asks for a new nonce makes a new
// one (promise 3). Of all digests, since the PBX chooses which one it looks at: one that stays the
// same must not hide a guess beside it.
uint64_t fingerprint_of(const std::vector<SipDigest>& digests, const HashKey& key) {
  std::string all;
  for (const SipDigest& digest : digests)
    for (const std::string* part :
         {&digest.username, &digest.nonce, &digest.nc, &digest.cnonce, &digest.response}) {
      all += *part;
      all += '\0';
    }
  return keyed_hash(key, all);
}

// RFC 3261 section 10.2.1.1: a contact's own parameter goes before the header.
std::optional<uint32_t> asked_seconds(const SipMessage& request) {
  if (request.every_contact) return 0;
  std::optional<uint32_t> longest;
  for (const SipContact& contact : request.contacts) {
    const auto own = contact.expires_seconds ? contact.expires_seconds : request.expires_seconds;
    if (!own) return std::nullopt;
    longest = std::max(longest.value_or(0), *own);
  }
  return longest ? longest : request.expires_seconds;
}

}  // namespace

Attempt attempt_from(const SipMessage& request, std::vector<SipDigest> digests,
                     const HashKey& key) {
  Attempt attempt;
  attempt.fingerprint = fingerprint_of(request.digests, key);
  attempt.cseq = request.cseq;
  attempt.in_dialog = !request.to_tag.empty();
  attempt.method = cut(request.method, 16);
  const bool registers = request.method == "REGISTER";
  attempt.account = cut(registers ? request.to_user : request.from_user, kMostAccountText);
  attempt.user_agent = cut(request.user_agent, 128);
  attempt.call_id = cut(request.call_id, 128);
  for (SipDigest& digest : digests) cut_digest(digest);
  attempt.digests = std::move(digests);
  const auto filled = [](const SipDigest& digest) { return !digest.response.empty(); };
  attempt.all_digests =
      std::cmp_equal(std::ranges::count_if(request.digests, filled), attempt.digests.size());
  if (!registers || attempt.digests.empty()) return attempt;
  attempt.asked_seconds = asked_seconds(request);
  attempt.binds = request.every_contact || !request.contacts.empty();
  for (const SipContact& contact : request.contacts)
    if (attempt.contacts.size() < Attempt::kMostContacts)
      attempt.contacts.push_back(cut(contact.uri, 256));
  return attempt;
}

bool Transaction::knows(uint64_t fingerprint) const {
  const auto end = known_.begin() + ptrdiff_t(std::min(added_, kMostKnown));
  return std::find(known_.begin(), end, fingerprint) != end;
}

bool Transaction::add(Attempt attempt) {
  if (knows(attempt.fingerprint)) return false;
  known_[added_++ % kMostKnown] = attempt.fingerprint;
  if (unanswered_.size() == kMostUnanswered) {
    unanswered_.erase(unanswered_.begin());
    ++more_unanswered_;
  }
  unanswered_.push_back(std::move(attempt));
  return true;
}

std::optional<Attempt> Transaction::answered() {
  if (unanswered_.empty()) return std::nullopt;
  if (more_unanswered_ > 0) {  // as good as any: they differ in their credentials only
    --more_unanswered_;
    return unanswered_.front();
  }
  std::optional<Attempt> attempt = std::move(unanswered_.front());
  unanswered_.erase(unanswered_.begin());
  return attempt;
}

}  // namespace stormdoor::edge::watch
