// The access rules as TOML, and what can be wrong with them.
#include <algorithm>
#include <map>

#include "acl/acl_config.hpp"
#include "acl/rule_set.hpp"
#include "acl/wording.hpp"

namespace stormdoor::acl {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr milliseconds kLeastTime = seconds(1);
constexpr milliseconds kLongestWindow = days(7);
constexpr milliseconds kLongestBlock = days(3650);
constexpr int64_t kMostFactor = 100;

constexpr std::array<std::pair<std::string_view, Service>, kAllServices.size()> kServices = [] {
  std::array<std::pair<std::string_view, Service>, kAllServices.size()> all;
  for (const Service service : kAllServices) all[size_t(service)] = {to_string(service), service};
  return all;
}();

class Warnings {
 public:
  explicit Warnings(std::vector<std::string>& lines) : lines_(lines) {}
  void add(const ConfigTable& table, std::string_view key, std::string_view sentence) {
    lines_.push_back(
        say(table.where(key).to_string(), ": ", table.path(), ".", key, ": ", sentence));
  }

 private:
  std::vector<std::string>& lines_;
};

bool is_private(const IpPrefix& prefix) {
  for (const Network& network : AclRules::default_networks())
    for (const IpPrefix& wide : network.prefixes)
      if (wide.contains(prefix)) return true;
  return false;
}

const IpPrefix* first_public(const Network& network) {
  const auto found = std::find_if_not(network.prefixes.begin(), network.prefixes.end(), is_private);
  return found == network.prefixes.end() ? nullptr : &*found;
}

// ---- [[network]] ----

Network read_network(const ConfigTable& table) {
  Network network;
  if (table.require("name", "say what people call it: name = \"Head office phones\""))
    network.name = table.string("name", "");
  if (table.require("prefixes", "say which addresses belong to it: prefixes = [\"10.20.0.0/16\"]"))
    network.prefixes = table.prefixes("prefixes");
  if (table.require(
          "services",
          "say what it may use: services = [\"provisioning\", \"desk-login\", \"sip\"], or "
          "[] for nothing"))
    for (const Service service : table.choice_list<Service>("services", {}, kServices))
      network.services.insert(service);
  network.identity = table.choice<Identity>("identity", network.identity,
                                            {{"token", Identity::Token},
                                             {"wire", Identity::Wire},
                                             {"certificate", Identity::Certificate},
                                             {"none", Identity::None}});
  network.first_contact =
      table.choice<FirstContact>("first_contact", network.first_contact,
                                 {{"stub", FirstContact::Stub}, {"full", FirstContact::Full}});
  network.never_block = table.boolean("never_block", network.never_block);
  return network;
}

void check_network(const ConfigTable& table, const Network& network) {
  if (table.has("name") && network.name.empty())
    table.error_at("name", "is empty; give it the name that people use");
}

void warn_about_network(const ConfigTable& table, const Network& network, const GuardSizes& sizes,
                        Warnings& warnings) {
  if (network.prefixes.empty())
    warnings.add(table, "prefixes", "no address belongs to this network");
  const IpPrefix* open = first_public(network);
  if (network.identity == Identity::None && open != nullptr &&
      network.services.contains(Service::Provisioning))
    warnings.add(table, "identity",
                 say("\"none\" lets anybody in ", open->to_string(),
                     " who guesses a MAC have that phone's secrets; \"token\" or \"certificate\" "
                     "would not"));
  if (network.first_contact == FirstContact::Full && network.identity != Identity::Token)
    warnings.add(table, "first_contact",
                 say("has no effect with identity = \"", to_string(network.identity), "\""));
  else if (network.first_contact == FirstContact::Full && open != nullptr)
    warnings.add(table, "first_contact",
                 say("\"full\" gives the secrets of a phone that has not fetched them yet to "
                     "whoever in ",
                     open->to_string(), " names its MAC first; \"stub\" waits for an approval"));
  if (network.never_block && open != nullptr)
    warnings.add(table, "never_block",
                 say(open->to_string(),
                     " is no private network: anybody there may guess SIP "
                     "passwords and provisioning tokens for ever"));
  if (network.never_block && !network.services.contains(Service::Provisioning) &&
      !network.services.contains(Service::Sip))
    warnings.add(table, "never_block",
                 "has no effect here: it holds for provisioning and sip, and neither is offered");
  for (const IpPrefix& prefix : network.prefixes) {
    const int counted = prefix.is_v4() ? sizes.source_prefix_v4 : sizes.source_prefix_v6;
    if (prefix.length() > counted && !prefix.address().is_loopback())
      warnings.add(table, "prefixes",
                   say(prefix.to_string(), " is smaller than one source (/", counted,
                       ", see guard.source_prefix_v", prefix.is_v4() ? 4 : 6,
                       "): a failure there counts for its neighbours too"));
  }
}

// Names and prefixes that stand twice.
class Uniqueness {
 public:
  void check(const ConfigTable& table, const Network& network) {
    if (!network.name.empty()) {
      const auto [other, is_new] = names_.try_emplace(network.name, table.where("name"));
      if (!is_new)
        table.error_at("name",
                       say("\"", network.name, "\" is the name of another network already (",
                           other->second.to_string(), "); give each its own"));
    }
    for (const IpPrefix& prefix : network.prefixes) {
      const auto [other, is_new] = prefixes_.try_emplace(prefix, table.where("prefixes"));
      if (!is_new)
        table.error_at("prefixes",
                       say(prefix.to_string(), " stands twice, the first time at ",
                           other->second.to_string(), "; a prefix belongs to one network"));
    }
  }

 private:
  std::map<std::string, SourceLocation> names_;
  std::map<IpPrefix, SourceLocation> prefixes_;
};

void read_networks(const ConfigTable& root, AclConfig& config, Warnings& warnings) {
  const auto tables = root.tables("network");
  if (tables.empty()) return;
  config.rules.networks.clear();
  Uniqueness uniqueness;
  for (const ConfigTable& table : tables) {
    Network network = read_network(table);
    check_network(table, network);
    uniqueness.check(table, network);
    warn_about_network(table, network, config.sizes, warnings);
    config.rules.networks.push_back(std::move(network));
  }
}

// ---- [[limit]] and what is like one ----

Limit read_limit(const ConfigTable& table, std::string_view count_key, const Limit& fallback) {
  Limit limit;
  limit.failures =
      uint32_t(table.integer(count_key, fallback.failures, 1, int64_t{Limit::kMostFailures}));
  limit.within = table.duration("within", fallback.within, kLeastTime, kLongestWindow);
  limit.block_for = table.duration("block_for", fallback.block_for, kLeastTime, kLongestBlock);
  const ConfigTable repeat = table.table("repeat");
  limit.repeat_factor =
      uint32_t(repeat.integer("factor", int64_t{fallback.repeat_factor}, 1, kMostFactor));
  // Who writes only a long block_for means at least that.
  const milliseconds most = std::max(fallback.repeat_max, limit.block_for);
  limit.repeat_max = repeat.duration("max", most, kLeastTime, kLongestBlock);
  if (limit.repeat_max < limit.block_for) {
    repeat.error_at("max", say(format_duration(limit.repeat_max), " is less than block_for (",
                               format_duration(limit.block_for),
                               "); the longest block cannot be shorter than the first"));
  }
  return limit;
}

void read_limits(const ConfigTable& root, AclRules& rules, Warnings& warnings) {
  ServiceSet offered;
  for (const Network& network : rules.networks)
    for (const Service service : kAllServices)
      if (network.services.contains(service)) offered.insert(service);

  std::map<Service, SourceLocation> seen;
  for (const ConfigTable& table : root.tables("limit")) {
    const bool complete = table.require("service", "say what it limits: service = \"sip\"");
    const auto service = table.choice<Service>("service", Service::Provisioning, kServices);
    Limit limit = read_limit(table, "failures", rules.limit(service));
    limit.distinct_identities =
        uint32_t(table.integer("distinct_identities", int64_t{limit.distinct_identities}, 1,
                               int64_t{Limit::kMostFailures}));
    if (!complete) continue;
    const auto [other, is_new] = seen.try_emplace(service, table.where());
    if (!is_new)
      table.error_at("service", say("there is a limit for ", to_string(service), " already (",
                                    other->second.to_string(), "); a service has one"));
    if (!offered.contains(service))
      warnings.add(table, "service",
                   say("no network offers ", to_string(service), ", so this limits nothing"));
    rules.limits[size_t(service)] = limit;
  }
}

TftpThrottle read_tftp_throttle(const ConfigTable& table) {
  TftpThrottle throttle;
  constexpr int64_t kMost = 1'000'000;
  throttle.failures = uint32_t(table.integer("failures", throttle.failures, 1, kMost));
  throttle.failures_per_neighbourhood = uint32_t(
      table.integer("failures_per_neighbourhood", throttle.failures_per_neighbourhood, 1, kMost));
  throttle.within = table.duration("within", throttle.within, kLeastTime, hours(1));
  throttle.throttle_for =
      table.duration("throttle_for", throttle.throttle_for, kLeastTime, hours(1));
  if (throttle.failures_per_neighbourhood < throttle.failures)
    table.error_at("failures_per_neighbourhood",
                   say(throttle.failures_per_neighbourhood, " is less than failures (",
                       throttle.failures, "); a neighbourhood has at least what one source has"));
  return throttle;
}

std::vector<MacAddress> read_decoys(const ConfigTable& table) {
  std::vector<MacAddress> decoys;
  for (const std::string& text : table.strings("decoys", {})) {
    const auto mac = MacAddress::parse_unicast(text);
    if (mac)
      decoys.push_back(*mac);
    else
      table.error_at("decoys", mac.error().message());
  }
  std::sort(decoys.begin(), decoys.end());
  return decoys;
}

ProbeRules read_probes(const ConfigTable& table) {
  ProbeRules probes;
  probes.answers = uint32_t(table.integer("answers", probes.answers, 1, 1'000'000));
  probes.within = table.duration("within", probes.within, kLeastTime, hours(1));
  probes.meter_for = table.duration("meter_for", probes.meter_for, kLeastTime, days(1));
  return probes;
}

GuardSizes read_sizes(const ConfigTable& table) {
  GuardSizes sizes;
  const auto count = [&](std::string_view key, size_t fallback, int64_t least, int64_t most) {
    return size_t(table.integer(key, int64_t(fallback), least, most));
  };
  sizes.tracked_sources = count("tracked_sources", sizes.tracked_sources, 1'000, 10'000'000);
  sizes.blocks = count("blocks", sizes.blocks, 1'000, 10'000'000);
  sizes.evidence_per_source = count("evidence_per_source", sizes.evidence_per_source, 1, 64);
  sizes.source_prefix_v4 = int(table.integer("source_prefix_v4", sizes.source_prefix_v4, 16, 32));
  sizes.source_prefix_v6 = int(table.integer("source_prefix_v6", sizes.source_prefix_v6, 32, 128));
  return sizes;
}

}  // namespace

AclConfig read_acl_config(const ConfigTable& root, std::vector<std::string>& warning_lines) {
  Warnings warnings(warning_lines);
  AclConfig config;
  config.sizes = read_sizes(root.table("guard"));
  config.rules.enforce = root.choice("enforce", config.rules.enforce,
                                     {{"kernel", EnforceMode::Kernel},
                                      {"listeners", EnforceMode::Listeners},
                                      {"shadow", EnforceMode::Shadow},
                                      {"off", EnforceMode::Off}});
  read_networks(root, config, warnings);
  read_limits(root, config.rules, warnings);
  const ConfigTable sweep = root.table("mac_sweep");
  config.rules.mac_sweep = read_limit(sweep, "distinct_macs", config.rules.mac_sweep);
  config.rules.decoys = read_decoys(sweep);
  config.rules.tftp_throttle = read_tftp_throttle(root.table("tftp_throttle"));
  config.rules.sip_probes = read_probes(root.table("sip_probes"));
  config.expectations = read_expectations(root);
  return config;
}

}  // namespace stormdoor::acl
