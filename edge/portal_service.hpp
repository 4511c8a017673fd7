#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/loop/event_loop.hpp"
#include "base/loop/timer.hpp"
#include "base/metrics.hpp"
#include "edge/control_server.hpp"
#include "edge/disk_thread.hpp"
#include "edge/office.hpp"
#include "portal/admin_api.hpp"
#include "portal/portal_gate.hpp"
#include "tftp-http/http_server.hpp"

namespace stormdoor::edge {

// The portal's listeners, and the way from its API to the commands of the shell. Main thread only.
class PortalService {
 public:
  struct Parts {
    loop::EventLoop& loop;
    Office& office;
    DiskThread& passwords;
    // `unchanged_since`: as of AdminApi::Order.
    std::function<void(const ControlRequest&, const Responder&,
                       const std::shared_ptr<const hotdesk::Registry>& unchanged_since)>
        run;
    std::function<acl::Verdict(const acl::Failure&, Now)> judge;
  };
  PortalService(Parts parts, const http::HttpConfig& config, const portal::SessionTimes& times);
  ~PortalService();
  PortalService(const PortalService&) = delete;
  PortalService& operator=(const PortalService&) = delete;

  // Where it listens from now on.
  Result<Endpoint> adopt(UniqueFd listener, std::shared_ptr<const http::TlsContext> tls);
  void replace_tls(const std::shared_ptr<const http::TlsContext>& tls);
  void replace_times(const portal::SessionTimes& times) { api_.replace_times(times); }

 private:
  class Answer;
  [[nodiscard]] portal::AdminApi::Parts api_parts();
  void run(portal::AdminApi::Order order, portal::AdminApi::Answered answered);
  [[nodiscard]] portal::EventStreams::Rows events_since(uint64_t number) const;
  [[nodiscard]] bool check_password(std::string hash, Secret password,
                                    std::function<void(bool)> then);

  Parts parts_;
  std::set<std::shared_ptr<Answer>> awaited_;
  portal::AdminApi api_;
  portal::PortalGate gate_;
  http::HttpSourceCounts counts_;
  Metrics own_metrics_{1};  // administrators' requests are not phones'
  http::HttpServer server_;
  std::vector<Endpoint> listeners_;
  loop::Timer tick_;
  std::optional<uint64_t> followed_;  // of the events
};

}  // namespace stormdoor::edge
