#include "tftp-http/credentials_digest.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/crypto/digest_auth.hpp"
#include "base/text.hpp"

namespace stormdoor::http {
namespace {

constexpr size_t kMostBytes = 4096;
constexpr size_t kMostParameters = 32;

using Parameters = std::map<std::string, std::string>;

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

// A quoted string or a token at the front of `text`.
std::optional<std::string> take_value(std::string_view& text) {
  std::string value;
  if (!text.starts_with('"')) {
    const size_t end = std::min(text.find_first_of(", \t"), text.size());
    value = text.substr(0, end);
    text.remove_prefix(end);
    return value;
  }
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && ++i == text.size()) return {};
    value.push_back(text[i]);
  }
  return {};
}

std::optional<Parameters> parse_list(std::string_view text) {
  Parameters parameters;
  if (text.size() > kMostBytes) return {};
  for (skip_blanks(text); !text.empty(); skip_blanks(text)) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || parameters.size() == kMostParameters) return {};
    const std::string name = ascii_lower(trim(text.substr(0, equals)));
    text.remove_prefix(equals + 1);
    skip_blanks(text);
    auto value = take_value(text);
    if (name.empty() || !value || !parameters.emplace(name, std::move(*value)).second) return {};
    skip_blanks(text);
    if (text.empty()) break;
    if (!text.starts_with(',')) return {};
    text.remove_prefix(1);
  }
  return parameters;
}

std::string take(Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : std::move(found->second);
}

std::optional<uint32_t> parse_counter(std::string_view text) {
  uint32_t counter = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), counter, 16);
  if (text.size() != 8 || failure != std::errc{} || end != text.data() + text.size()) return {};
  return counter;
}

}  // namespace

std::optional<DigestParameters> parse_digest(std::string_view text) {
  auto parameters = parse_list(text);
  if (!parameters) return {};
  DigestParameters digest;
  const auto algorithm = crypto::parse_digest_algorithm(take(*parameters, "algorithm"));
  if (!algorithm || algorithm->session) return {};
  digest.algorithm = algorithm->hash;
  if (equals_ignoring_case(take(*parameters, "userhash"), "true")) return {};
  digest.username = take(*parameters, "username");
  digest.realm = take(*parameters, "realm");
  digest.nonce = take(*parameters, "nonce");
  digest.uri = take(*parameters, "uri");
  digest.response = ascii_lower(take(*parameters, "response"));
  const std::string qop = take(*parameters, "qop");
  if (!qop.empty()) {
    digest.cnonce = take(*parameters, "cnonce");
    digest.counter_text = take(*parameters, "nc");
    digest.counter = parse_counter(digest.counter_text);
    if (!equals_ignoring_case(qop, "auth") || digest.cnonce.empty() || !digest.counter) return {};
  }
  if (digest.username.empty() || digest.nonce.empty() || digest.uri.empty() ||
      digest.response.empty())
    return {};
  return digest;
}

std::string expected_digest(const DigestParameters& digest, std::string_view method,
                            const Secret& password) {
  return crypto::digest_response({.algorithm = {digest.algorithm, false},
                                  .username = digest.username,
                                  .realm = digest.realm,
                                  .nonce = digest.nonce,
                                  .method = method,
                                  .uri = digest.uri,
                                  .qop_auth = digest.counter.has_value(),
                                  .nonce_count = digest.counter_text,
                                  .cnonce = digest.cnonce},
                                 password);
}

}  // namespace stormdoor::http
