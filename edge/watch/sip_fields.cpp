#include "edge/watch/sip_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "base/text.hpp"

namespace stormdoor::edge::watch {
namespace {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

constexpr auto kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
  for (const char c : std::string_view("-.!%*_+`'~")) table[uint8_t(c)] = true;
  return table;
}();

void skip_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

// Where the quoted string that begins `text` ends, its quotes included; 0 if it never does.
size_t quoted_length(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return 0;
}

std::string unquoted(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

struct Parameter {
  std::string_view name;
  std::string_view value;  // without its quotes, still escaped
  bool quoted = false;
};

// Takes "name", "name=value" or "name=\"value\"" off `text`; it ends before one of `ends`.
Parameter take_parameter(std::string_view& text, std::string_view ends, bool& doubtful) {
  Parameter parameter;
  const auto is_end = [&](char c) { return ends.find(c) != std::string_view::npos; };
  size_t length = 0;
  while (length < text.size() && text[length] != '=' && !is_end(text[length])) ++length;
  parameter.name = trim_sip(text.substr(0, length));
  if (parameter.name.empty()) doubtful = true;
  text.remove_prefix(length);
  if (text.empty() || text.front() != '=') return parameter;
  text.remove_prefix(1);
  skip_blanks(text);
  if (!text.empty() && text.front() == '"') {
    if (const size_t quoted = quoted_length(text)) {
      parameter.value = text.substr(1, quoted - 2);
      parameter.quoted = true;
      text.remove_prefix(quoted);
    } else {
      doubtful = true;
    }
  }
  length = 0;
  while (length < text.size() && !is_end(text[length])) ++length;
  const auto rest = trim_sip(text.substr(0, length));
  if (!parameter.quoted)
    parameter.value = rest;
  else if (!rest.empty())
    doubtful = true;
  text.remove_prefix(length);
  return parameter;
}

std::optional<uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return uint8_t(c - '0');
  if (c >= 'a' && c <= 'f') return uint8_t(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return uint8_t(c - 'A' + 10);
  return std::nullopt;
}

std::string unescaped(std::string_view text, bool& doubtful) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (high && low) {
      plain += char(*high << 4 | *low);
      i += 2;
    } else {
      doubtful = true;
      plain += '%';
    }
  }
  return plain;
}

// The length of the URI in "uri;parameters" or of what stands before "<"; `text.size()` if neither
// ends. `angle` says which.
size_t address_length(std::string_view text, bool listed, bool mind_quotes, bool& angle,
                      bool& open_quote) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && mind_quotes) {
      const size_t quoted = quoted_length(text.substr(i));
      open_quote = quoted == 0;
      if (open_quote) return i;
      i += quoted - 1;
    } else if (text[i] == '<') {
      angle = true;
      return i;
    } else if (text[i] == ';' || (listed && text[i] == ',')) {
      return i;
    }
  }
  return text.size();
}

// Behind an address: its parameters, up to the next element of the list.
void take_address_parameters(std::string_view& value, bool listed, SipAddress& address,
                             bool& doubtful) {
  const std::string_view ends = listed ? std::string_view(";,") : std::string_view(";");
  while (!value.empty() && !(listed && value.front() == ',')) {
    if (value.front() == ';') value.remove_prefix(1);
    const Parameter parameter = take_parameter(value, ends, doubtful);
    if (equals_ignoring_case(parameter.name, "tag")) {
      if (!address.tag.empty()) doubtful = true;
      if (address.tag.empty()) address.tag = parameter.value;
    } else if (equals_ignoring_case(parameter.name, "expires")) {
      address.expires_seconds = parse_sip_seconds(parameter.value);
    }
  }
  if (!value.empty()) value.remove_prefix(1);
}

struct Wanted {
  std::string_view name;
  std::string* to;
};

// The parameters of a digest or challenge into `wanted`; false when the scheme is another.
bool take_auth_parameters(std::string_view value, std::span<const Wanted> wanted, bool& doubtful) {
  value = trim_sip(value);
  const auto scheme_end = std::ranges::find_if(value, is_blank);
  const size_t scheme_length = size_t(scheme_end - value.begin());
  if (!equals_ignoring_case(value.substr(0, scheme_length), "Digest")) return false;
  value.remove_prefix(scheme_length);
  uint32_t seen = 0;
  while (!value.empty()) {
    if (value.front() == ',') {
      value.remove_prefix(1);
      continue;
    }
    const Parameter parameter = take_parameter(value, ",", doubtful);
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (!equals_ignoring_case(parameter.name, wanted[i].name)) continue;
      if ((seen >> i & 1U) != 0)
        doubtful = true;
      else
        *wanted[i].to = parameter.quoted ? unquoted(parameter.value) : std::string(parameter.value);
      seen |= 1U << i;
      break;
    }
  }
  return true;
}

}  // namespace

std::string_view trim_sip(std::string_view text) {
  skip_blanks(text);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_sip_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return kTokenBytes[uint8_t(c)]; });
}

std::optional<uint64_t> parse_sip_number(std::string_view text, uint64_t most) {
  uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size() || number > most)
    return std::nullopt;
  return number;
}

std::optional<uint32_t> parse_sip_seconds(std::string_view text) {
  constexpr uint32_t kLargest = std::numeric_limits<uint32_t>::max();
  text = trim_sip(text);
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  return uint32_t(parse_sip_number(text, kLargest).value_or(kLargest));
}

std::string sip_uri_user(std::string_view uri, bool& doubtful) {
  uri = trim_sip(uri);
  const size_t colon = std::min(uri.find(':'), uri.size());
  const auto scheme = uri.substr(0, colon);
  auto rest = uri.substr(std::min(colon + 1, uri.size()));
  if (equals_ignoring_case(scheme, "tel"))
    return unescaped(rest.substr(0, rest.find(';')), doubtful);
  if (!equals_ignoring_case(scheme, "sip") && !equals_ignoring_case(scheme, "sips")) return {};
  const size_t at = rest.find('@');
  if (at == std::string_view::npos) return {};
  const auto behind = rest.substr(at + 1);
  if (behind.find('@') != std::string_view::npos) doubtful = true;
  rest = rest.substr(0, at);
  return unescaped(rest.substr(0, rest.find(':')), doubtful);  // a password may follow
}

SipAddress take_sip_address(std::string_view& value, bool listed, bool& mind_quotes,
                            bool& doubtful) {
  SipAddress address;
  bool angle = false;
  bool open_quote = false;
  size_t length = address_length(value, listed, mind_quotes, angle, open_quote);
  if (open_quote) {
    mind_quotes = false;
    doubtful = true;
    length = address_length(value, listed, mind_quotes, angle, open_quote);
  }
  if (angle) {
    value.remove_prefix(length + 1);
    length = value.find('>');
    if (length == std::string_view::npos) {
      doubtful = true;
      length = value.size();
    }
  }
  address.uri = trim_sip(value.substr(0, length));
  value.remove_prefix(length);
  if (angle && !value.empty()) value.remove_prefix(1);
  skip_blanks(value);
  take_address_parameters(value, listed, address, doubtful);
  return address;
}

SipVia parse_sip_via(std::string_view value, bool& doubtful) {
  SipVia via;
  for (int slash = 0; slash < 2; ++slash) {  // "SIP / 2.0 / UDP "
    const size_t at = value.find('/');
    if (at == std::string_view::npos) return via;
    value.remove_prefix(at + 1);
  }
  skip_blanks(value);
  const auto transport_end = std::ranges::find_if(value, is_blank);
  value.remove_prefix(size_t(transport_end - value.begin()));
  skip_blanks(value);
  const size_t end = std::min(value.find_first_of(";,"), value.size());
  via.sent_by = trim_sip(value.substr(0, end));
  value.remove_prefix(end);
  while (!value.empty() && value.front() == ';') {
    value.remove_prefix(1);
    const Parameter parameter = take_parameter(value, ";,", doubtful);
    if (!equals_ignoring_case(parameter.name, "branch")) continue;
    if (!via.branch.empty()) doubtful = true;
    if (via.branch.empty()) via.branch = parameter.value;
  }
  return via;
}

std::optional<SipDigest> parse_sip_digest(std::string_view value, bool& doubtful) {
  SipDigest digest;
  const Wanted wanted[] = {{"username", &digest.username}, {"realm", &digest.realm},
                           {"nonce", &digest.nonce},       {"uri", &digest.uri},
                           {"response", &digest.response}, {"algorithm", &digest.algorithm},
                           {"qop", &digest.qop},           {"nc", &digest.nc},
                           {"cnonce", &digest.cnonce}};
  if (!take_auth_parameters(value, wanted, doubtful)) return std::nullopt;
  return digest;
}

std::optional<SipChallenge> parse_sip_challenge(std::string_view value, bool& doubtful) {
  SipChallenge challenge;
  std::string stale;
  const Wanted wanted[] = {{"realm", &challenge.realm},
                           {"nonce", &challenge.nonce},
                           {"stale", &stale},
                           {"algorithm", &challenge.algorithm},
                           {"qop", &challenge.qop}};
  if (!take_auth_parameters(value, wanted, doubtful)) return std::nullopt;
  challenge.stale = equals_ignoring_case(stale, "true");
  return challenge;
}

}  // namespace stormdoor::edge::watch
