#include "edge/asterisk_log.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "base/keyed_hash.hpp"

namespace stormdoor::edge {
namespace {

using EventKind = SecurityEvent::Kind;

constexpr std::string_view kUnknownAccount = "<unknown>";
constexpr size_t kMostNames = 64;
constexpr std::array<std::pair<std::string_view, EventKind>, 5> kKinds = {{
    {"ChallengeSent", EventKind::ChallengeSent},
    {"ChallengeResponseFailed", EventKind::ChallengeFailed},
    {"InvalidAccountID", EventKind::InvalidAccount},
    {"SuccessfulAuth", EventKind::Success},
    {"InvalidPassword", EventKind::InvalidPassword},
}};

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// Everything up to `end`, which is taken away with it.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view end) {
  const size_t at = text.find(end);
  if (at == std::string_view::npos) return {};
  const std::string_view found = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return found;
}

template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return false;
  text.remove_prefix(size_t(end - text.data()));
  return true;
}

// "[2016-05-23 10:18:16] SECURITY[19388] res_security_log.c: ", with "[C-0000002a]" after the
// level, or what syslog makes of it. A quote or an angle bracket in it is another message's text
// that only quotes our event.
bool is_security_prefix(std::string_view prefix) {
  return prefix.find("SECURITY[") != std::string_view::npos &&
         prefix.find_first_of("\"'<>") == std::string_view::npos;
}

// The value of a field that the PBX writes itself: ,Name="value".
std::optional<std::string_view> own_field(std::string_view& text, std::string_view opening) {
  if (!take(text, opening)) return {};
  return take_until(text, "\"");
}

// "1432446136-824497": seconds and microseconds.
std::optional<WallTime> parse_old_time(std::string_view text) {
  uint32_t whole = 0;
  uint32_t micro = 0;
  if (!take_number(text, whole) || !take(text, "-") || !take_number(text, micro) || !text.empty())
    return {};
  return WallTime(seconds(whole)) + milliseconds(micro % 1'000'000 / 1000);
}

// "+0300", in minutes.
std::optional<int> parse_zone(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return {};
  const bool west = text[0] == '-';
  text.remove_prefix(1);
  int digits = 0;
  if (text[0] == '-' || !take_number(text, digits) || !text.empty()) return {};
  const int minutes = digits / 100 * 60 + digits % 100;
  return west ? -minutes : minutes;
}

// "2015-05-24T08:42:16.296+0300".
std::optional<WallTime> parse_new_time(std::string_view text) {
  uint16_t year = 0;
  std::array<uint8_t, 5> parts{};  // month, day, hour, minute, second
  uint16_t milli = 0;
  if (!take_number(text, year)) return {};
  constexpr std::string_view kBefore = "--T::";
  for (size_t i = 0; i < parts.size(); ++i)
    if (!take(text, kBefore.substr(i, 1)) || !take_number(text, parts[i])) return {};
  if (!take(text, ".") || !take_number(text, milli)) return {};
  const auto zone = parse_zone(text);
  const auto day = std::chrono::year(year) / parts[0] / parts[1];
  if (!zone || !day.ok() || parts[2] > 23 || parts[3] > 59 || parts[4] > 60 || milli > 999)
    return {};
  return std::chrono::sys_days(day) + std::chrono::hours(parts[2]) +
         std::chrono::minutes(parts[3] - *zone) + seconds(parts[4]) + milliseconds(milli);
}

std::optional<WallTime> parse_time(std::string_view text) {
  return text.size() > 4 && text[4] == '-' ? parse_new_time(text) : parse_old_time(text);
}

struct LoggedAddress {
  IpAddress address;
  uint16_t port = 0;
  bool tcp = false;
};

// "IPV4/UDP/10.0.0.1/5060".
std::optional<LoggedAddress> parse_address(std::string_view text) {
  const bool v4 = take(text, "IPV4/");
  if (!v4 && !take(text, "IPV6/")) return {};
  const auto transport = take_until(text, "/");
  auto host = take_until(text, "/");
  if (!transport || !host) return {};
  if (host->starts_with('[') && host->ends_with(']')) host = host->substr(1, host->size() - 2);
  // A link-local address comes with its interface.
  host = host->substr(0, host->find('%'));
  const auto address = IpAddress::parse(*host);
  LoggedAddress found;
  if (!address || !take_number(text, found.port) || !text.empty()) return {};
  found.address = *address;
  found.tcp =
      *transport == "TCP" || *transport == "TLS" || *transport == "WS" || *transport == "WSS";
  if (!found.tcp && *transport != "UDP") return {};
  return found;
}

// What foreign text cannot reach: the last LocalAddress and the RemoteAddress right behind it.
struct Ending {
  size_t begin = 0;  // of the text before it
  LoggedAddress remote;
  std::string_view fields;  // behind it, each ,Name="value"
};

std::optional<Ending> find_ending(std::string_view text) {
  constexpr std::string_view kLocal = "\",LocalAddress=\"";
  Ending ending;
  ending.begin = std::string_view::npos;
  // Forwards: rfind() compares at every byte.
  for (size_t at = text.find(kLocal); at != std::string_view::npos; at = text.find(kLocal, at + 1))
    ending.begin = at;
  if (ending.begin == std::string_view::npos) return {};
  text.remove_prefix(ending.begin + kLocal.size());
  const auto local = take_until(text, "\"");
  if (!local || !local->starts_with("IPV") || !take(text, ",RemoteAddress=\"")) return {};
  const auto remote = take_until(text, "\"");
  const auto parsed = remote ? parse_address(*remote) : std::nullopt;
  if (!parsed || (!text.empty() && !text.starts_with(',')) ||
      text.find(",RemoteAddress=\"") != std::string_view::npos)
    return {};
  ending.remote = *parsed;
  ending.fields = text;
  return ending;
}

std::string_view field(std::string_view fields, std::string_view opening) {
  const size_t at = fields.find(opening);
  if (at == std::string_view::npos) return {};
  fields.remove_prefix(at + opening.size());
  return fields.substr(0, fields.find('"'));
}

void read_credentials(std::string_view fields, SecurityEvent& event) {
  if (event.kind == EventKind::InvalidAccount) return;
  if (event.kind == EventKind::Success) {
    event.used_password = field(fields, ",UsingPassword=\"") != "0";
    return;
  }
  event.challenge = field(fields, ",Challenge=\"");
  if (event.kind == EventKind::ChallengeFailed) event.response = field(fields, ",Response=\"");
  if (event.kind != EventKind::InvalidPassword) return;
  event.received = field(fields, ",ReceivedChallenge=\"");
  event.response = field(fields, ",ReceivedHash=\"");
}

uint64_t fingerprint_of(const SecurityEvent& event) {
  if (event.response.empty()) return 0;
  const auto& key = HashKey::of_this_process();
  const std::string_view nonce = event.received.empty() ? event.challenge : event.received;
  return keyed_hash(key, event.response) ^ (keyed_hash(key, nonce) * 0x9e37'79b9'7f4a'7c15U);
}

}  // namespace

std::optional<SecurityEvent> parse_security_event(std::string_view line) {
  const auto prefix = take_until(line, "SecurityEvent=\"");
  if (!prefix || !is_security_prefix(*prefix)) return {};
  SecurityEvent event;
  const auto name = take_until(line, "\"");
  const auto* kind = kKinds.begin();
  while (kind != kKinds.end() && kind->first != name) ++kind;
  if (kind == kKinds.end()) return {};
  event.kind = kind->second;
  const auto time = own_field(line, ",EventTV=\"");
  if (!time || !own_field(line, ",Severity=\"")) return {};
  const auto service = own_field(line, ",Service=\"");
  if (service != "PJSIP" && service != "SIP") return {};
  if (!own_field(line, ",EventVersion=\"") || !take(line, ",AccountID=\"")) return {};
  const auto ending = find_ending(line);
  if (!ending) return {};
  std::string_view foreign = line.substr(0, ending->begin);
  const auto account = take_until(foreign, "\",SessionID=\"");
  if (!account) return {};
  event.account = *account;
  event.session = foreign;
  event.source = ending->remote.address;
  event.port = ending->remote.port;
  event.tcp = ending->remote.tcp;
  event.time = parse_time(*time);
  read_credentials(ending->fields, event);
  return event;
}

acl::Failure to_failure(const LoggedLogin& login) {
  return {.service = acl::Service::Sip,
          .kind = acl::FailureKind::SipRefused,
          .source = login.source,
          .proof = login.proof,
          .device = {},
          .port = login.port,
          .tcp = login.tcp,
          .account = login.account,
          .fingerprint = login.fingerprint};
}

std::optional<LoggedLogin> AsteriskLog::read(std::string_view line, WallTime now) {
  ++counters_.lines;
  const auto event = parse_security_event(line);
  if (!event) return {};
  if (event->kind == EventKind::InvalidAccount) {
    accounts_.remember(event->source, event->session, event->account);
    return {};
  }
  if (event->kind == EventKind::ChallengeSent) {
    if (!event->challenge.empty()) nonces_.remember(event->source, event->challenge, {});
    return {};
  }
  LoggedLogin login;
  login.success = event->kind == EventKind::Success;
  login.source = event->source;
  login.port = event->port;
  login.tcp = event->tcp;
  login.proof = proof_of(*event);
  login.account = account_of(*event).substr(0, kMostNames);
  login.session = event->session.substr(0, kMostNames);
  login.fingerprint = fingerprint_of(*event);
  login.time = event->time.value_or(now);
  ++(login.success ? counters_.successes : counters_.failures);
  if (login.proof == acl::PathProof::None) ++counters_.unproven;
  return login;
}

acl::PathProof AsteriskLog::proof_of(const SecurityEvent& event) const {
  if (event.tcp) return acl::PathProof::Connected;
  const bool both_seen = !event.received.empty() && event.received == event.challenge;
  const bool succeeded = event.kind == EventKind::Success && event.used_password;
  const bool known = succeeded || both_seen || options_.believe_udp ||
                     (!event.challenge.empty() && nonces_.find(event.source, event.challenge)) ||
                     (!event.received.empty() && nonces_.find(event.source, event.received));
  return known ? acl::PathProof::Acknowledged : acl::PathProof::None;
}

std::string_view AsteriskLog::account_of(const SecurityEvent& event) const {
  if (!event.account.empty() && event.account != kUnknownAccount) return event.account;
  const std::string* known = accounts_.find(event.source, event.session);
  return known != nullptr ? std::string_view(*known) : std::string_view();
}

}  // namespace stormdoor::edge
