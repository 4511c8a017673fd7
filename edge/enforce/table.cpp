#include "edge/enforce/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace stormdoor::edge::enforce {
namespace {

constexpr std::array<std::string_view, 5> kServiceChains = {"provisioning", "desk_login", "sip",
                                                            "portal", "api"};
constexpr size_t kSip = 2;

// "ip saddr" masked to the length of the set.
std::string masked_source(const SetId& set) {
  const std::string field = set.v4 ? "ip saddr" : "ip6 saddr";
  if (set.length == (set.v4 ? 32 : 128)) return field;
  const auto all = IpAddress::v6({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xff});
  const auto mask = IpPrefix(set.v4 ? IpAddress::v4(0xffffffff) : all, set.length).address();
  return fmt::format("{} & {}", field, mask.to_string());
}

std::string definition(const SetId& set) {
  const std::string_view address = set.v4 ? "ipv4_addr" : "ipv6_addr";
  const std::string type = set.kind == SetKind::Flows
                               ? fmt::format("{} . inet_service . inet_proto", address)
                               : std::string(address);
  const std::string rate = set.has_rate()
                               ? fmt::format(" limit rate over {}/minute burst {} packets;",
                                             set.rate.per_minute, set.rate.burst)
                               : "";
  return fmt::format("add set inet {} {} {{ type {}; flags timeout;{} }}\n", kTable, set.name(),
                     type, rate);
}

class Rules {
 public:
  void flush(std::string_view chain) {
    text_ += fmt::format("flush chain inet {} {}\n", kTable, chain);
  }
  void add(std::string_view chain, std::string_view rule) {
    text_ += fmt::format("add rule inet {} {} {}\n", kTable, chain, rule);
  }
  // One rule for each set of a kind.
  void add_for_sets(std::string_view chain, const Layout& layout, SetKind kind,
                    std::string_view verdict) {
    for (const auto& set : layout.sets())
      if (set.kind == kind)
        add(chain, fmt::format("{} @{} {}", masked_source(set), set.name(), verdict));
  }
  void append(std::string_view text) { text_ += text; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void refuse(Rules& rules, EnforceAction action) {
  if (action == EnforceAction::Reject) {
    rules.add("refuse", "meta l4proto tcp reject with tcp reset");
    rules.add("refuse", "reject with icmpx type port-unreachable");
  }
  rules.add("refuse", "drop");
}

void sip(Rules& rules, const Layout& layout, bool queue_in_use) {
  rules.add("sip", "ip saddr . th sport . meta l4proto @flows_v4 return");
  rules.add("sip", "ip6 saddr . th sport . meta l4proto @flows_v6 return");
  rules.add_for_sets("sip", layout, SetKind::BlockedSip, "goto refuse");
  rules.add_for_sets("sip", layout, SetKind::Metered, "drop");
  rules.add_for_sets("sip", layout, SetKind::ContestedRate, "drop");
  if (queue_in_use)
    rules.add_for_sets("sip", layout, SetKind::Contested, fmt::format("goto {}", kAskChain));
}

// Packets to a service's ports are looked at in that service's chain. Ports may be shared by
// services: then each is asked in turn.
void sort(Rules& rules, const EnforceSettings& settings) {
  for (size_t service = 0; service < kEnforceServices; ++service) {
    const auto& ports = settings.services[service];
    const auto jump = [&](std::string_view protocol, std::vector<uint16_t> list) {
      std::ranges::sort(list);
      list.erase(std::unique(list.begin(), list.end()), list.end());
      if (!list.empty())
        rules.add("sort", fmt::format("{} dport {{ {} }} jump {}", protocol, fmt::join(list, ", "),
                                      kServiceChains[service]));
    };
    jump("udp", ports.udp);
    jump("tcp", ports.tcp);
  }
}

}  // namespace

Layout::Layout(const EnforceSettings& settings, bool queue_in_use)
    : metered_{settings.metered_per_minute, settings.metered_burst},
      contested_(queue_in_use ? kAskRate : metered_) {
  for (size_t kind = 0; kind < size_t(SetKind::Flows); ++kind) {
    add(Entry{SetKind(kind), true, 32, {}});
    add(Entry{SetKind(kind), false, 128, {}});
    add(Entry{SetKind(kind), false, 64, {}});
  }
  add(Entry{SetKind::Flows, true, 0, {}});
  add(Entry{SetKind::Flows, false, 0, {}});
}

SetId Layout::set_of(const Entry& entry) const {
  SetId set{entry.kind, entry.v4, entry.length, {0, 0}};
  if (set.has_rate()) set.rate = set.kind == SetKind::Metered ? metered_ : contested_;
  return set;
}

bool Layout::add(const Entry& entry) {
  return sets_.insert(set_of(entry)).second;
}

Layout Layout::with(const EnforceSettings& settings, bool queue_in_use) const {
  Layout other(settings, queue_in_use);
  for (const auto& set : sets_) other.add(Entry{set.kind, set.v4, set.length, {}});
  return other;
}

std::string frame_text(const Layout& layout) {
  std::string text = fmt::format("add table inet {}\n", kTable);
  for (const auto& set : layout.sets()) text += definition(set);
  for (const std::string_view chain : {"refuse", "sort", kAskChain.data()})
    text += fmt::format("add chain inet {} {}\n", kTable, chain);
  for (const auto chain : kServiceChains)
    text += fmt::format("add chain inet {} {}\n", kTable, chain);
  for (const std::string_view hook : {"input", "forward"})
    text +=
        fmt::format("add chain inet {} {} {{ type filter hook {} priority -10; policy accept; }}\n",
                    kTable, hook, hook);
  return text;
}

std::string rules_text(const EnforceSettings& settings, const Layout& layout, bool queue_in_use,
                       const std::vector<SetId>& stale_sets) {
  Rules rules;
  for (const std::string_view chain : {"input", "forward", "sort", "refuse"}) rules.flush(chain);
  for (const auto chain : kServiceChains) rules.flush(chain);
  refuse(rules, settings.action);
  for (size_t service = 0; service < kEnforceServices; ++service) {
    if (service == kSip)
      sip(rules, layout, queue_in_use);
    else
      rules.add_for_sets(kServiceChains[service], layout, SetKind(service), "goto refuse");
  }
  sort(rules, settings);
  if (settings.hook_input) rules.add("input", "jump sort");
  if (settings.hook_forward) rules.add("forward", "jump sort");
  for (const auto& set : stale_sets)
    rules.append(fmt::format("delete set inet {} {}\n", kTable, set.name()));
  return rules.take();
}

std::string ruleset_text(const EnforceSettings& settings) {
  const Layout layout(settings, settings.use_queue);
  auto text = frame_text(layout) + rules_text(settings, layout, settings.use_queue, {});
  if (settings.use_queue)
    text += fmt::format("flush chain inet {0} {1}\nadd rule inet {0} {1} queue num {2}\n", kTable,
                        kAskChain, settings.queue_number);
  return text;
}

}  // namespace stormdoor::edge::enforce
