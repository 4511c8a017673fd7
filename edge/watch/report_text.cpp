#include "edge/watch/report_text.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace stormdoor::edge::watch {
namespace {

std::string_view name(BindingSeen::Source source) {
  switch (source) {
    case BindingSeen::Source::Arp:
      return "arp";
    case BindingSeen::Source::GratuitousArp:
      return "gratuitous-arp";
    case BindingSeen::Source::NeighborSolicit:
      return "neighbor-solicit";
    case BindingSeen::Source::NeighborAdvert:
      return "neighbor-advert";
    case BindingSeen::Source::Dhcp:
      return "dhcp";
  }
  return "unknown";
}

std::string_view name(SipOutcome::Result result) {
  switch (result) {
    case SipOutcome::Result::Refused:
      return "refused";
    case SipOutcome::Result::Registered:
      return "registered";
    case SipOutcome::Result::Unregistered:
      return "unregistered";
    case SipOutcome::Result::Accepted:
      return "accepted";
    case SipOutcome::Result::Probed:
      return "probed";
  }
  return "unknown";
}

std::string endpoint(const IpAddress& address, uint16_t port) {
  return Endpoint{address, port}.to_string();
}

}  // namespace

std::string to_text(const BindingSeen& seen) {
  std::string line = fmt::format("binding address={} mac={} source={}", seen.address.to_string(),
                                 seen.mac.to_string(), name(seen.source));
  if (seen.vlan != 0) line += fmt::format(" vlan={}", seen.vlan);
  if (seen.foreign_frame) line += " foreign";
  if (!seen.vendor_class.empty())
    line += fmt::format(" vendor=\"{}\"", printable(seen.vendor_class));
  if (!seen.relay.empty()) line += fmt::format(" relay=\"{}\"", printable(seen.relay, 128));
  return line;
}

std::string to_text(const SipOutcome& outcome) {
  return fmt::format(
      "sip {} method={} status={} cseq={} account=\"{}\" username=\"{}\" client={} server={} "
      "transport={} expires={} nonce_was_sent_there={} connected={} user_agent=\"{}\"",
      name(outcome.result), printable(outcome.method), outcome.status, outcome.cseq,
      printable(outcome.account), printable(outcome.username),
      endpoint(outcome.client, outcome.client_port), endpoint(outcome.server, outcome.server_port),
      outcome.tcp ? "tcp" : "udp", outcome.expires_seconds, outcome.nonce_was_sent_there,
      outcome.connected, printable(outcome.user_agent, 128));
}

std::string to_text(const CallSeen& call) {
  return fmt::format("call {} caller={} callee={} transport={} from=\"{}\" called=\"{}\" until={}",
                     call.what == CallSeen::What::Begun ? "begun" : "over",
                     endpoint(call.caller, call.caller_port),
                     endpoint(call.callee, call.callee_port), call.tcp ? "tcp" : "udp",
                     printable(call.from), printable(call.called), call.until_us);
}

std::string to_text(const WatchCounters& counters) {
  return fmt::format("counters frames={} malformed={} fragments={} sip_messages={} evictions={}",
                     counters.frames, counters.malformed, counters.fragments, counters.sip_messages,
                     counters.evictions);
}

std::string to_text(const WatchAlive&) {
  return "alive";
}

}  // namespace stormdoor::edge::watch
