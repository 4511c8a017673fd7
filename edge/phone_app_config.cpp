#include "edge/phone_app_config.hpp"

namespace stormdoor::edge {

PhoneAppConfig read_phone_app_config(const ConfigTable& table) {
  using namespace std::chrono_literals;
  PhoneAppConfig config;
  config.push = table.boolean("push", config.push);
  config.port = uint16_t(table.integer("port", config.port, 1, 65535));
  config.basic_login = table.boolean("basic_login", config.basic_login);
  config.after = table.duration("after", config.after, 0ms, 1h);
  config.retries = unsigned(table.integer("retries", config.retries, 0, 20));
  config.again_after = table.duration("again_after", config.again_after, 1s, 1h);
  return config;
}

}  // namespace stormdoor::edge
