#include "bench/storm/storm_order.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <random>

#include "base/loop/socket_address.hpp"
#include "base/text.hpp"

namespace stormdoor::storm {
namespace {

constexpr milliseconds kArrival{30'000};
constexpr milliseconds kRolling{300'000};
constexpr uint32_t kMostTries = 1000;  // of an attacker
constexpr milliseconds kAttackerPause{20};

Error wrong(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

std::optional<Transport> transport_named(std::string_view name) {
  for (const Transport transport : {Transport::Tftp, Transport::Http, Transport::Https})
    if (equals_ignoring_case(name, to_string(transport))) return transport;
  return std::nullopt;
}

std::vector<std::string> vendors() {
  std::vector<std::string> names;
  for (const BootScript& script : built_in_scripts())
    if (std::ranges::find(names, script.vendor) == names.end()) names.push_back(script.vendor);
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// A prefix of addresses that the vendor has been given (IEEE), for MACs.
uint32_t organisation(std::string_view vendor) {
  static const std::map<std::string_view, uint32_t> known = {
      {"sangoma", 0x000fd3}, {"polycom", 0x0004f2},     {"yealink", 0x001565}, {"cisco", 0x001b54},
      {"snom", 0x000413},    {"grandstream", 0x000b82}, {"aastra", 0x00085d}};
  const auto found = known.find(vendor);
  return found == known.end() ? 0x020000 : found->second;
}

MacAddress mac_of(uint64_t value) {
  std::array<uint8_t, 6> bytes{};
  for (size_t i = 6; i-- > 0; value >>= 8) bytes[i] = static_cast<uint8_t>(value);
  return MacAddress(bytes);
}

// The `number`th host of a prefix; after the last, the first again.
IpAddress host_of(const IpPrefix& prefix, uint64_t number) {
  const int bits = std::min((prefix.is_v4() ? 32 : 128) - prefix.length(), 32);
  if (bits == 0) return prefix.address();
  // Without the network's own address and the broadcast address, where there is room.
  const uint64_t hosts = (uint64_t{1} << bits) - (bits > 1 ? 2 : 0);
  uint64_t host = number % hosts + (bits > 1 ? 1 : 0);
  std::array<uint8_t, 16> address = prefix.address().bytes();
  for (size_t i = 16; i-- > 12; host >>= 8)
    address[i] = static_cast<uint8_t>(address[i] | (host & 0xff));
  return IpAddress::v6(address);
}

Result<uint32_t> parse_count(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > kMostPhones)
    return wrong(fmt::format("\"{}\" is no number of phones from 1 to {}", printable(text, 40),
                             kMostPhones));
  return value;
}

Result<Transport> transport_of(const PhoneOrder& order, const BootScript& script,
                               const Target& target) {
  for (const Transport transport : script.transports)
    if ((!order.transport || order.transport == transport) && target.endpoint(transport))
      return transport;
  std::vector<std::string> can;
  for (const Transport transport : script.transports) can.emplace_back(to_string(transport));
  if (order.transport &&
      std::ranges::find(script.transports, *order.transport) == script.transports.end())
    return wrong(fmt::format("{} {} cannot do {}, only {}", order.vendor, order.model,
                             to_string(*order.transport), joined(can)));
  return wrong(
      fmt::format("{} {} boots over {}, and no such target was named", order.vendor, order.model,
                  order.transport ? std::string(to_string(*order.transport)) : joined(can)));
}

// What a script becomes that asks for other files.
void ask_instead(std::vector<BootScript>& scripts, const std::vector<std::string>& paths) {
  for (BootScript& script : scripts) {
    script.steps.clear();
    for (const std::string& path : paths) {
      BootStep step;
      step.path = path;
      step.required = true;
      script.steps.push_back(std::move(step));
    }
    script.url_after.clear();
    script.url_parts_after.clear();
  }
}

Result<void> add_phones(StormPlan& plan, const StormOrder& order, const PhoneOrder& wanted,
                        std::map<uint32_t, uint32_t>& last_of) {
  const BootScript* script = find_script(plan.scripts, wanted.vendor, wanted.model);
  if (script == nullptr) {
    const std::string near = closest_match(wanted.vendor, vendors());
    return wrong(fmt::format("nobody knows how phones of \"{}\" boot{}; known are {}",
                             printable(wanted.vendor, 40),
                             near.empty() ? "" : ", did you mean " + near, joined(vendors())));
  }
  PhoneSpec spec;
  spec.vendor = wanted.vendor;
  spec.model = wanted.model;
  spec.transport = TRY(transport_of(wanted, *script, plan.target));
  for (uint32_t i = 0; i < wanted.count; ++i) {
    const uint64_t number = plan.phones.size();
    const uint32_t prefix = organisation(wanted.vendor);
    spec.mac = order.first_mac ? mac_of(order.first_mac->value() + number)
                               : mac_of(uint64_t{prefix} << 24 | ++last_of[prefix]);
    spec.source = order.sources ? host_of(*order.sources, number) : IpAddress();
    plan.phones.push_back(spec);
  }
  return {};
}

void add_firmware(StormPlan& plan, const StormOrder& order) {
  if (!order.firmware || plan.phones.empty()) return;
  std::vector<size_t> chosen(plan.phones.size());
  for (size_t i = 0; i < chosen.size(); ++i) chosen[i] = i;
  std::shuffle(chosen.begin(), chosen.end(), std::mt19937(order.seed));
  chosen.resize(chosen.size() * order.firmware_percent / 100);
  for (const size_t phone : chosen) plan.phones[phone].files = {*order.firmware};
}

// The file that a vendor's phones keep their secrets in; what attackers ask for.
std::string secret_file(std::string_view vendor) {
  if (vendor == "cisco") return "SEP{MAC}.cnf.xml";
  if (vendor == "grandstream") return "cfg{mac}.xml";
  if (vendor == "aastra") return "{MAC}.cfg";
  return "{mac}.cfg";
}

// Each sweeps or guesses at what the target offers; several kinds by turns.
Result<void> add_attackers(StormPlan& plan, const StormOrder& order) {
  if (order.attackers == 0) return {};
  std::vector<AttackKind> kinds;
  if (plan.target.https)
    kinds = {AttackKind::SweepHttps, AttackKind::GuessPasswords, AttackKind::GuessTokens};
  if (plan.target.tftp) kinds.push_back(AttackKind::SweepTftp);
  if (kinds.empty()) return wrong("attackers need a target for https or tftp");
  for (uint32_t i = 0; i < order.attackers; ++i) {
    AttackPlan attack;
    attack.kind = kinds[i % kinds.size()];
    attack.first = plan.phones[i % plan.phones.size()].mac;
    attack.path = secret_file(plan.phones[i % plan.phones.size()].vendor);
    if (attack.kind == AttackKind::GuessTokens) attack.path = "p/{token}/" + attack.path;
    if (order.attackers_from) attack.source = host_of(*order.attackers_from, i);
    attack.most = kMostTries;
    attack.pause = kAttackerPause;
    plan.attacks.push_back(std::move(attack));
  }
  return {};
}

Result<IpAddress> look_up(const std::string& host) {
  if (auto address = IpAddress::parse(host)) return *address;
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failure != 0 || found == nullptr)
    return Error(ErrorCode::NotFound,
                 fmt::format("{}: {}", printable(host, 80), gai_strerror(failure)));
  sockaddr_storage storage{};
  std::copy_n(reinterpret_cast<const std::byte*>(found->ai_addr), found->ai_addrlen,
              reinterpret_cast<std::byte*>(&storage));
  freeaddrinfo(found);
  return loop::to_endpoint(storage).address;
}

}  // namespace

Result<PhoneOrder> parse_phone_order(std::string_view text) {
  PhoneOrder order;
  if (const size_t equals = text.rfind('='); equals != std::string_view::npos) {
    order.count = TRY(parse_count(text.substr(equals + 1)));
    text = text.substr(0, equals);
  }
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    order.transport = transport_named(text.substr(at + 1));
    if (!order.transport)
      return wrong(
          fmt::format("\"{}\" is not tftp, http or https", printable(text.substr(at + 1), 40)));
    text = text.substr(0, at);
  }
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size())
    return wrong(fmt::format("\"{}\" is no phone; write VENDOR:MODEL=NUMBER, as yealink:T46=500",
                             printable(text, 40)));
  order.vendor = ascii_lower(text.substr(0, colon));
  order.model = text.substr(colon + 1);
  return order;
}

Result<ArrivalOrder> parse_arrival_order(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  ArrivalOrder order;
  if (name == "at-once" && colon == std::string_view::npos) return order;
  order.time = kArrival;
  if (name == "power-cut") {
    order.curve = ArrivalCurve::PowerCut;
  } else if (name == "rolling") {
    order.curve = ArrivalCurve::Rolling;
    order.time = kRolling;
  } else if (name != "evenly") {
    return wrong(fmt::format(
        "\"{}\" is no way to arrive; at-once, evenly:30s, power-cut:30s and rolling:5m are",
        printable(text, 40)));
  }
  if (colon != std::string_view::npos)
    order.time = TRY_WHILE("read the time of arrival", parse_duration(text.substr(colon + 1)));
  return order;
}

Result<StormPlan> make_plan(const StormOrder& order, const Target& target) {
  uint64_t count = 0;
  for (const PhoneOrder& wanted : order.phones) count += wanted.count;
  if (count == 0) return wrong("no phone was ordered");
  if (count > kMostPhones)
    return wrong(fmt::format("{} phones are more than {} in one storm", count, kMostPhones));
  if (order.attackers > kMostAttackers)
    return wrong(
        fmt::format("{} attackers are more than {} in one storm", order.attackers, kMostAttackers));
  StormPlan plan;
  plan.target = target;
  plan.curve = order.arrival.curve;
  plan.arrival = order.arrival.time;
  plan.seed = order.seed;
  if (!order.ask.empty()) ask_instead(plan.scripts, order.ask);
  std::map<uint32_t, uint32_t> last_of;  // by organisation
  for (const PhoneOrder& wanted : order.phones) TRY(add_phones(plan, order, wanted, last_of));
  add_firmware(plan, order);
  TRY(add_attackers(plan, order));
  return plan;
}

Result<void> add_target(Target& target, std::string_view url) {
  const size_t scheme = url.find("://");
  const auto transport =
      scheme == std::string_view::npos ? std::nullopt : transport_named(url.substr(0, scheme));
  if (!transport)
    return wrong(
        fmt::format("\"{}\" is no target; write tftp://HOST, http://HOST/ or https://HOST/",
                    printable(url, 80)));
  std::string_view rest = url.substr(scheme + 3);
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  if (authority.find('@') != std::string_view::npos)
    return wrong("a target carries no user and no password");
  Endpoint server;
  server.port = *transport == Transport::Tftp ? 69 : *transport == Transport::Http ? 80 : 443;
  // A colon inside brackets belongs to the address (RFC 3986, 3.2.2).
  const size_t bracket = authority.find(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), server.port);
    if (error != std::errc() || end != port.data() + port.size() || server.port == 0)
      return wrong(fmt::format("{}: \"{}\" is no port", printable(url, 80), printable(port, 20)));
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']'))
    authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) return wrong(fmt::format("{}: which host?", printable(url, 80)));
  server.address = TRY(look_up(std::string(authority)));
  std::optional<Endpoint>& slot = *transport == Transport::Tftp   ? target.tftp
                                  : *transport == Transport::Http ? target.http
                                                                  : target.https;
  if (slot) return wrong(fmt::format("two targets for {}", to_string(*transport)));
  const bool folder = slash + 1 < rest.size();
  if (*transport == Transport::Tftp && folder)
    return wrong(
        fmt::format("{}: a TFTP target has no folder; --ask names files", printable(url, 80)));
  slot = server;
  if (*transport == Transport::Tftp) return {};
  target.host = authority;
  target.folder = slash < rest.size() ? std::string(rest.substr(slash)) : "/";
  if (!target.folder.ends_with('/')) target.folder += '/';
  return {};
}

}  // namespace stormdoor::storm
