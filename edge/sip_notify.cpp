#include "edge/sip_notify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace stormdoor::edge {
namespace {

constexpr std::string_view kCookie = "z9hG4bK";
constexpr size_t kMostBranchBytes = 100;
constexpr size_t kMostReasonBytes = 60;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// RFC 3261 section 25.1: unreserved and user-unreserved.
std::string escaped_user(std::string_view user) {
  static constexpr std::string_view kPlain = "-_.!~*'()&=+$,;?/";
  std::string text;
  for (const char c : user) {
    if (is_alphanumeric(c) || kPlain.find(c) != std::string_view::npos)
      text += c;
    else
      text += fmt::format("%{:02X}", uint8_t(c));
  }
  return text;
}

std::string with_wire_line_ends(std::string_view body) {
  std::string text;
  for (const char c : body) {
    if (c == '\n' && !text.ends_with('\r')) text += '\r';
    text += c;
  }
  return text;
}

// The value of the first header of that name (or its compact form), and how many there are.
struct Header {
  std::string_view value;
  size_t count = 0;
};
Header header(std::string_view head, std::string_view name, std::string_view compact) {
  Header found;
  for (std::string_view line : split(head, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto said = trim(line.substr(0, colon));
    if (!equals_ignoring_case(said, name) && !equals_ignoring_case(said, compact)) continue;
    if (found.count++ == 0) found.value = trim(line.substr(colon + 1));
  }
  return found;
}

// "SIP/2.0/UDP host;rport=5060;branch=z9hG4bKxyz" -> "xyz"
std::string_view branch_of(std::string_view via) {
  for (const auto part : split(via, ';')) {
    const auto parameter = trim(part);
    const size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    if (!equals_ignoring_case(trim(parameter.substr(0, equals)), "branch")) continue;
    const auto value = trim(parameter.substr(equals + 1));
    return value.starts_with(kCookie) ? value.substr(kCookie.size()) : std::string_view();
  }
  return {};
}

// "1 NOTIFY"
bool is_of_notify(std::string_view cseq) {
  const size_t space = cseq.find_first_of(" \t");
  return space != std::string_view::npos && trim(cseq.substr(space)) == "NOTIFY";
}

}  // namespace

bool is_event(std::string_view text) {
  static constexpr std::string_view kToken = "-.!%*_+`'~";
  if (text.empty() || text.size() > 100 || !is_alphanumeric(text.front())) return false;
  return std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || kToken.find(c) != std::string_view::npos || c == ';' || c == '=';
  });
}

std::string write_notify(const SipNotify& notify, const NotifyIdentity& identity) {
  const std::string body = with_wire_line_ends(notify.body);
  const std::string uri = fmt::format("sip:{}@{}", escaped_user(notify.user), notify.host);
  const std::string local = identity.local.to_string();
  std::string text = fmt::format(
      "NOTIFY {} SIP/2.0\r\n"
      "Via: SIP/2.0/UDP {};rport;branch={}{}\r\n"
      "Max-Forwards: 70\r\n"
      "From: <sip:stormdoor@{}>;tag={}\r\n"
      "To: <{}>\r\n"
      "Call-ID: {}\r\n"
      "CSeq: 1 NOTIFY\r\n"
      "Contact: <sip:stormdoor@{}>\r\n"
      "Event: {}\r\n"
      "Subscription-State: terminated\r\n"
      "User-Agent: stormdoor\r\n",
      uri, local, kCookie, identity.branch, local, identity.tag, uri, identity.call_id, local,
      notify.event);
  if (!body.empty()) text += fmt::format("Content-Type: {}\r\n", notify.content_type);
  return text + fmt::format("Content-Length: {}\r\n\r\n", body.size()) + body;
}

std::optional<SipAnswer> read_answer(std::string_view datagram) {
  static constexpr std::string_view kVersion = "SIP/2.0 ";
  if (datagram.size() > kMostAnswerBytes || !datagram.starts_with(kVersion)) return {};
  const std::string_view head = datagram.substr(0, datagram.find("\r\n\r\n"));
  if (head.size() == datagram.size()) return {};  // cut short
  const auto line = head.substr(kVersion.size(), head.find("\r\n") - kVersion.size());
  if (line.find('\n') != std::string_view::npos) return {};  // it ends with CR LF, nothing else
  SipAnswer answer;
  if (line.size() < 3 || (line.size() > 3 && line[3] != ' ')) return {};
  const auto [end, failed] = std::from_chars(line.data(), line.data() + 3, answer.status);
  if (failed != std::errc() || end != line.data() + 3) return {};
  if (answer.status < 100 || answer.status > 699) return {};
  const Header via = header(head, "Via", "v");
  const Header cseq = header(head, "CSeq", "CSeq");
  // A list in one header is two hops as well.
  if (via.count != 1 || via.value.find(',') != std::string_view::npos) return {};
  if (cseq.count != 1 || !is_of_notify(cseq.value)) return {};
  const auto branch = branch_of(via.value);
  if (branch.empty() || branch.size() > kMostBranchBytes) return {};
  answer.branch = branch;
  answer.reason = printable(trim(line.substr(3)), kMostReasonBytes);
  return answer;
}

Result<void> NotifyTransactions::start(std::string branch, const Endpoint& to, std::string datagram,
                                       SteadyTime now) {
  if (transactions_.size() >= most_)
    return Error(ErrorCode::ResourceExhausted,
                 fmt::format("{} phones are being told already; that is as many as can be", most_));
  const auto [place, fresh] = transactions_.try_emplace(
      std::move(branch),
      Transaction{.datagram = {to, std::move(datagram)}, .give_up = now + kGiveUp, .due = now});
  STORMDOOR_CHECK(fresh, "a branch is drawn for one transaction");
  due_.emplace(now, place->first);
  return {};
}

void NotifyTransactions::put_off(const std::string& branch, Transaction& transaction,
                                 SteadyTime until) {
  due_.erase({transaction.due, branch});
  transaction.due = until;
  due_.emplace(until, branch);
}

void NotifyTransactions::end(const std::string& branch, std::optional<SipAnswer> answer) {
  const auto found = transactions_.find(branch);
  due_.erase({found->second.due, branch});
  outcomes_.push_back({branch, std::move(answer)});
  transactions_.erase(found);
}

void NotifyTransactions::on_datagram(std::string_view datagram, SteadyTime now) {
  auto answer = read_answer(datagram);
  if (!answer) return;
  const auto found = transactions_.find(answer->branch);
  if (found == transactions_.end()) return;
  if (answer->status >= 200) {
    const std::string branch = found->first;
    return end(branch, std::move(answer));
  }
  // From now on timer E is T2 (17.1.2.2, "Proceeding").
  Transaction& transaction = found->second;
  if (std::exchange(transaction.proceeding, true)) return;
  transaction.wait = kT2;
  put_off(found->first, transaction, std::min(now + kT2, transaction.give_up));
}

std::vector<NotifyTransactions::Datagram> NotifyTransactions::take_due(SteadyTime now) {
  std::vector<Datagram> datagrams;
  while (!due_.empty() && due_.begin()->first <= now) {
    const std::string branch = due_.begin()->second;
    Transaction& transaction = transactions_.find(branch)->second;
    if (now >= transaction.give_up) {
      end(branch, {});
      continue;
    }
    datagrams.push_back(transaction.datagram);
    transaction.wait =
        transaction.wait == milliseconds{0} ? kT1 : std::min(transaction.wait * 2, kT2);
    put_off(branch, transaction, std::min(now + transaction.wait, transaction.give_up));
  }
  return datagrams;
}

std::optional<SteadyTime> NotifyTransactions::next() const {
  if (due_.empty()) return {};
  return due_.begin()->first;
}

}  // namespace stormdoor::edge
