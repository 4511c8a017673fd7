#include "edge/portal_service.hpp"

#include "base/crypto/password_hash.hpp"
#include "base/log.hpp"
#include "edge/audit.hpp"
#include "edge/history.hpp"
#include "portal/assets.hpp"

namespace stormdoor::edge {
namespace {

constexpr milliseconds kTickPeriod{250};
constexpr size_t kMostMissed = 500;
constexpr size_t kMostConnections = 256;
constexpr size_t kMostConnectionsOfOne = 64;
constexpr size_t kMostBodyBytes = size_t{8} * 1024 * 1024;  // a CSV of 50,000 phones fits

http::HttpConfig for_portal(http::HttpConfig config) {
  config.connections = kMostConnections;
  config.connections_per_source = kMostConnectionsOfOne;
  config.request.body_bytes = kMostBodyBytes;
  return config;
}

Actor actor_of(const portal::Caller& caller) {
  return {caller.is_program() ? "token " + caller.name : caller.name,
          std::string(portal::to_string(caller.role)), caller.address};
}

}  // namespace

// Waits for one command's answer.
class PortalService::Answer final : public Responder::Sink,
                                    public std::enable_shared_from_this<Answer> {
 public:
  Answer(PortalService& service, portal::AdminApi::Answered answered)
      : service_(service), answered_(std::move(answered)) {}

  // Of several answers the first counts.
  void send(const ControlResponse& response, UniqueFd attached) override {
    const auto alive = shared_from_this();
    if (service_.awaited_.erase(alive) == 0) return;
    answered_({response.outcome == Outcome::Done, response.message, response.data,
               attached.valid() ? std::make_shared<UniqueFd>(std::move(attached)) : nullptr});
  }
  void on_gone(std::function<void()> /*gone*/) override {}

 private:
  PortalService& service_;
  portal::AdminApi::Answered answered_;
};

PortalService::PortalService(Parts parts, const http::HttpConfig& config,
                             const portal::SessionTimes& times)
    : parts_(std::move(parts)),
      api_(api_parts()),
      gate_(parts_.office.guard()),
      server_({parts_.loop, api_, gate_, counts_, own_metrics_.worker(0)}, for_portal(config)),
      tick_(parts_.loop, [this] { api_.tick(parts_.loop.now()); }) {
  api_.replace_times(times);
  tick_.start_every(kTickPeriod);
  followed_ = parts_.office.events().follow([this](uint64_t number, const Event& event) {
    if (api_.takes_event()) api_.publish_event(number, event_row(number, event));
  });
}

PortalService::~PortalService() {
  if (followed_) parts_.office.events().unfollow(*followed_);
}

// The latest ones, if there are more than a page would show.
portal::EventStreams::Rows PortalService::events_since(uint64_t number) const {
  portal::EventStreams::Rows rows;
  for (const auto& [at, event] : parts_.office.events().latest(kMostMissed))
    if (at > number) rows.emplace_back(at, event_row(at, event));
  return rows;
}

portal::AdminApi::Parts PortalService::api_parts() {
  return {
      .guard = parts_.office.guard(),
      .registry = [this] { return parts_.office.registry(); },
      .run =
          [this](portal::AdminApi::Order order, portal::AdminApi::Answered answered) {
            run(std::move(order), std::move(answered));
          },
      .check_password =
          [this](std::string hash, Secret password, std::function<void(bool)> then) {
            return check_password(std::move(hash), std::move(password), std::move(then));
          },
      .judge = parts_.judge,
      .note =
          [this](const portal::Caller& caller, const std::string& action, const IpAddress& from) {
            const Actor by = actor_of(caller);
            log_info("portal", {{"by", by.name}, {"did", action}, {"from", from.to_string()}});
            parts_.office.change(
                [change = audited_deed(by, action, "from " + from.to_string(),
                                       parts_.office.now().wall)](
                    const hotdesk::Registry&) -> Result<store::Change> { return change; },
                [](const Result<void>& done) {
                  if (!done) log_error("deed-not-recorded", {{"why", done.error()}});
                });
          },
      .now = [this] { return parts_.office.now(); },
      .version = STORMDOOR_VERSION,
      .events_since = [this](uint64_t number) { return events_since(number); },
      .find_asset = portal::find_asset};
}

Result<Endpoint> PortalService::adopt(UniqueFd listener,
                                      std::shared_ptr<const http::TlsContext> tls) {
  listeners_.push_back(TRY(server_.adopt(std::move(listener), std::move(tls))));
  return listeners_.back();
}

void PortalService::replace_tls(const std::shared_ptr<const http::TlsContext>& tls) {
  for (const auto& local : listeners_) server_.replace_tls(local, tls);
}

void PortalService::run(portal::AdminApi::Order order, portal::AdminApi::Answered answered) {
  const auto answer = std::make_shared<Answer>(*this, std::move(answered));
  awaited_.insert(answer);
  parts_.run({std::move(order.command), std::move(order.arguments)},
             Responder(answer, actor_of(order.caller)), order.unchanged_since);
}

bool PortalService::check_password(std::string hash, Secret password,
                                   std::function<void(bool)> then) {
  return parts_.passwords.run(
      [this, hash = std::move(hash), password = std::move(password), then = std::move(then)] {
        const bool right = crypto::password_matches(hash, password);
        parts_.loop.post([then, right] { then(right); });
      });
}

}  // namespace stormdoor::edge
