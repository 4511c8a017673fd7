// What machines have to do with us: monitoring, the guard's API, and a PBX's log.

#include "base/log.hpp"
#include "edge/server.hpp"

namespace stormdoor::edge {
namespace {

// A log does not say for how long a phone registered; an hour is what most ask for, and they renew.
constexpr milliseconds kToldFlowLasts = std::chrono::hours(1);

}  // namespace

Result<void> Server::start_status_pages(std::vector<NamedDescriptor>& descriptors) {
  desk_api_ = std::make_unique<portal::DeskApi>(desk_api_parts(*this, desks_));
  guard_api_ = std::make_unique<portal::GuardApi>(portal::GuardApi::Parts{
      .guard = *guard_,
      .judge =
          [this](const portal::ReportedLogin& login, Now now) {
            if (!login.success) return judge(login.failure, now);
            const auto& who = login.failure;
            if (who.proof != acl::PathProof::None)
              note_told_success(who.service,
                                {.address = who.source, .port = who.port, .tcp = who.tcp},
                                who.account, now);
            return acl::Verdict{};
          },
      .desks = desk_api_.get()});
  status_pages_ = std::make_unique<portal::StatusPages>(
      portal::StatusPages::Sources{.metrics = [this] { return metrics_.text(); },
                                   .trouble = [this] { return trouble(); },
                                   .authority_pem = [this] { return authority_pem_; }},
      guard_api_.get());
  http::HttpConfig config = config_.runtime.http;
  config.connections = 64;
  config.request.body_bytes = portal::kMostReportBytes;
  status_server_ = std::make_unique<http::HttpServer>(
      http::HttpServerParts{loop_, *status_pages_, status_gate_, status_counts_, metrics_.shared()},
      config);
  for (auto& [text, descriptor] : descriptors) {
    if (!descriptor.valid()) continue;
    const auto role = DescriptorName::parse(text)->role;
    if (role == DescriptorRole::Status)
      listeners_.emplace_back("status", TRY(status_server_->adopt(std::move(descriptor))));
    if (role != DescriptorRole::StatusHttps) continue;
    status_https_.push_back(TRY(status_server_->adopt(std::move(descriptor), tls_.modern)));
    listeners_.emplace_back("status-https", status_https_.back());
  }
  return {};
}

Result<void> Server::start_portal(std::vector<NamedDescriptor>& descriptors) {
  for (auto& [text, descriptor] : descriptors) {
    if (!descriptor.valid() || DescriptorName::parse(text)->role != DescriptorRole::Portal)
      continue;
    if (!portal_)
      portal_ = std::make_unique<PortalService>(
          PortalService::Parts{
              .loop = loop_,
              .office = *this,
              .passwords = passwords_,
              .run =
                  [this](const ControlRequest& request, const Responder& responder,
                         const std::shared_ptr<const hotdesk::Registry>& unchanged_since) {
                    run_command(request, responder, unchanged_since);
                  },
              .judge = [this](const acl::Failure& failure,
                              Now now) { return judge(failure, now); }},
          config_.runtime.http, config_.runtime.portal);
    listeners_.emplace_back("portal", TRY(portal_->adopt(std::move(descriptor), tls_.modern)));
  }
  return {};
}

// New certificates and another token.
void Server::take_over_status(const Material& material) {
  for (const auto& local : status_https_) status_server_->replace_tls(local, tls_.modern);
  guard_api_->replace_token(material.api_token);
  if (portal_) portal_->replace_tls(tls_.modern);
}

Result<void> Server::start_log_follower() {
  const auto& pbx = config_.startup.pbx;
  if (pbx.asterisk_security_log.empty()) return {};
  log_follower_ = TRY(LogFollower::start(
      {.file = pbx.asterisk_security_log,
       .position_file = StatePaths(config_.startup).data + "/asterisk-log-position",
       .log = {.believe_udp = pbx.believe_udp_sources}},
      [this](const std::vector<LoggedLogin>& logins, Now now) { judge_logged(logins, now); }));
  return {};
}

void Server::judge_logged(const std::vector<LoggedLogin>& logins, Now now) {
  for (const auto& login : logins) {
    if (!login.success)
      (void)judge(to_failure(login), now);
    else if (login.proof != acl::PathProof::None)
      note_told_success(acl::Service::Sip,
                        {.address = login.source, .port = login.port, .tcp = login.tcp},
                        login.account, now);
  }
}

// A login that went well, as a PBX tells it. Whose phone it is nobody says, and whether its secret
// is the newest: it closes no lease, but shows where the account is.
void Server::note_told_success(acl::Service service, const acl::Flow& flow,
                               const std::string& account, Now now) {
  if (service == acl::Service::Sip && !account.empty())
    guard_->report_registered(
        {.flow = flow, .account = account, .expires = now.wall + kToldFlowLasts}, false, now);
  else
    guard_->report_success(flow.address, service, {}, now);
}

acl::Verdict Server::judge(const acl::Failure& failure, Now now) {
  acl::Verdict verdict = guard_->report_failure(failure, now);
  news_.put(Failed{failure, verdict, now.wall});
  return verdict;
}

}  // namespace stormdoor::edge
