#include "edge/server.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <map>

#include "base/log.hpp"
#include "base/loop/socket_address.hpp"
#include "base/store/sqlite_store.hpp"
#include "base/text.hpp"
#include "edge/kept_file.hpp"
#include "hotdesk/credential_change.hpp"
#include "hotdesk/desk_log.hpp"
#include "tftp-http/profile_set.hpp"

namespace stormdoor::edge {
namespace {

constexpr size_t kMostNews = 200'000;
constexpr milliseconds kLifePeriod{2'000};
constexpr milliseconds kExpiryPeriod{1'000};
constexpr milliseconds kJournalPeriod{100};
constexpr size_t kMostForgotten = 256;  // stale secrets, each time
constexpr size_t kMostStoredAgain = 1'000;
constexpr unsigned kRoundsPerStaleSecrets = 60;

}  // namespace

Server::Server(loop::EventLoop& loop, std::string config_file, MessageChannel channel,
               Config config)
    : loop_(loop),
      config_file_(std::move(config_file)),
      channel_(std::move(channel)),
      config_(std::move(config)),
      started_(loop.now().steady),
      metrics_(config_.startup.worker_count()),
      events_(config_.startup.remembered_events),
      news_(kMostNews, [this] { loop_.post([this] { read_news(); }); }),
      bindings_(config_.startup.watch.bindings),
      unstored_blocks_(config_.startup.guard.blocks) {}

Server::~Server() {
  log_follower_.reset();
  handover_.reset();
  pin_follower_.reset();
  workers_.clear();  // first: they put news and use the guard
  if (store_) store_->stop();
  keep_journal();
  keep_on_disk();
  keep_calls();
  if (apps_) keep_apps();
}

Result<std::unique_ptr<Server>> Server::create(loop::EventLoop& loop, std::string config_file,
                                               MessageChannel channel,
                                               std::vector<NamedDescriptor> descriptors) {
  Config config = TRY(load_config(config_file));
  Log::configure(config.runtime.log_level, config.runtime.log_format);
  for (const auto& warning : config.warnings) log_warning("configuration", {{"at", warning}});
  std::unique_ptr<Server> server(
      new Server(loop, std::move(config_file), std::move(channel), std::move(config)));
  TRY(server->start(std::move(descriptors)));
  return server;
}

Result<void> Server::start(std::vector<NamedDescriptor> descriptors) {
  const Material material = TRY_WHILE("keys and certificates", read_material(descriptors));
  tls_ = TRY_WHILE("certificates", make_tls_contexts(material, config_.runtime.https, now()));
  authority_pem_ = material.authority_pem;
  guard_ = std::make_unique<acl::Guard>(acl::RuleSet::from(config_.runtime.rules),
                                        config_.startup.guard);
  TRY(load_profiles());
  TRY_WHILE("the database", open_store(material));
  TRY(start_workers(descriptors, tls_));
  TRY(start_status_pages(descriptors));
  TRY(start_portal(descriptors));
  guard_api_->replace_token(material.api_token);
  start_restarter();
  start_apps();
  TRY(start_log_follower());
  start_handover();
  start_pin_follower();
  count_the_guard();
  start_helper_links();
  start_timers();
  TRY(start_control(descriptors));
  return channel_.send(MessageType::Ready);
}

Result<void> Server::load_profiles() {
  view_.profiles =
      TRY_WHILE("phone profiles", http::ProfileSet::load(config_.runtime.provisioning));
  for (const auto& notice : view_.profiles->notices())
    log_warning("provisioning", {{"notice", notice}});
  take_over_links();
  return {};
}

Result<void> Server::open_store(const Material& material) {
  const crypto::SecretBox box(material.keys.sealing);
  auto store = TRY(store::SqliteStore::open({.path = StatePaths(config_.startup).database}, box));
  const store::Contents contents = TRY(store->load());
  view_.registry = hotdesk::Registry::from(contents);
  restore_guard(contents);
  pins_ = std::make_unique<crypto::PinHasher>(material.keys.pins);
  tools_.reset(new hotdesk::Tools{.new_secret = [] { return crypto::random_token(); },
                                  .pins = *pins_,
                                  .vendors = {},
                                  .vendor_of = {}});
  name_vendors();
  store_ = std::make_unique<StoreThread>(
      std::move(store), view_.registry,
      [this](std::shared_ptr<const hotdesk::Registry> durable) {
        loop_.post([this, durable = std::move(durable)] {
          view_.registry = durable;
          publish();
          tell_phones();
        });
      },
      store_options());
  return {};
}

StoreThreadOptions Server::store_options() {
  StoreThreadOptions options;
  // Secrets change with whoever leaves a phone only where the PBX learns of it.
  const bool rotates = config_.startup.pbx.accounts.target != PbxTargetKind::Off;
  options.complete = [terms = config_.startup.leases, rotates](store::Change& change,
                                                               const hotdesk::Registry& before) {
    const WallTime time = read_clocks().wall;
    if (rotates) hotdesk::rotate_secrets(change, before, [] { return crypto::random_token(); });
    hotdesk::append_leases(change, before, time, terms);
    hotdesk::append_desk_log(change, before, time);
  };
  options.durable = [this](const store::Change& change) { on_durable(change); };
  return options;
}

// A restart forgives and blocks nothing that was not before (promise 11).
void Server::restore_guard(const store::Contents& contents) {
  const StatePaths paths(config_.startup);
  const auto registered = parse_registrations(read_kept_file(paths.registrations), now().wall,
                                              config_.startup.guard.tracked_sources);
  if (const size_t lost = guard_->restore(contents.blocks, contents.leases, registered, now());
      lost > 0)
    log_error("guard-too-small", {{"not_restored", int64_t(lost)}});
  guard_->set_shadow(refuses_nothing(config_.runtime.rules.enforce));
  restore_calls();
  auto journal = acl::Journal::open(paths.journal, config_.startup.journal);
  if (!journal) return log_error("journal-not-open", {{"why", journal.error()}});
  journal_ = std::move(*journal);
  write_down(acl::journal_note(acl::JournalKind::Started, STORMDOOR_VERSION, now().wall));
}

// What the directory needs to know of the profiles.
void Server::name_vendors() {
  tools_->vendors.clear();
  for (const auto& profile : view_.profiles->profiles()) tools_->vendors.push_back(profile->vendor);
  tools_->vendor_of = [profiles = view_.profiles](const MacAddress& mac) {
    for (const auto& profile : profiles->profiles())
      if (profile->owns(mac)) return profile->vendor;
    return std::string();
  };
}

Result<void> Server::start_workers(std::vector<NamedDescriptor>& descriptors,
                                   const TlsContexts& tls) {
  std::map<size_t, Worker::Sockets> sockets;
  for (auto& [text, descriptor] : descriptors) {
    const auto name = DescriptorName::parse(text);
    std::vector<UniqueFd>* into = nullptr;
    const char* service = nullptr;
    switch (name->role) {
      case DescriptorRole::Tftp:
        into = &sockets[name->number].tftp, service = "tftp";
        break;
      case DescriptorRole::Http:
        into = &sockets[name->number].http, service = "http";
        break;
      case DescriptorRole::Https:
        into = &sockets[name->number].https, service = "https";
        break;
      case DescriptorRole::LegacyHttps:
        into = &sockets[name->number].legacy_https, service = "legacy-https";
        break;
      default:
        continue;
    }
    if (name->number == 0)
      listeners_.emplace_back(service, TRY(loop::local_endpoint(descriptor.get())));
    into->push_back(std::move(descriptor));
  }
  for (size_t i = 0; i < config_.startup.worker_count(); ++i) {
    auto worker = std::make_unique<Worker>(
        i, WorkerParts{*guard_, bindings_, source_counts_, credentials_, metrics_, news_,
                       desk_forms_, [this](http::DeskAsk ask, DeskService::Answer answer) {
                         loop_.post([this, ask = std::move(ask), answer = std::move(answer)] {
                           desks_.decide(ask, answer);
                         });
                       }});
    TRY(worker->start(std::move(sockets[i]), config_, tls, view_));
    workers_.push_back(std::move(worker));
  }
  return {};
}

Result<void> Server::start_control(std::vector<NamedDescriptor>& descriptors) {
  add_location_commands(commands_, *this);
  add_user_commands(commands_, *this);
  add_phone_commands(commands_, *this);
  add_guard_commands(commands_, *this);
  add_binding_commands(commands_, *this);
  add_hotdesk_commands(commands_, *this, conversions_);
  add_desk_commands(commands_, *this, desks_);
  add_app_commands(commands_, *this, *apps_);
  add_lease_commands(commands_, *this, config_.startup.leases);
  add_daemon_commands(commands_, *this);
  add_admin_commands(commands_, *this);
  add_acl_commands(commands_, *this);
  add_overview_command(commands_, *this, overview_);
  for (auto& [text, descriptor] : descriptors)
    if (descriptor.valid() && DescriptorName::parse(text)->role == DescriptorRole::Control)
      control_ = TRY(
          ControlServer::create(loop_, std::move(descriptor),
                                [this](const ControlRequest& request, const Responder& responder) {
                                  run_command(request, responder);
                                }));
  fcntl(channel_.descriptor(), F_SETFL, O_NONBLOCK);
  parent_speaks_ = std::make_unique<loop::IoEvent>(loop_, channel_.descriptor(),
                                                   [this](loop::Readiness) { on_message(); });
  parent_speaks_->wait_for({.read = true, .write = false});
  return {};
}

void Server::run_command(const ControlRequest& request, const Responder& responder,
                         const std::shared_ptr<const hotdesk::Registry>& unchanged_since) {
  acting_ = Acting{responder.by(), request.command, {}};
  if (unchanged_since) acting_->check = check_unchanged(request, unchanged_since);
  commands_.run(request, responder);
  acting_.reset();
  enforce_changes();
}

void Server::start_timers() {
  life_timer_ = std::make_unique<loop::Timer>(loop_, [this] { check_life(); });
  life_timer_->start_every(kLifePeriod);
  expiry_timer_ = std::make_unique<loop::Timer>(loop_, [this] {
    check_helpers();
    forget_expired();
    desks_.end_sessions(config_.runtime.sessions, local_midnight(now().wall));
    keep_on_disk();
    keep_calls();
    restarter_->tick();
    apps_->tick();
    keep_apps();
  });
  expiry_timer_->start_every(kExpiryPeriod);
  overview_timer_ = std::make_unique<loop::Timer>(loop_, [this] { overview_.sample(now()); });
  overview_timer_->start_every(Overview::kSamplePeriod);
  journal_timer_ = std::make_unique<loop::Timer>(loop_, [this] { keep_journal(); });
  journal_timer_->start_every(kJournalPeriod);
}

// Every worker must turn its loop between two rounds, else the parent hears nothing and ends us.
void Server::check_life() {
  if (workers_alive_ == workers_.size() || silent_rounds_ == 0) {
    silent_rounds_ = 0;
    if (const auto sent = channel_.send(MessageType::Alive); !sent)
      log_warning("parent-unreachable", {{"why", sent.error()}});
    workers_alive_ = 0;
    for (const auto& worker : workers_)
      worker->ping([this] { loop_.post([this] { ++workers_alive_; }); });
  }
  ++silent_rounds_;
}

void Server::forget_expired() {
  store::Change change;
  if (rounds_ % kRoundsPerStaleSecrets == 0)
    change = hotdesk::forget_stale_secrets(*view_.registry, now().wall, kMostForgotten);
  for (const auto& block : guard_->take_expired(now())) {
    change.operations.emplace_back(store::EraseBlock{block.source, block.service, block.account});
    write_down(acl::journal_unblock(block, now().wall));
    events_.add({.time = now().wall,
                 .kind = "unblock",
                 .text = acl::sentence_of(acl::journal_unblock(block, now().wall)),
                 .source = {},
                 .phone = {},
                 .extension = printable(block.account, 40)});
  }
  if (!change.operations.empty()) store_blocks(std::move(change));
  auto again = unstored_blocks_.take(*guard_, kMostStoredAgain);
  if (!again.operations.empty()) store_blocks(std::move(again));
}

std::string Server::trouble() const {
  std::string text;
  if (silent_rounds_ > 3) text += "a worker does not answer\n";
  if (!store_trouble_.empty()) text += "the database: " + store_trouble_ + "\n";
  return text;
}

}  // namespace stormdoor::edge
