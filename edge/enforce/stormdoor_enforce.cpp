#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "base/log.hpp"
#include "edge/enforce/options.hpp"
#include "edge/enforce/sandbox.hpp"
#include "edge/enforce/service.hpp"

// Holds the right to change stormdoor's own nftables table and nothing else. Exit status 0 when the
// server's end closes (the table stays in force), 1 when it cannot work, 2 for wrong usage.
namespace stormdoor::edge::enforce {
namespace {

Result<PacketChannel> channel_from(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
      fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
    return system_error(fmt::format("use descriptor {} as a channel", fd), errno);
  return PacketChannel(UniqueFd(fd));
}

Result<void> serve(const Options& options) {
  auto server = TRY(channel_from(options.channel));
  std::optional<PacketChannel> watch;
  if (options.watch_channel >= 0) watch = TRY(channel_from(options.watch_channel));
  std::optional<StateFiles> state;
  if (!options.state.empty()) state = TRY(StateFiles::open(options.state));
  TRY(keep_only_net_admin(options.user));
  auto kernel = TRY(Kernel::open());
  TRY(enter_sandbox());
  auto enforcer = TRY(Enforcer::start(std::move(kernel), read_clocks().steady));
  return Service(std::move(enforcer), std::move(server), std::move(watch), std::move(state)).run();
}

Result<void> restore(const std::string& path) {
  const auto now = read_clocks();
  const auto state = TRY(StateFiles::read(path, now.wall));
  auto kernel = TRY(Kernel::open());
  auto enforcer = TRY(Enforcer::start(std::move(kernel), now.steady));
  TRY(enforcer.load(state.settings, false, now.steady));
  enforcer.take(EnforceSync{1, EnforceSync::Stage::Begin, {}, {}}, now.steady);
  // Not bound by what one message takes: these parts never become one.
  enforcer.take(EnforceSync{1, EnforceSync::Stage::Part, state.elements, state.flows}, now.steady);
  enforcer.take(EnforceSync{1, EnforceSync::Stage::End, {}, {}}, now.steady);
  for (const auto& news : enforcer.take_news())
    if (const auto* problem = std::get_if<EnforceProblem>(&news))
      return Error(ErrorCode::Unavailable, problem->text);
  log_info("enforce_restored", {{"elements", uint64_t{state.elements.size()}},
                                {"flows", uint64_t{state.flows.size()}}});
  return {};
}

Result<void> flush() {
  auto kernel = TRY(Kernel::open());
  return kernel.remove_table();
}

Result<void> print_ruleset(const Options& options) {
  auto settings = options.settings;
  if (!options.state.empty())
    settings = TRY(StateFiles::read(options.state, read_clocks().wall)).settings;
  fmt::print("{}", ruleset_text(settings));
  return {};
}

Result<void> run(const Options& options) {
  switch (options.mode) {
    case Options::Mode::Serve:
      return serve(options);
    case Options::Mode::Restore:
      return restore(options.state);
    case Options::Mode::Flush:
      return flush();
    case Options::Mode::PrintRuleset:
      return print_ruleset(options);
    case Options::Mode::Help:
      fmt::print("{}", usage());
      return {};
    case Options::Mode::Version:
      fmt::print("stormdoor-enforce {}\n", STORMDOOR_VERSION);
      return {};
  }
  return {};
}

}  // namespace
}  // namespace stormdoor::edge::enforce

int main(int argc, char** argv) {
  namespace enforce = stormdoor::edge::enforce;
  const auto options = enforce::parse_options({argv + 1, argv + argc});
  if (!options) {
    fmt::print(stderr, "stormdoor-enforce: {}\n{}", options.error().message(), enforce::usage());
    return 2;
  }
  const auto done = enforce::run(*options);
  if (done) return 0;
  stormdoor::log_error("enforce_failed", {{"error", done.error()}});
  return 1;
}
