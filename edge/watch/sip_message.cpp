#include "edge/watch/sip_message.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.hpp"
#include "edge/watch/sip_fields.hpp"

namespace stormdoor::edge::watch {
namespace {

enum class Header : uint8_t {
  From,
  To,
  CallId,
  CSeq,
  Via,
  Contact,
  Expires,
  SessionExpires,
  UserAgent,
  ContentLength,
  Authorization,
  ProxyAuthorization,
  WwwAuthenticate,
  ProxyAuthenticate,
  Other,
};

constexpr std::string_view kEmergencyService = "urn:service:sos";  // RFC 5031 section 4.2

struct HeaderName {
  std::string_view name;
  char compact;  // RFC 3261 section 7.3.3
  Header header;
};
constexpr HeaderName kHeaderNames[] = {
    {"From", 'f', Header::From},
    {"To", 't', Header::To},
    {"Call-ID", 'i', Header::CallId},
    {"CSeq", 0, Header::CSeq},
    {"Via", 'v', Header::Via},
    {"Contact", 'm', Header::Contact},
    {"Expires", 0, Header::Expires},
    {"Session-Expires", 'x', Header::SessionExpires},  // RFC 4028 section 4
    {"User-Agent", 0, Header::UserAgent},
    {"Content-Length", 'l', Header::ContentLength},
    {"Authorization", 0, Header::Authorization},
    {"Proxy-Authorization", 0, Header::ProxyAuthorization},
    {"WWW-Authenticate", 0, Header::WwwAuthenticate},
    {"Proxy-Authenticate", 0, Header::ProxyAuthenticate},
};

Header header_named(std::string_view name) {
  for (const HeaderName& known : kHeaderNames) {
    const bool compact =
        name.size() == 1 && known.compact != 0 && (name[0] | 0x20) == known.compact;
    if (compact || (name.size() == known.name.size() && equals_ignoring_case(name, known.name)))
      return known.header;
  }
  return Header::Other;
}

Error refused(const char* why) {
  return {ErrorCode::InvalidArgument, why};
}

// Walks over the lines of a head, however they end.
class Lines {
 public:
  explicit Lines(std::string_view bytes) : bytes_(bytes) {}

  // The next line without its end; the end of the bytes ends one, too.
  std::string_view next() {
    const size_t begin = at_;
    while (at_ < bytes_.size() && bytes_[at_] != '\r' && bytes_[at_] != '\n') ++at_;
    const auto line = bytes_.substr(begin, at_ - begin);
    if (bytes_.substr(at_, 2) == "\r\n") {
      at_ += 2;
    } else {
      odd_ends_ = true;
      at_ += at_ < bytes_.size() ? 1 : 0;
    }
    return line;
  }
  // The same with the folded lines that continue it.
  std::string_view next_field() {
    const size_t begin = at_;
    std::string_view last = next();
    while (!last.empty() && at_ < bytes_.size() && (bytes_[at_] == ' ' || bytes_[at_] == '\t'))
      last = next();
    return bytes_.substr(begin, size_t(last.data() - bytes_.data()) + last.size() - begin);
  }
  void skip_empty() {
    while (at_ < bytes_.size() && (bytes_[at_] == '\r' || bytes_[at_] == '\n')) ++at_;
  }
  [[nodiscard]] bool at_end() const { return at_ >= bytes_.size(); }
  [[nodiscard]] size_t position() const { return at_; }
  [[nodiscard]] bool odd_ends() const { return odd_ends_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool odd_ends_ = false;
};

// Reads one message; each header is seen once, in order.
class MessageReader {
 public:
  Result<SipMessage> read(std::string_view bytes, SipFraming framing);

 private:
  Result<void> read_start_line(std::string_view line);
  Result<void> read_header(std::string_view field);
  Result<void> read_value(Header header, std::string_view value);
  Result<void> read_cseq(std::string_view value);
  Result<void> read_content_length(std::string_view value);
  void read_person(Header header, std::string_view value);
  void read_contacts(std::string_view value);
  Result<void> check_complete() const;

  // True for the first header of its kind.
  bool first(Header header) {
    const uint32_t bit = 1U << unsigned(header);
    const bool is_first = (seen_ & bit) == 0;
    seen_ |= bit;
    return is_first;
  }

  SipMessage message_;
  std::string_view start_method_;
  uint32_t seen_ = 0;
};

Result<SipMessage> MessageReader::read(std::string_view bytes, SipFraming framing) {
  const auto head = bytes.substr(0, kMostSipHeadBytes + 1);
  Lines lines(head);
  lines.skip_empty();
  TRY(read_start_line(lines.next()));
  bool ended = false;
  for (size_t count = 0; !ended && !lines.at_end(); ++count) {
    const auto field = lines.next_field();
    ended = field.empty();
    if (count > kMostSipHeaders) return refused("too many headers");
    if (!ended) TRY(read_header(field));
  }
  if (lines.position() > kMostSipHeadBytes) return refused("the head is too long");
  if (!ended && framing == SipFraming::Stream) return refused("the head does not end");
  TRY(check_complete());
  message_.head_bytes = lines.position();
  const size_t body = bytes.size() - message_.head_bytes;
  const bool lies =
      framing == SipFraming::Datagram && message_.content_length.value_or(body) != body;
  const bool nul = head.substr(0, message_.head_bytes).find('\0') != std::string_view::npos;
  if (!ended || lies || nul || lines.odd_ends()) message_.irregular = true;
  if (message_.is_request() && start_method_ != message_.method) message_.irregular = true;
  if (message_.is_request()) message_.method = start_method_;
  return std::move(message_);
}

// Request-Line or Status-Line (RFC 3261 section 25.1), with more spaces than it allows.
Result<void> MessageReader::read_start_line(std::string_view line) {
  constexpr std::string_view kVersion = "SIP/2.0";
  const Error none = refused("no SIP/2.0 start line");
  const auto trimmed = trim_sip(line);
  const size_t space = trimmed.find(' ');
  if (space == std::string_view::npos) return none;
  const auto first_word = trimmed.substr(0, space);
  const auto rest = trim_sip(trimmed.substr(space));
  if (equals_ignoring_case(first_word, kVersion)) {
    const auto code = rest.substr(0, rest.find(' '));
    const auto status = parse_sip_number(code, 699);
    if (!status || code.size() != 3 || *status < 100) return refused("no status code");
    message_.status = uint16_t(*status);
    return {};
  }
  const size_t last_space = rest.rfind(' ');
  if (!is_sip_token(first_word) || last_space == std::string_view::npos ||
      !equals_ignoring_case(rest.substr(last_space + 1), kVersion))
    return none;
  const auto uri = trim_sip(rest.substr(0, last_space));
  start_method_ = first_word;
  const bool exact = first_word.size() + uri.size() + kVersion.size() + 2 == line.size();
  const bool headers = uri.find('?', std::min(uri.find('@'), uri.size())) != std::string_view::npos;
  if (!exact || headers || uri.find(' ') != std::string_view::npos || uri.starts_with('<'))
    message_.irregular = true;
  const auto bare = uri.substr(uri.starts_with('<') ? 1 : 0);
  if (equals_ignoring_case(bare.substr(0, kEmergencyService.size()), kEmergencyService))
    message_.request_user = bare.substr(0, bare.find_first_of(";>"));
  else
    message_.request_user = sip_uri_user(bare, message_.irregular);
  return {};
}

Result<void> MessageReader::read_header(std::string_view field) {
  const size_t colon = field.find(':');
  if (colon == std::string_view::npos) {
    message_.irregular = true;
    return {};
  }
  const Header header = header_named(trim_sip(field.substr(0, colon)));
  if (header == Header::Other) return {};
  return read_value(header, trim_sip(field.substr(colon + 1)));
}

Result<void> MessageReader::read_value(Header header, std::string_view value) {
  const bool is_first = first(header);
  bool& irregular = message_.irregular;
  switch (header) {
    case Header::CSeq:
    case Header::From:
    case Header::To:
    case Header::CallId:
      if (!is_first) {
        irregular = true;
      } else if (header == Header::CSeq) {
        return read_cseq(value);
      } else if (header == Header::CallId) {
        message_.call_id = value;
      } else {
        read_person(header, value);
      }
      return {};
    case Header::Via:
      if (is_first) {
        const SipVia via = parse_sip_via(value, irregular);
        message_.sent_by = via.sent_by;
        message_.branch = via.branch;
      }
      return {};
    case Header::Contact:
      read_contacts(value);
      return {};
    case Header::Expires:
      if (is_first) message_.expires_seconds = parse_sip_seconds(value);
      return {};
    case Header::SessionExpires:
      if (is_first)
        message_.session_expires_seconds =
            parse_sip_seconds(trim_sip(value.substr(0, value.find(';'))));
      return {};
    case Header::UserAgent:
      if (is_first) message_.user_agent = value;
      return {};
    case Header::ContentLength:
      return read_content_length(value);
    case Header::Authorization:
    case Header::ProxyAuthorization:
      if (auto digest = parse_sip_digest(value, irregular)) {
        digest->proxy = header == Header::ProxyAuthorization;
        message_.digests.push_back(std::move(*digest));
      }
      return {};
    case Header::WwwAuthenticate:
    case Header::ProxyAuthenticate:
      if (auto challenge = parse_sip_challenge(value, irregular)) {
        challenge->proxy = header == Header::ProxyAuthenticate;
        message_.challenges.push_back(std::move(*challenge));
      }
      return {};
    case Header::Other:
      break;
  }
  return {};
}

Result<void> MessageReader::read_cseq(std::string_view value) {
  const size_t end = std::min(value.find_first_of(" \t\r\n"), value.size());
  // RFC 3261 section 8.1.1.5: below 2**31.
  const auto number =
      parse_sip_number(value.substr(0, end), uint64_t{std::numeric_limits<int32_t>::max()});
  const auto method = trim_sip(value.substr(end));
  if (!number || !is_sip_token(method)) return refused("no CSeq");
  message_.cseq = uint32_t(*number);
  message_.method = method;
  return {};
}

Result<void> MessageReader::read_content_length(std::string_view value) {
  const auto length = parse_sip_number(value, std::numeric_limits<uint32_t>::max());
  if (!length) return refused("Content-Length is no number");
  if (message_.content_length && *message_.content_length != *length)
    return refused("two values of Content-Length");
  message_.content_length = size_t(*length);
  return {};
}

void MessageReader::read_person(Header header, std::string_view value) {
  bool mind_quotes = true;
  const SipAddress address = take_sip_address(value, false, mind_quotes, message_.irregular);
  std::string user = sip_uri_user(address.uri, message_.irregular);
  if (header == Header::From) {
    message_.from_user = std::move(user);
    message_.from_tag = address.tag;
  } else {
    message_.to_user = std::move(user);
    message_.to_tag = address.tag;
  }
}

void MessageReader::read_contacts(std::string_view value) {
  if (value == "*") {
    message_.every_contact = true;
    return;
  }
  bool mind_quotes = true;
  while (!value.empty()) {
    const SipAddress address = take_sip_address(value, true, mind_quotes, message_.irregular);
    if (address.uri.empty()) continue;
    message_.contacts.push_back({.uri = address.uri,
                                 .user = sip_uri_user(address.uri, message_.irregular),
                                 .expires_seconds = address.expires_seconds});
  }
}

Result<void> MessageReader::check_complete() const {
  for (const Header header : {Header::From, Header::To, Header::CallId, Header::CSeq, Header::Via})
    if ((seen_ >> unsigned(header) & 1U) == 0) return refused("a mandatory header is missing");
  if (message_.call_id.empty()) return refused("no Call-ID");
  return {};
}

}  // namespace

Result<SipMessage> parse_sip(std::string_view bytes, SipFraming framing) {
  return MessageReader().read(bytes, framing);
}

std::optional<size_t> find_sip_head_end(std::string_view bytes, size_t& from) {
  // A lone CR at the end of what has come may be half of a CR LF.
  if (bytes.ends_with('\r')) bytes.remove_suffix(1);
  while (from < bytes.size()) {
    const auto rest = bytes.substr(from);
    Lines lines(rest);
    const bool empty = lines.next().empty();
    const char last = rest[lines.position() - 1];
    if (last != '\n' && last != '\r') return std::nullopt;
    from += lines.position();
    if (empty) return from;
  }
  return std::nullopt;
}

}  // namespace stormdoor::edge::watch
