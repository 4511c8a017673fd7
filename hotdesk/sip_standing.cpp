#include "hotdesk/sip_standing.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "base/crypto/digest_auth.hpp"
#include "base/text.hpp"
#include "hotdesk/credential_change.hpp"

namespace stormdoor::hotdesk {
namespace {

using acl::Standing;
using StaleSecrets = std::vector<std::shared_ptr<const StaleSecretRecord>>;

// Some phones name themselves 2041@pbx.example.
std::string_view user_part(std::string_view name) {
  return name.substr(0, name.find('@'));
}

std::optional<crypto::DigestInput> input_of(const SipDigest& digest) {
  const auto algorithm = crypto::parse_digest_algorithm(digest.algorithm);
  const bool auth = equals_ignoring_case(digest.qop, "auth");
  if (!algorithm || digest.username.empty() || (!auth && !digest.qop.empty())) return {};
  return crypto::DigestInput{.algorithm = *algorithm,
                             .username = digest.username,
                             .realm = digest.realm,
                             .nonce = digest.nonce,
                             .method = digest.method,
                             .uri = digest.uri,
                             .qop_auth = auth,
                             .nonce_count = digest.nc,
                             .cnonce = digest.cnonce};
}

class Test {
 public:
  Test(const Registry& registry, const crypto::DigestInput& input, const SipDigest& digest,
       WallTime now)
      : registry_(registry),
        input_(input),
        response_(digest.response),
        account_(user_part(digest.username)),
        stale_(registry.stale_secrets_of(account_)) {
    std::erase_if(stale_, [&](const auto& row) { return row->until <= now; });
  }

  [[nodiscard]] SipStanding standing() const {
    if (const auto user = registry_.user(account_); user && fits(user->sip_secret))
      return {Standing::Current, only_holder(user->sip_secret)};
    if (const auto phone = registry_.phone_with_device_account(account_);
        phone && fits(phone->device_secret))
      return {Standing::Current, phone->mac};
    const Secret* secret = stale_that_fits();
    if (!secret) return {};
    const auto phone = only_holder(*secret);
    return {phone ? Standing::Stale : Standing::StaleElsewhere, phone};
  }

 private:
  [[nodiscard]] bool fits(const Secret& secret) const {
    return !secret.empty() && crypto::digest_matches(input_, secret, response_);
  }

  [[nodiscard]] const Secret* stale_that_fits() const {
    std::vector<const Secret*> tried;
    for (const auto& row : stale_) {
      const Secret& secret = row->secret;
      if (std::ranges::any_of(tried, [&](const Secret* known) { return *known == secret; }))
        continue;
      if (tried.size() == kMostStaleSecrets) return nullptr;
      if (fits(secret)) return &secret;
      tried.push_back(&secret);
    }
    return nullptr;
  }

  // The phone that has this secret of the account, or had it lately, unless there are several.
  [[nodiscard]] std::optional<MacAddress> only_holder(const Secret& secret) const {
    std::set<MacAddress> holders;
    for (const auto& row : stale_)
      if (row->secret == secret) holders.insert(row->mac);
    const auto user = registry_.user(account_);
    if (user && user->sip_secret == secret) {
      for (const auto& assignment : registry_.assignments_of(account_))
        holders.insert(assignment->mac);
      if (const auto session = registry_.session_of(account_)) holders.insert(session->mac);
    }
    if (holders.size() != 1) return {};
    return *holders.begin();
  }

  const Registry& registry_;
  const crypto::DigestInput& input_;
  std::string_view response_;
  std::string_view account_;
  StaleSecrets stale_;  // the newest first, those whose time is over left out
};

}  // namespace

SipStanding standing_of(const Registry& registry, const SipDigest& digest, WallTime now) {
  const auto input = input_of(digest);
  if (!input) return {};
  const SipStanding standing = Test(registry, *input, digest, now).standing();
  const bool elsewhere =
      !digest.account.empty() && user_part(digest.account) != user_part(digest.username);
  if (elsewhere && standing.standing != Standing::Unknown) return {Standing::StaleElsewhere, {}};
  return standing;
}

}  // namespace stormdoor::hotdesk
