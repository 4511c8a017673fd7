#include "acl/explanation.hpp"

#include <algorithm>

#include "acl/rule_set.hpp"
#include "acl/wording.hpp"
#include "base/text.hpp"

namespace stormdoor::acl {
namespace {

// "wrong password for "301", as phone 00:0F:D3:05:48:48".
std::string what_happened(FailureKind kind, const std::string& account,
                          const std::optional<MacAddress>& device) {
  const bool file = asks_for_a_file(kind);
  std::string words(to_string(kind));
  if (!account.empty()) words += say(" for \"", printable(account), "\"");
  if (device) words += say(file ? " " : ", as phone ", device->to_string());
  return words;
}

std::string until(const store::BlockRecord& block, Now now) {
  if (block.until == WallTime::max()) return "until an administrator ends it";
  return say("until ", format_time(block.until), " (", format_duration(block.until - now.wall),
             " from now)");
}

// Automatic reasons were made printable when they were made.
std::string reason_of(const store::BlockRecord& block) {
  return block.by_administrator ? printable(block.reason, 400) : block.reason;
}

std::string services_of(const Network& network, std::string_view none) {
  std::vector<std::string> words;
  for (const Service service : kAllServices)
    if (network.services.contains(service)) words.emplace_back(to_string(service));
  return listed(words, none);
}

void say_verdict(const Findings& findings, Now now, std::vector<std::string>& lines) {
  const std::string address = findings.address.to_string();
  for (const store::BlockRecord& block : findings.blocks) {
    const std::string_view service = to_string(Service{block.service});
    const std::string who = block.account.empty() ? address
                                                  : say("\"", printable(block.account), "\" from ",
                                                        block.source.to_string());
    lines.push_back(say(who, " is blocked for ", service, " ", until(block, now), ", since ",
                        format_time(block.since), ": ", reason_of(block)));
  }
  if (findings.probes.until)
    lines.push_back(
        say(address, " gets its SIP answers at a metered rate for ",
            format_duration(std::chrono::ceil<milliseconds>(*findings.probes.until - now.steady)),
            ": ", findings.probe_limit,
            " requests without credentials that led nowhere; nothing is refused for "
            "that"));
  if (findings.throttle.source_until || findings.throttle.neighbourhood_until) {
    const bool alone = findings.throttle.source_until.has_value();
    const SteadyTime end =
        alone ? *findings.throttle.source_until : *findings.throttle.neighbourhood_until;
    const auto left = std::chrono::ceil<milliseconds>(end - now.steady);
    lines.push_back(
        say("TFTP rests for ", alone ? address : say("the addresses around ", address), " for ",
            format_duration(left), ": ",
            alone ? findings.tftp_rules.failures : findings.tftp_rules.failures_per_neighbourhood,
            " failures within ", format_duration(findings.tftp_rules.within),
            " from there, where no answer was ever acknowledged; nothing else is "
            "refused for that"));
  }
  if (!findings.network_prefix)
    lines.push_back(say(address, " may use nothing: it belongs to no network"));
  else if (std::all_of(findings.blocks.begin(), findings.blocks.end(),
                       [](const auto& block) { return !block.account.empty(); }))
    lines.push_back(say(address, " is not blocked; it may use ",
                        services_of(findings.network, "nothing: its network offers no service")));
}

void say_who_else(const Findings& findings, Now now, std::vector<std::string>& lines) {
  if (findings.shadow) lines.emplace_back("shadow mode: everything is decided, nothing refused");
  for (const store::LeaseRecord& lease : findings.leases) lines.push_back(sentence_of(lease, now));
  if (findings.well.empty()) return;
  constexpr size_t kMostNames = 8;
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(findings.well.size(), kMostNames); ++i)
    names.push_back(printable(findings.well[i]));
  if (findings.well.size() > kMostNames)
    names.push_back(say(findings.well.size() - kMostNames, " more"));
  lines.push_back(say("healthy there: ", listed(names, "nobody"), "; ",
                      counted(findings.flows, "registered flow keeps", "registered flows keep"),
                      " passing whatever is refused"));
}

void say_network(const Findings& findings, std::vector<std::string>& lines) {
  if (!findings.network_prefix) return;
  const Network& network = findings.network;
  std::string line = say(
      "network \"", printable(network.name), "\", by ", findings.network_prefix->to_string(),
      ": offers ", services_of(network, "nothing"), "; identity by ", to_string(network.identity));
  if (network.never_block) line += "; never_block: provisioning and sip failures lead to no block";
  lines.push_back(std::move(line));
}

void say_counts(const Findings& findings, std::vector<std::string>& lines) {
  const std::string source = findings.source.to_string();
  for (const Service service : kAllServices) {
    const uint32_t failures = findings.failures[size_t(service)];
    const Limit& limit = findings.limits[size_t(service)];
    if (failures == 0) continue;
    lines.push_back(say(source, " has ",
                        counted(failures, "different mistake", "different mistakes"), " with ",
                        to_string(service), " within ", format_duration(limit.within), "; ",
                        never_blocks(findings.network, service)
                            ? std::string("its network is never blocked for that")
                            : say(limit.failures, " lead to a block")));
  }
  if (findings.swept_macs > 0)
    lines.push_back(say(source, " asked for files of ",
                        counted(findings.swept_macs, "phone", "phones"), " that ",
                        findings.swept_macs == 1 ? "is" : "are", " unknown or not its own within ",
                        format_duration(findings.mac_sweep.within), "; ",
                        findings.mac_sweep.failures, " are a sweep"));
  if (findings.throttle.failures > 0)
    lines.push_back(say(source, " failed ", counted(findings.throttle.failures, "time", "times"),
                        " over TFTP without showing that the address is its own; that counts for "
                        "no block"));
}

void say_what_ends_it(const Findings& findings, std::vector<std::string>& lines) {
  for (const store::BlockRecord& block : findings.blocks) {
    const std::string_view service = to_string(Service{block.service});
    std::string line = say(
        "what ends it: ", block.until == WallTime::max() ? "" : "time, or ",
        "an administrator: stormdoor blocks remove ", block.source.to_string(), " (", service,
        block.account.empty() ? std::string() : say(", \"", printable(block.account), "\""), ")");
    if (block.by_administrator) {
      line += "; it was set by an administrator";
    } else if (block.repeats > 0) {
      line += say("; it is longer because ",
                  counted(block.repeats, "block went before", "blocks went before"));
    }
    lines.push_back(std::move(line));
  }
}

std::string_view said_of(Excuse excuse) {
  switch (excuse) {
    case Excuse::None:
      return " (not counted)";
    case Excuse::RefusedOtherwise:
      return " (not counted: its password was right, the PBX refused for other reasons)";
    case Excuse::Stale:
      return " (not counted: that phone's own previous password; it needs to reprovision)";
    case Excuse::Forgiven:
      return " (not counted: forgiven by the phone's lease)";
    case Excuse::Exhausted:
      return " (not held against the address: the phone's lease is spent or past its deadline)";
  }
  return {};
}

void say_events(const Findings& findings, std::vector<std::string>& lines) {
  if (findings.success) {
    const Success& success = *findings.success;
    lines.push_back(say(format_time(success.last), " last success: ", to_string(success.service),
                        success.device ? say(" by phone ", success.device->to_string()) : "", "; ",
                        success.times, " in all"));
  }
  for (auto event = findings.events.rbegin(); event != findings.events.rend(); ++event) {
    std::string line = say(format_time(event->first), " ", to_string(event->service), ": ",
                           what_happened(event->kind, event->account, event->device),
                           event->scored ? "" : said_of(event->excuse));
    if (event->times > 1)
      line += say("; the same again ", counted(event->times - 1, "time", "times"), ", last at ",
                  format_time(event->last));
    lines.push_back(std::move(line));
  }
}

}  // namespace

std::vector<std::string> explain(const Findings& findings, Now now) {
  std::vector<std::string> lines;
  say_verdict(findings, now, lines);
  say_who_else(findings, now, lines);
  say_network(findings, lines);
  say_counts(findings, lines);
  say_what_ends_it(findings, lines);
  say_events(findings, lines);
  return lines;
}

std::string reason_of_limit(Service service, uint32_t failures, const Limit& limit,
                            const Failure& last) {
  return say(counted(failures, "different mistake", "different mistakes"), " with ",
             to_string(service), " within ", format_duration(limit.within), " (limit ",
             limit.failures, "); the last: ",
             what_happened(last.kind, last.account.substr(0, EvidenceBook::kMostAccountBytes),
                           last.device));
}

std::string reason_of_sweep(uint32_t macs, const Limit& limit, const Failure& last) {
  return say("sweep of MAC addresses: files of ", macs,
             " phones that are unknown or not its own within ", format_duration(limit.within),
             " (limit ", limit.failures,
             "); the last: ", what_happened(last.kind, {}, last.device));
}

std::string reason_of_decoy(const Failure& failure) {
  return say("asked for the file of a decoy",
             failure.device ? say(", ", failure.device->to_string()) : "",
             ": no phone has that MAC, only a sweep finds it");
}

std::string reason_of_blame(Service service, const Blame& blame, uint32_t failures,
                            const Limit& limit, const Failure& last) {
  return say(reason_of_limit(service, failures, limit, last), "; ", blame.identity.share.failures,
             " of them are its own, and phones that are, or were, healthy share the address, so "
             "that only this is refused (",
             counted(blame.unknown_identities, "unknown identity", "unknown identities"),
             " failed there, ", limit.distinct_identities, " would be the whole address)");
}

std::string reason_of_strangers(Service service, size_t strangers, uint32_t failures,
                                const Limit& limit, const Failure& last) {
  return say(reason_of_limit(service, failures, limit, last), "; ", strangers,
             " accounts that were never well there were refused before, so that it is the whole "
             "address now");
}

std::string reason_of_device(Service service, const Limit& limit, const Failure& last) {
  return say("phone ", last.device ? last.device->to_string() : std::string(), " made ",
             limit.failures, " different mistakes with ", to_string(service), " within ",
             format_duration(limit.within), ", wherever it went; the last: ",
             what_happened(last.kind, last.account.substr(0, EvidenceBook::kMostAccountBytes), {}));
}

std::string reason_of_lease(const MacAddress& phone, const std::string& account) {
  return say("the lease of phone ", phone.to_string(),
             " is spent or past its deadline, and its old \"", printable(account),
             "\" still comes from there; nothing else of that address is refused");
}

std::string sentence_of(const store::LeaseRecord& lease, Now now) {
  const std::string why = lease.reason.empty() ? "" : say(": ", printable(lease.reason, 200));
  const bool past = now.wall >= lease.deadline;
  return say(
      "phone ", lease.mac.to_string(),
      past ? " did not come back before its lease ended at " : " is excused until ",
      format_time(lease.deadline), why, "; ", lease.spent, " of ",
      counted(lease.budget, "failure", "failures"), " forgiven",
      lease.stale == 0
          ? ""
          : say(", and ", counted(lease.stale, "try", "tries"), " with its old password"),
      lease.spent >= lease.budget ? ", so that its old account is refused from there now" : "");
}

}  // namespace stormdoor::acl
