#include "edge/enforce/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace stormdoor::edge::enforce {
namespace {

constexpr std::array<std::string_view, kEnforceServices> kServices = {"provisioning", "desk-login",
                                                                      "sip", "portal", "api"};

Result<uint32_t> number(std::string_view text, uint32_t least, uint32_t most) {
  uint32_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || value < least ||
      value > most)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is no number from {} to {}", printable(text), least, most));
  return value;
}

// "sip/udp/5060"
Result<void> add_port(std::string_view text, EnforceSettings& settings) {
  const auto parts = split(text, '/');
  const auto service =
      parts.size() == 3 ? std::find(kServices.begin(), kServices.end(), parts[0]) : kServices.end();
  if (service == kServices.end() || (parts[1] != "udp" && parts[1] != "tcp"))
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" should be like sip/udp/5060", printable(text)));
  auto& ports = settings.services[size_t(service - kServices.begin())];
  auto& list = parts[1] == "udp" ? ports.udp : ports.tcp;
  const auto port = TRY(number(parts[2], 1, 65'535));
  if (list.size() == kMostEnforcePorts)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("a service has at most {} ports", kMostEnforcePorts));
  list.push_back(uint16_t(port));
  return {};
}

Result<void> set_rate(std::string_view text, EnforceSettings& settings) {
  const auto parts = split(text, '/');
  if (parts.size() != 2)
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" should be like 60/30", printable(text)));
  settings.metered_per_minute = TRY(number(parts[0], 1, 60'000));
  settings.metered_burst = TRY(number(parts[1], 1, 60'000));
  return {};
}

Result<void> take_value(std::string_view name, std::string_view value, Options& options) {
  if (name == "--user") {
    options.user = value;
  } else if (name == "--state") {
    options.state = value;
  } else if (name == "--channel") {
    options.mode = Options::Mode::Serve;
    options.channel = int(TRY(number(value, 0, 1 << 20)));
  } else if (name == "--watch-channel") {
    options.watch_channel = int(TRY(number(value, 0, 1 << 20)));
  } else if (name == "--port") {
    return add_port(value, options.settings);
  } else if (name == "--rate") {
    return set_rate(value, options.settings);
  } else if (name == "--queue") {
    options.settings.use_queue = true;
    options.settings.queue_number = uint16_t(TRY(number(value, 0, 65'535)));
  } else {
    return Error(ErrorCode::InvalidArgument, fmt::format("there is no option {}", printable(name)));
  }
  return {};
}

bool take_flag(std::string_view name, Options& options) {
  using Mode = Options::Mode;
  if (name == "--print-ruleset")
    options.mode = Mode::PrintRuleset;
  else if (name == "--restore")
    options.mode = Mode::Restore;
  else if (name == "--flush")
    options.mode = Mode::Flush;
  else if (name == "--help")
    options.mode = Mode::Help;
  else if (name == "--version")
    options.mode = Mode::Version;
  else if (name == "--reject")
    options.settings.action = EnforceAction::Reject;
  else
    return false;
  return true;
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  Options options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (take_flag(arguments[i], options)) continue;
    if (i + 1 == arguments.size())
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("{} wants a value, or is no option", printable(arguments[i])));
    TRY(take_value(arguments[i], arguments[i + 1], options));
    ++i;
  }
  if (options.mode == Options::Mode::Restore && options.state.empty())
    return Error(ErrorCode::InvalidArgument, "--restore wants --state PATH");
  return options;
}

std::string_view usage() {
  return "stormdoor-enforce keeps stormdoor's table of nftables; stormdoord starts it.\n"
         "\n"
         "  --channel FD         serve whoever is at the other end of this socket pair\n"
         "  --watch-channel FD   ask stormdoor-watch about contested packets\n"
         "  --user NAME          become this account, keeping only CAP_NET_ADMIN\n"
         "  --state PATH         save what is in force to PATH.a and PATH.b in turn\n"
         "\n"
         "For administrators:\n"
         "  --restore --state PATH   put in force what was saved (at boot, before the network)\n"
         "  --flush                  remove the table, with everything in it\n"
         "  --print-ruleset          what would be loaded, as nft -f reads it, for\n"
         "     --port SERVICE/PROTOCOL/PORT (again and again), --reject, --queue NUMBER,\n"
         "     --rate PER_MINUTE/BURST; or for what was saved, with --state PATH\n";
}

}  // namespace stormdoor::edge::enforce
