#include "edge/app_pusher.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "hotdesk/phone_view.hpp"
#include "tftp-http/template_values.hpp"

namespace stormdoor::edge {

AppPusher::AppPusher(World world, const PhoneAppConfig& config, std::string_view kept)
    : world_(std::move(world)),
      config_(config),
      installs_(kMostPhones, {config.after, config.retries, config.again_after}) {
  installs_.restore(kept);
}

AppPusher::~AppPusher() {
  stop_ = true;
}

// As part of its profile, so that it lives for as long as it is being sent.
std::shared_ptr<const http::PhoneApp> AppPusher::app_of(const MacAddress& mac) const {
  const auto profiles = world_.profiles();
  const auto view = hotdesk::view_of(*world_.registry(), mac);
  const auto* profile = view.phone ? profiles->find(view.phone->vendor) : nullptr;
  if (!profile || !http::app_for(*profile, profiles->config(), view)) return nullptr;
  return profile->app;
}

std::string AppPusher::wanted(const MacAddress& mac) const {
  const auto app = app_of(mac);
  return app ? app->version : std::string();
}

void AppPusher::note_fetched(const MacAddress& mac, const IpAddress& address) {
  if (const auto app = app_of(mac))
    installs_.note_fetched(mac, address, app->version, config_.push, world_.loop.now().wall);
}

void AppPusher::profiles_changed() {
  if (config_.push)
    installs_.want([this](const MacAddress& mac) { return wanted(mac); }, world_.loop.now().wall);
}

Result<void> AppPusher::runs_an_app(const MacAddress& mac) const {
  if (!world_.registry()->phone(mac))
    return Error(ErrorCode::NotFound, fmt::format("there is no phone {}", mac.to_string()));
  if (!app_of(mac))
    return Error(
        ErrorCode::Conflict,
        fmt::format("{} is no hot-desk phone of a model that runs an app", mac.to_string()));
  return {};
}

Result<Secret> AppPusher::password_of(const MacAddress& mac) const {
  TRY(runs_an_app(mac));
  const auto profiles = world_.profiles();
  const auto view = hotdesk::view_of(*world_.registry(), mac);
  return http::admin_password(*profiles->find(view.phone->vendor), profiles->config(), view);
}

Result<void> AppPusher::push(const MacAddress& mac) {
  TRY(runs_an_app(mac));
  if (installs_.push(mac, world_.loop.now().wall)) return {};
  const auto* install = installs_.of(mac);
  return Error(ErrorCode::Unavailable,
               fmt::format("{} {}", mac.to_string(),
                           install && install->sending
                               ? "is being sent the app right now"
                               : "has not fetched its configuration since stormdoor was started, "
                                 "so nobody knows where it is; make it: stormdoor phone reload"));
}

void AppPusher::tick() {
  for (Line& line : lines_) {
    if (line.busy) continue;
    const auto due = installs_.take_due(world_.loop.now().wall, 1);
    if (due.empty()) return;
    send(line, due.front());
  }
}

Result<AppUploader::Upload> AppPusher::upload_to(const MacAddress& mac) const {
  const IpAddress address = *installs_.of(mac)->address;
  if (world_.activity.at(address).size() > 1)
    return Error(ErrorCode::Conflict,
                 fmt::format("other phones ask from {}, too, so it cannot be reached there by "
                             "itself",
                             address.to_string()));
  AppUploader::Upload upload;
  upload.phone = {.address = address, .port = config_.port};
  upload.app = app_of(mac);
  upload.password = TRY(password_of(mac));
  upload.basic_login = config_.basic_login;
  return upload;
}

void AppPusher::send(Line& line, const MacAddress& mac) {
  if (!app_of(mac)) return installs_.note_unwanted(mac);
  auto upload = upload_to(mac);
  if (!upload) return note_trouble(mac, upload.error().message());
  line.busy = true;
  const bool taken = line.thread.run([this, &line, mac, upload = std::move(*upload),
                                      alive = std::weak_ptr<bool>(alive_), &loop = world_.loop] {
    const auto done = uploader_.give(upload, stop_);
    loop.post([this, &line, mac, version = upload.app->version, alive, done] {
      if (alive.expired()) return;
      line.busy = false;
      note_sent(mac, version, done);
    });
  });
  STORMDOOR_CHECK(taken, "a line that is not busy has room");
}

void AppPusher::note_sent(const MacAddress& mac, const std::string& version,
                          const Result<void>& done) {
  if (!done) return note_trouble(mac, done.error().message());
  installs_.note_installed(mac, version);
  log_info("app-installed", {{"phone", mac.to_string()}, {"version", version}});
  world_.events.add({.time = world_.loop.now().wall,
                     .kind = "app",
                     .text = fmt::format("{} has its app for hot desks", mac.to_string()),
                     .source = {},
                     .phone = mac,
                     .extension = {}});
}

void AppPusher::note_trouble(const MacAddress& mac, const std::string& trouble) {
  const WallTime now = world_.loop.now().wall;
  if (!installs_.note_trouble(mac, trouble, now)) return;
  log_warning("app-not-installed", {{"phone", mac.to_string()}, {"why", trouble}});
  world_.events.add(
      {.time = now,
       .kind = "app",
       .text = fmt::format("{} has not got its app for hot desks: {}", mac.to_string(), trouble),
       .source = {},
       .phone = mac,
       .extension = {}});
}

std::vector<PhoneAppRow> AppPusher::rows() const {
  std::vector<PhoneAppRow> rows;
  const WallTime now = world_.loop.now().wall;
  world_.registry()->for_each_phone([&](const auto& phone) {
    if (phone->role != store::PhoneRole::HotDesk) return;
    const auto app = app_of(phone->mac);
    if (!app) return;
    const auto* install = installs_.of(phone->mac);
    rows.push_back({.phone = phone->mac,
                    .model = phone->model,
                    .location = phone->location,
                    .wanted = app->version,
                    .installed = install ? install->installed : std::string(),
                    .state = describe(install, app->version, now),
                    .address = install ? install->address : std::nullopt});
  });
  return rows;
}

AppPusher::Count AppPusher::count() const {
  Count count;
  world_.registry()->for_each_phone([&](const auto& phone) {
    if (phone->role != store::PhoneRole::HotDesk) return;
    const auto app = app_of(phone->mac);
    if (!app) return;
    ++count.wanted;
    const auto* install = installs_.of(phone->mac);
    if (install && install->installed == app->version) ++count.installed;
  });
  return count;
}

}  // namespace stormdoor::edge
