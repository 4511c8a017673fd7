#include "edge/helper_programs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "edge/material.hpp"

namespace stormdoor::edge {
namespace {

// Descriptor 3 leads to the server, 4 to the other helper (HelperGroup).
ChildProgram watch_program(const StartupConfig& config, bool beside_enforce) {
  ChildProgram watch;
  watch.name = "watch";
  watch.arguments = {"stormdoor-watch", "--channel", "3"};
  const auto say = [&](const char* option, const std::string& value) {
    watch.arguments.insert(watch.arguments.end(), {option, value});
  };
  if (beside_enforce) say("--enforce-channel", "4");
  for (const auto& interface : config.watch.interfaces) say("--interface", interface);
  for (const uint16_t port : config.watch.sip_ports) say("--sip-port", fmt::to_string(port));
  for (const IpPrefix& pbx : config.watch.sip_servers) say("--sip-server", pbx.to_string());
  if (!config.user.empty()) say("--user", config.user);
  return watch;
}

ChildProgram enforce_program(const StartupConfig& config, bool beside_watch) {
  ChildProgram enforce;
  enforce.name = "enforce";
  enforce.arguments = {"stormdoor-enforce", "--channel", "3", "--state",
                       StatePaths(config).enforce + "/state"};
  if (beside_watch) enforce.arguments.insert(enforce.arguments.end(), {"--watch-channel", "4"});
  if (!config.user.empty())
    enforce.arguments.insert(enforce.arguments.end(), {"--user", config.user});
  return enforce;
}

}  // namespace

Result<std::vector<ChildProgram>> helper_programs(const Config& whole) {
  const StartupConfig& config = whole.startup;
  std::vector<ChildProgram> programs;
  if (getuid() != 0) return programs;
  const bool watches = !config.watch.interfaces.empty();
  const bool enforces = whole.runtime.rules.enforce == acl::EnforceMode::Kernel;
  if (watches) {
    programs.push_back(watch_program(config, enforces));
    programs.back().file = TRY(open_sibling_program("stormdoor-watch"));
  }
  if (enforces) {
    programs.push_back(enforce_program(config, watches));
    programs.back().file = TRY(open_sibling_program("stormdoor-enforce"));
  }
  return programs;
}

}  // namespace stormdoor::edge
