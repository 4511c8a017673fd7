#include "edge/restart_config.hpp"

namespace stormdoor::edge {

RestartConfig read_restart_config(const ConfigTable& restart) {
  using namespace std::chrono_literals;
  RestartConfig config;
  config.notify = restart.boolean("notify", config.notify);
  config.retries = unsigned(restart.integer("retries", config.retries, 0, 100));
  config.again_after = restart.duration("again_after", config.again_after, 1s, 1h);
  config.command = restart.strings("command", config.command);
  config.command_timeout = restart.duration("command_timeout", config.command_timeout, 100ms, 1min);
  if (!config.command.empty() && !config.command.front().starts_with('/'))
    restart.error_at("command",
                     "must begin with the whole path of a program, as \"/usr/bin/logger\"");
  return config;
}

}  // namespace stormdoor::edge
