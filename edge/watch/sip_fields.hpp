#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/watch/sip_message.hpp"

// The values of single header fields (RFC 3261 section 25). A line end inside of one is a folded
// line, and as good as a space.
namespace stormdoor::edge::watch {

// Without the white space and folds around it.
[[nodiscard]] std::string_view trim_sip(std::string_view text);
[[nodiscard]] bool is_sip_token(std::string_view text);

// Digits only; nothing when there are none, something else stands beside them or it is above
// `most`.
[[nodiscard]] std::optional<uint64_t> parse_sip_number(std::string_view text, uint64_t most);
// Seconds as Expires and expires= have them; above 32 bits counts as the largest.
[[nodiscard]] std::optional<uint32_t> parse_sip_seconds(std::string_view text);

// The unescaped user of sip:, sips: and tel: URIs; empty for others. Sets `doubtful` where readers
// may disagree.
[[nodiscard]] std::string sip_uri_user(std::string_view uri, bool& doubtful);

// One element of From, To or Contact (name-addr or addr-spec).
struct SipAddress {
  std::string_view uri;
  std::string_view tag;
  std::optional<uint32_t> expires_seconds;
};
// Takes the first element off `value`, with the comma behind it when `listed`. `mind_quotes` is
// true for the first element of a value; a quote that never ends sets it to false, or each element
// of a hostile list would be searched for its end up to the end of the list.
[[nodiscard]] SipAddress take_sip_address(std::string_view& value, bool listed, bool& mind_quotes,
                                          bool& doubtful);

struct SipVia {
  std::string_view sent_by;
  std::string_view branch;
};
// The first element.
[[nodiscard]] SipVia parse_sip_via(std::string_view value, bool& doubtful);

// Nothing when the scheme is not Digest.
[[nodiscard]] std::optional<SipDigest> parse_sip_digest(std::string_view value, bool& doubtful);
[[nodiscard]] std::optional<SipChallenge> parse_sip_challenge(std::string_view value,
                                                              bool& doubtful);

}  // namespace stormdoor::edge::watch
