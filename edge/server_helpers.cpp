// The helpers as the server sees them: what stormdoor-watch reports goes to the guard, what the
// guard decides goes to stormdoor-enforce (and to the watch, which judges contested packets).

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "acl/lease_book.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "edge/kept_file.hpp"
#include "edge/server.hpp"
#include "edge/sip_intake.hpp"
#include "hotdesk/credential_change.hpp"

namespace stormdoor::edge {
namespace {

constexpr unsigned kRoundsPerRegistrations = 10;  // of a second each

std::vector<uint16_t> ports_of(const std::vector<std::pair<std::string, Endpoint>>& listeners,
                               std::initializer_list<std::string_view> services) {
  std::vector<uint16_t> ports;
  for (const auto& [service, endpoint] : listeners)
    if (std::ranges::find(services, service) != services.end() &&
        std::ranges::find(ports, endpoint.port) == ports.end())
      ports.push_back(endpoint.port);
  return ports;
}

acl::Sighting to_sighting(const BindingSeen& seen) {
  return {.mac = seen.mac,
          .address = seen.address,
          .source = acl::BindingSource(uint8_t(seen.source)),
          .interface = seen.interface,
          .vlan = seen.vlan,
          .foreign_frame = seen.foreign_frame,
          .vendor_class = seen.vendor_class,
          .relay = seen.relay};
}

}  // namespace

EnforceSettings Server::enforce_settings() const {
  const EnforcementConfig& config = config_.startup.enforcement;
  EnforceSettings settings;
  const auto ports = [&](acl::Service service) -> EnforceSettings::Ports& {
    return settings.services[size_t(service)];
  };
  ports(acl::Service::Sip).udp = config_.startup.watch.sip_ports;
  ports(acl::Service::Sip).tcp = config_.startup.watch.sip_ports;
  ports(acl::Service::Portal).tcp = ports_of(listeners_, {"portal"});
  ports(acl::Service::Api).tcp = ports_of(listeners_, {"status", "status-https"});
  settings.action = config.refusal == Refusal::Reject ? EnforceAction::Reject : EnforceAction::Drop;
  settings.hook_forward = config.forward;
  settings.use_queue = config.judge_contested && !config_.startup.watch.interfaces.empty();
  settings.queue_number = config.queue;
  settings.metered_per_minute = config.metered_per_minute;
  settings.metered_burst = config.metered_burst;
  return settings;
}

void Server::start_helper_links() {
  const auto bad = [this](const char* name) {
    return [this, name](const Error& error) {
      log_error("helper-misbehaved", {{"helper", name}, {"why", error}});
      (void)channel_.send(MessageType::HelperSilent, name);
    };
  };
  watch_.emplace(
      loop_, [this](std::string_view packet) { return on_watch_packet(packet); }, bad("watch"));
  if (config_.runtime.rules.enforce != acl::EnforceMode::Kernel) return;
  enforcement_.emplace(
      loop_, enforce_settings(),
      Enforcement::Hooks{
          .intended = [this] { return intended(); },
          .on_ready = [this] { (void)channel_.send(MessageType::HelperReady, "enforce"); },
          .on_bad = bad("enforce"),
          .on_problem =
              [](const std::string& text) { log_error("enforce-problem", {{"why", text}}); }});
}

Enforcement::Contents Server::intended() {
  auto whole = enforcement_plan_.all(guard_->enforcement(now()), now().wall);
  for (const auto& blame : whole.blames) tell_watch(blame);
  return std::move(whole.contents);
}

void Server::connect_helper(const std::string& name, UniqueFd channel) {
  if (name == "enforce" && enforcement_) {
    enforcement_->connect(std::move(channel));
  } else if (name == "watch" && watch_) {
    watch_->connect(std::move(channel));
    watch_ready_ = false;
    for (const auto& blame : enforcement_plan_.blames()) tell_watch(blame);
  } else {
    log_error("parent-misbehaved", {{"why", "it started a helper that we know nothing of"}});
  }
}

void Server::check_helpers() {
  const auto time = now();
  watch_->check(time.steady);
  if (watch_->take_lost())  // of all that we tell it only blames: say them again
    for (const auto& blame : enforcement_plan_.blames()) tell_watch(blame);
  guard_->tick(time);
  settle_leases();
  enforce_changes();
  if (enforcement_) enforcement_->check(time.steady);
}

void Server::tell_watch(const WatchBlame& blame) {
  (void)watch_->send(encode(WatchOrder(blame)));
}

// What the guard has decided since the last time goes on its way at once.
void Server::enforce_changes() {
  auto changes = guard_->take_enforcement_changes(now());
  if (changes.overflowed) {
    if (enforcement_) enforcement_->sync();
    for (const auto& blame : enforcement_plan_.blames()) tell_watch(blame);
    return;
  }
  if (changes.changes.empty()) return;
  const auto steps = enforcement_plan_.steps(changes.changes, now().wall);
  for (const auto& blame : steps.blames) tell_watch(blame);
  if (!enforcement_) return;
  for (const auto& [op, flow] : steps.flows) enforcement_->change(op, flow);
  for (const auto& [op, element] : steps.elements) enforcement_->change(op, element);
  enforcement_->flush();
}

// ---- what the watch reports ----

Result<void> Server::on_watch_packet(std::string_view packet) {
  const WatchReport report = TRY(decode_watch_report(packet));
  if (!std::exchange(watch_ready_, true)) (void)channel_.send(MessageType::HelperReady, "watch");
  std::visit([this](const auto& item) { note(item); }, report);
  return {};
}

void Server::note(const WatchCounters& counters) {
  watch_counters_ = counters;
}

void Server::note(const BindingSeen& seen) {
  const auto learned = bindings_.learn(to_sighting(seen), now());
  if (learned.conflict) note_conflict(seen, learned);
  if (!view_.registry->phone(seen.mac)) return;
  if (bindings_.proven_mac(seen.address, now()) != seen.mac) return;
  guard_->phone_seen(seen.mac, seen.address, now());
  enforce_changes();
}

void Server::note_conflict(const BindingSeen& seen, const acl::BindingTable::Learned& learned) {
  const std::string text =
      fmt::format("{} is claimed by {}{}; neither proves who it is until that is over",
                  seen.address.to_string(), seen.mac.to_string(),
                  learned.before ? " and " + learned.before->to_string() : std::string());
  log_warning("binding-conflict",
              {{"address", seen.address.to_string()}, {"mac", seen.mac.to_string()}});
  auto event = acl::journal_note(acl::JournalKind::BindingConflict, text, now().wall);
  event.source = seen.address;
  event.device = seen.mac;
  write_down(event);
  events_.add({.time = now().wall,
               .kind = "binding-conflict",
               .text = text,
               .source = seen.address,
               .phone = seen.mac,
               .extension = {}});
}

void Server::note(const SipOutcome& outcome) {
  using enum SipOutcome::Result;
  if (outcome.result == Probed) {
    note_probe(outcome);
    return enforce_changes();
  }
  const SipFinding finding = assess(outcome, *view_.registry, bindings_, now());
  switch (outcome.result) {
    case Refused: {
      const auto verdict = guard_->report_failure(finding.failure, now());
      note(Failed{finding.failure, verdict, now().wall});
      enforce_changes();  // first: from here to the kernel every microsecond counts
      store_new_blocks();
      return;
    }
    case Registered:
      note_registered(finding);
      settle_leases();
      break;
    case Unregistered:
      guard_->report_unregistered(finding.registration.flow, now());
      break;
    case Accepted:
      guard_->report_success(outcome.client, acl::Service::Sip, finding.device, now(),
                             finding.device_proof);
      break;
    case Probed:
      break;
  }
  enforce_changes();
}

// One that is renewed is no news: phones do that all day.
void Server::note_registered(const SipFinding& finding) {
  const auto& flow = finding.registration.flow;
  const auto known = guard_->healthy_flows(flow.address, now());
  const bool renewed =
      std::ranges::any_of(known, [&](const auto& other) { return other.flow == flow; });
  guard_->report_registered(finding.registration, finding.fresh, now());
  if (finding.device && finding.fresh)
    restarter_->restarts().note_registered(*finding.device, now().wall);
  if (!renewed)
    write_down(acl::journal_success(flow.address, acl::Service::Sip, finding.device, now().wall));
}

void Server::note_probe(const SipOutcome& outcome) {
  const auto verdict = guard_->report_probe(outcome.client, now());
  if (!verdict.meter) return;
  const std::string source = verdict.meter->source.to_string();
  log_warning("metered", {{"source", source}, {"until", format_time(verdict.meter->until)}});
  events_.add({.time = now().wall,
               .kind = "metered",
               .text = fmt::format("{} asks for many accounts without credentials; its SIP is "
                                   "metered until {}",
                                   source, format_time(verdict.meter->until)),
               .source = outcome.client,
               .phone = {},
               .extension = printable(outcome.account, 40)});
}

// ---- leases ----

// Opened and closed by commits (on the store thread, before anybody else sees them): the guard
// knows of a lease before the phone can feel the change that it is for.
void Server::on_durable(const store::Change& change) {
  const Now time = read_clocks();
  std::set<MacAddress> taken;  // phones that lose an account; a lease may be opened without that
  for (const auto& operation : change.operations)
    if (const auto* stale = std::get_if<store::PutStaleSecret>(&operation))
      taken.insert(stale->row.mac);
  for (const auto& operation : change.operations) {
    if (const auto* put = std::get_if<store::PutLease>(&operation)) {
      if (guard_->lease_deadline(put->row.mac) !=
          put->row.deadline)  // else only its addresses changed
        loop_.post([this, lease = put->row, tell = taken.contains(put->row.mac)] {
          if (tell) to_tell_.push_back(lease.mac);
          note_lease("lease-opened", acl::JournalKind::LeaseOpened, lease,
                     fmt::format("{} is excused until {}: {}", lease.mac.to_string(),
                                 format_time(lease.deadline), printable(lease.reason, 120)));
        });
      if (const auto opened = guard_->open_lease(put->row, time); !opened)
        log_error("lease-not-opened",
                  {{"phone", put->row.mac.to_string()}, {"why", opened.error()}});
    } else if (const auto* erase = std::get_if<store::EraseLease>(&operation)) {
      (void)guard_->close_lease(erase->mac);
    }
  }
}

// What the guard has made of the leases is stored and told. Of those that are over, the ones that
// nobody remembers any longer were told as expired, the ones that an administrator closed by him.
void Server::settle_leases() {
  const auto over = guard_->take_closed_leases(now());
  for (const auto& lease : guard_->take_expired_leases(now()))
    note_lease("lease-expired", acl::JournalKind::LeaseExpired, lease,
               fmt::format("{} has not come back in time ({})", lease.mac.to_string(),
                           printable(lease.reason, 120)));
  auto changed = guard_->take_changed_leases();
  if (over.empty() && changed.empty() && !hotdesk::conversions_are_open(*view_.registry)) return;
  struct Ended {
    std::vector<store::LeaseRecord> back, others;
  };
  const auto ended = std::make_shared<Ended>();
  this->change(
      [this, over, changed, ended,
       time = now().wall](const hotdesk::Registry& registry) -> Result<store::Change> {
        hotdesk::Draft draft(registry);
        *ended = {};
        for (const auto& lease : over) {
          const auto end = hotdesk::end_lease(draft, lease, time);
          if (end == hotdesk::LeaseEnd::Renewed) continue;
          (end == hotdesk::LeaseEnd::Back ? ended->back : ended->others).push_back(lease);
        }
        for (const auto& lease : changed) hotdesk::note_lease(draft, lease, time);
        hotdesk::advance_conversions(draft, ended->back, time, *tools_);
        return std::move(draft).take();
      },
      [this, over, changed, ended](const Result<void>& done) {
        if (!done && !is_refusal(done.error())) guard_->leases_not_stored(changed, over);
        if (!done) return log_error("leases-not-stored", {{"why", done.error()}});
        for (const auto& lease : ended->others)
          write_down(acl::journal_lease(acl::JournalKind::LeaseClosed, lease, now().wall));
        for (const auto& lease : ended->back) {
          restarter_->restarts().note_back(lease.mac, now().wall);
          note_lease("lease-closed", acl::JournalKind::LeaseClosed, lease,
                     fmt::format("{} is back; {} of its old failures were forgiven",
                                 lease.mac.to_string(), uint64_t{lease.spent} + lease.stale));
        }
        conversions_.tell();
      });
}

void Server::note_lease(const char* kind, acl::JournalKind journal_kind,
                        const store::LeaseRecord& lease, const std::string& text) {
  log_info(kind,
           {{"phone", lease.mac.to_string()}, {"forgiven", int64_t{lease.spent} + lease.stale}});
  write_down(acl::journal_lease(journal_kind, lease, now().wall));
  events_.add({.time = now().wall,
               .kind = kind,
               .text = text,
               .source = {},
               .phone = lease.mac,
               .extension = {}});
}

// ---- the journal, and who is registered ----

void Server::write_down(const acl::JournalEvent& event) {
  if (journal_) journal_->append(event);
}

void Server::keep_journal() {
  if (!journal_) return;
  if (const auto flushed = journal_->flush(); !flushed)
    log_error("journal-not-written", {{"why", flushed.error()}});
}

void Server::keep_on_disk() {
  if (journal_)
    if (auto sync = journal_->take_sync())
      disk_.run([sync = std::move(sync)] {
        if (const auto synced = sync(); !synced)
          log_error("journal-not-synced", {{"why", synced.error()}});
      });
  if (++rounds_ % kRoundsPerRegistrations != 0) return;
  std::string text = format_registrations(guard_->registrations(now()));
  if (text == kept_registrations_) return;
  kept_registrations_ = text;
  disk_.run([path = StatePaths(config_.startup).registrations, text = std::move(text)] {
    if (const auto written = write_kept_file(path, text); !written)
      log_error("registrations-not-kept", {{"why", written.error()}});
  });
}

}  // namespace stormdoor::edge
