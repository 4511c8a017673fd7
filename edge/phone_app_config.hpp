#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "base/config_reader.hpp"

namespace stormdoor::edge {

// [phone_app]: how hot-desk phones that run apps are given theirs. Needs a restart.
struct PhoneAppConfig {
  bool push = true;          // by itself; by hand it is always possible
  uint16_t port = 80;        // of the phones' own web servers
  bool basic_login = false;  // also where a phone offers no Digest: the password goes in the clear
  milliseconds after{30'000};        // from when a phone has its configuration, whole
  unsigned retries = 6;              // after the first time
  milliseconds again_after{60'000};  // after the first time, doubled each time, at most a day

  bool operator==(const PhoneAppConfig&) const = default;
};

[[nodiscard]] PhoneAppConfig read_phone_app_config(const ConfigTable& phone_app);

}  // namespace stormdoor::edge
