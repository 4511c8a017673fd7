#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "acl/guard.hpp"
#include "base/bounded_map.hpp"
#include "tftp-http/http_handler.hpp"

namespace stormdoor::portal {

// The door of the portal's listener. Whom the guard refuses may come in kConnections times in
// kWithin all the same, to read why (AdminApi says it); then connections are closed before a
// handshake is paid for. Remembers kSources refused sources; one that is forgotten may read it
// again. One thread.
class PortalGate final : public http::HttpGate {
 public:
  static constexpr uint32_t kConnections = 10;
  static constexpr milliseconds kWithin = std::chrono::minutes(1);
  static constexpr size_t kSources = 4'096;

  explicit PortalGate(const acl::Guard& guard) : guard_(guard), refused_(kSources) {}
  std::optional<std::string> refuse(const IpAddress& source, Now now) override;

 private:
  struct Readings {
    SteadyTime since;
    uint32_t count = 0;
  };
  const acl::Guard& guard_;
  BoundedMap<IpAddress, Readings> refused_;
};

}  // namespace stormdoor::portal
