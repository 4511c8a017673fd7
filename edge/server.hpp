#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "acl/binding_table.hpp"
#include "acl/journal.hpp"
#include "base/loop/event_loop.hpp"
#include "base/loop/io_event.hpp"
#include "base/loop/timer.hpp"
#include "base/metrics.hpp"
#include "edge/app_pusher.hpp"
#include "edge/call_book.hpp"
#include "edge/commands.hpp"
#include "edge/config.hpp"
#include "edge/control_server.hpp"
#include "edge/conversions.hpp"
#include "edge/desk_service.hpp"
#include "edge/disk_thread.hpp"
#include "edge/enforcement.hpp"
#include "edge/enforcement_plan.hpp"
#include "edge/helper_link.hpp"
#include "edge/log_follower.hpp"
#include "edge/mailbox.hpp"
#include "edge/material.hpp"
#include "edge/messages.hpp"
#include "edge/messages_watch.hpp"
#include "edge/office.hpp"
#include "edge/overview.hpp"
#include "edge/pbx_handover.hpp"
#include "edge/pin_follower.hpp"
#include "edge/portal_service.hpp"
#include "edge/registrations_file.hpp"
#include "edge/sip_intake.hpp"
#include "edge/store_thread.hpp"
#include "edge/unchanged.hpp"
#include "edge/unstored_blocks.hpp"
#include "edge/worker.hpp"
#include "hotdesk/take_over.hpp"
#include "portal/guard_api.hpp"
#include "portal/status_pages.hpp"
#include "tftp-http/http_server.hpp"

namespace stormdoor::edge {

// The server child: builds the registry, the guard and the workers, carries out what the shell
// asks, and tells the parent that it lives. Everything but the workers' insides and the store is on
// the main thread. Built in order, destroyed in reverse.
class Server final : public Office {
 public:
  // `descriptors` are what the parent sent before Start.
  static Result<std::unique_ptr<Server>> create(loop::EventLoop& loop, std::string config_file,
                                                MessageChannel channel,
                                                std::vector<NamedDescriptor> descriptors);
  ~Server() override;

  // ---- Office ----
  [[nodiscard]] Now now() const override { return loop_.now(); }
  [[nodiscard]] const std::shared_ptr<const hotdesk::Registry>& registry() const override {
    return view_.registry;
  }
  void change(Plan plan, Done done) override;
  [[nodiscard]] Plan audited(Plan plan) override;
  void audit(const store::AuditQuery& query,
             std::function<void(const Result<store::AuditPage>&)> done) override;
  void hash_password(Secret password, std::function<void(Result<std::string>)> done) override;
  bool aside(std::function<Afterwards()> work) override;
  [[nodiscard]] std::string config_file() const override { return config_file_; }
  [[nodiscard]] std::string journal_directory() const override {
    return StatePaths(config_.startup).journal;
  }
  [[nodiscard]] const hotdesk::Tools& tools() const override { return *tools_; }
  [[nodiscard]] acl::Guard& guard() override { return *guard_; }
  [[nodiscard]] const acl::BindingTable& bindings() const override { return bindings_; }
  [[nodiscard]] EventFeed& events() override { return events_; }
  [[nodiscard]] const PhoneActivity& activity() const override { return activity_; }
  [[nodiscard]] Misplaced& misplaced() override { return misplaced_; }
  [[nodiscard]] Restarter& restarter() override { return *restarter_; }
  [[nodiscard]] const PhoneRestart* restart_of(const MacAddress& mac) const override {
    return restarter_->restarts().of(mac);
  }
  void history(acl::Subject about, WallTime since, size_t most,
               std::function<void(const Result<std::vector<acl::JournalEvent>>&)> done) override;
  void desk_log(
      WallTime since, WallTime until, size_t most,
      std::function<void(const Result<std::vector<store::DeskLogRecord>>&)> done) override;
  [[nodiscard]] std::string base_url() const override {
    return config_.runtime.provisioning.base_url;
  }
  void write_down(const acl::JournalEvent& event) override;
  void backup(std::function<void(Result<UniqueFd>)> done) override;
  void reload(std::function<void(Result<nlohmann::json>)> done) override;
  [[nodiscard]] nlohmann::json status() override;
  [[nodiscard]] Result<nlohmann::json> rendered(const MacAddress& mac) override;
  [[nodiscard]] PbxHandover* handover() override { return handover_.get(); }
  [[nodiscard]] std::optional<PhoneHold> hold_of(const MacAddress& mac) const override;

 private:
  Server(loop::EventLoop& loop, std::string config_file, MessageChannel channel, Config config);
  Result<void> start(std::vector<NamedDescriptor> descriptors);
  Result<void> open_store(const Material& material);
  [[nodiscard]] StoreThreadOptions store_options();
  void restore_guard(const store::Contents& contents);
  Result<void> load_profiles();
  void name_vendors();
  Result<void> start_workers(std::vector<NamedDescriptor>& descriptors, const TlsContexts& tls);
  Result<void> start_status_pages(std::vector<NamedDescriptor>& descriptors);
  Result<void> start_portal(std::vector<NamedDescriptor>& descriptors);
  Result<void> start_log_follower();
  Result<void> start_control(std::vector<NamedDescriptor>& descriptors);
  // `unchanged_since`, if not null: what it is about must be as it was in there.
  void run_command(const ControlRequest& request, const Responder& responder,
                   const std::shared_ptr<const hotdesk::Registry>& unchanged_since = {});
  void start_timers();
  void count_the_guard();

  // From the parent.
  void on_message();
  void handle(Message message);
  void take_material(Result<Material> material);
  void take_over_status(const Material& material);
  [[nodiscard]] Result<nlohmann::json> apply_reload(const Material& material);

  // From and to the helpers (server_helpers.cpp).
  [[nodiscard]] EnforceSettings enforce_settings() const;
  void start_helper_links();
  [[nodiscard]] Enforcement::Contents intended();
  void connect_helper(const std::string& name, UniqueFd channel);
  void check_helpers();
  void tell_watch(const WatchBlame& blame);
  void enforce_changes();
  Result<void> on_watch_packet(std::string_view packet);
  void note(const BindingSeen& seen);
  void note_conflict(const BindingSeen& seen, const acl::BindingTable::Learned& learned);
  void note(const SipOutcome& outcome);
  void note(const CallSeen& call);  // server_calls.cpp
  void note_registered(const SipFinding& finding);
  void note_probe(const SipOutcome& outcome);
  void note(const WatchCounters& counters);
  void note(const WatchAlive&) {}

  // Calls (server_calls.cpp).
  [[nodiscard]] std::optional<MacAddress> phone_at(const acl::Flow& flow,
                                                   std::string_view account) const;
  void note_parties(const CallSeen& call);
  [[nodiscard]] CallTerms call_terms() const;
  void restore_calls();
  void keep_calls();

  // Leases, the journal, and who is registered (server_helpers.cpp).
  void on_durable(const store::Change& change);  // store thread
  void settle_leases();
  void note_lease(const char* kind, acl::JournalKind journal_kind, const store::LeaseRecord& lease,
                  const std::string& text);
  void keep_journal();
  void keep_on_disk();

  // Who has to be told to fetch, and conversions (server_conversions.cpp).
  void start_restarter();
  void start_apps();
  void keep_apps();
  void tell_phones();

  // What a PBX tells of its logins.
  void judge_logged(const std::vector<LoggedLogin>& logins, Now now);  // the follower's thread
  void note_told_success(acl::Service service, const acl::Flow& flow, const std::string& account,
                         Now now);
  acl::Verdict judge(const acl::Failure& failure, Now now);  // any thread

  // What a PBX is told (server_pbx.cpp).
  void start_handover();
  void hand_over();
  void note_handover(const std::string& trouble);
  void add_handover_section(nlohmann::json& sections) const;
  void add_app_section(nlohmann::json& sections) const;
  void start_pin_follower();
  void take_pins(const Result<hotdesk::VoicemailFile>& file);
  void note_pins(const hotdesk::PinReport& report);
  void note_pbx(const std::string& text);
  void add_pin_section(nlohmann::json& sections) const;
  void say_limits_of_pbx(std::vector<std::string>& lines) const;

  // From the workers.
  void read_news();
  void note(const Served& served);
  void note_place(const MacAddress& mac, const IpAddress& source);
  void note(const Failed& failed);
  void note_stale(const Failed& failed);
  void note_block(const Failed& failed);
  void store_new_blocks();
  void store_blocks(store::Change change);
  void note(const TokenDelivered& delivered);
  void note(const Problem& problem);

  // Regular work.
  void publish();
  void when_published(std::function<void()> then);
  void forget_expired();
  void check_life();
  [[nodiscard]] std::string trouble() const;

  // For status().
  [[nodiscard]] nlohmann::json listener_rows() const;
  [[nodiscard]] std::vector<std::string> broken_promises() const;
  [[nodiscard]] nlohmann::json helper_sections() const;
  void say_limits_of_helpers(std::vector<std::string>& lines) const;
  void count_the_helpers();
  // After the configuration was read (again).
  void take_over_links();
  void add_storm_section(nlohmann::json& sections) const;

  loop::EventLoop& loop_;
  std::string config_file_;
  MessageChannel channel_;
  Config config_;
  SteadyTime started_;

  Metrics metrics_;
  EventFeed events_;
  PhoneActivity activity_{200'000};
  Mailbox<News> news_;
  http::HttpSourceCounts source_counts_;
  http::Credentials credentials_{"stormdoor"};
  http::DeskForms desk_forms_;
  DeskService desks_{*this};
  Conversions conversions_{*this};
  Misplaced misplaced_;
  Overview overview_{metrics_, *this, [this] { return trouble(); }};

  acl::BindingTable bindings_;
  CallBook calls_{CallTerms{}};
  std::unique_ptr<acl::Guard> guard_;
  std::unique_ptr<acl::Journal> journal_;
  std::unique_ptr<crypto::PinHasher> pins_;
  std::unique_ptr<hotdesk::Tools> tools_;
  TlsContexts tls_;
  std::string authority_pem_;
  WorkerView view_;
  std::vector<std::pair<std::string, Endpoint>> listeners_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<StoreThread> store_;

  std::unique_ptr<Restarter> restarter_;
  std::unique_ptr<AppPusher> apps_;
  std::vector<MacAddress> to_tell_;  // as soon as what they will fetch is published

  std::unique_ptr<LogFollower> log_follower_;
  std::unique_ptr<portal::DeskApi> desk_api_;
  std::unique_ptr<PbxHandover> handover_;  // none: nothing is handed over
  std::unique_ptr<PinFollower> pin_follower_;
  std::string pin_trouble_;  // why the last voicemail.conf was not taken over
  std::unique_ptr<portal::GuardApi> guard_api_;
  std::unique_ptr<portal::StatusPages> status_pages_;
  portal::OpenGate status_gate_;
  http::HttpSourceCounts status_counts_;
  std::unique_ptr<http::HttpServer> status_server_;
  std::vector<Endpoint> status_https_;
  CommandTable commands_;
  // Which command runs and for whom, so that what it plans is audited; only while it runs.
  struct Acting {
    Actor by;
    std::string action;
    Unchanged check;  // may be empty
  };
  std::optional<Acting> acting_;
  std::unique_ptr<PortalService> portal_;
  std::unique_ptr<ControlServer> control_;

  std::optional<HelperLink> watch_;
  bool watch_ready_ = false;
  WatchCounters watch_counters_;
  std::optional<Enforcement> enforcement_;
  EnforcementPlan enforcement_plan_;

  std::unique_ptr<loop::IoEvent> parent_speaks_;
  std::vector<NamedDescriptor> arriving_;  // descriptors before their Start
  std::vector<std::function<void(Result<nlohmann::json>)>> waiting_for_reload_;
  std::unique_ptr<loop::Timer> life_timer_;
  std::unique_ptr<loop::Timer> journal_timer_;
  std::unique_ptr<loop::Timer> expiry_timer_;
  std::unique_ptr<loop::Timer> overview_timer_;
  std::vector<store::BlockRecord> new_blocks_;  // of this turn, not yet given to the store
  UnstoredBlocks unstored_blocks_;
  std::string store_trouble_;  // the last commit's, if the disk refused it
  size_t workers_alive_ = 0;
  int silent_rounds_ = 0;
  unsigned rounds_ = 0;
  std::string kept_registrations_;
  std::string kept_calls_;
  DiskThread readers_;    // what administrators look up in the journal
  DiskThread passwords_;  // hashing of passwords
  DiskThread replays_;    // what would have been under other rules
  DiskThread disk_;       // last: it finishes its work before anything it uses goes
};

}  // namespace stormdoor::edge
