// What the parent says, and how a new configuration and new certificates are taken over.

#include <fmt/format.h>

#include "base/log.hpp"
#include "edge/server.hpp"

namespace stormdoor::edge {

using nlohmann::json;

void Server::on_message() {
  for (;;) {
    bool would_block = false;
    auto message = channel_.receive(&would_block);
    if (would_block) return;
    if (!message || !*message) {
      log_error("parent-gone", {});
      loop_.stop();
      parent_speaks_.reset();
      return;
    }
    handle(std::move(**message));
  }
}

void Server::handle(Message message) {
  switch (message.type) {
    case MessageType::Descriptor:
      arriving_.push_back({std::move(message.text), std::move(message.descriptor)});
      return;
    case MessageType::Start:
      return take_material(read_material(std::exchange(arriving_, {})));
    case MessageType::Refused:
      arriving_.clear();
      return take_material(Error(ErrorCode::InvalidArgument, message.text));
    case MessageType::Reload:
      return reload([](const Result<json>& done) {
        if (done)
          log_info("reloaded", {{"changes", done->dump()}});
        else
          log_error("reload-refused", {{"why", done.error()}});
      });
    case MessageType::HelperChannel:
      return connect_helper(message.text, std::move(message.descriptor));
    case MessageType::Stop:
      return loop_.stop();
    default:
      log_error("parent-misbehaved", {{"why", "it sent a message that only we send"}});
      loop_.stop();
  }
}

// A reload needs the keys again, which only the parent can open: ask, and go on when they are here.
void Server::reload(std::function<void(Result<json>)> done) {
  waiting_for_reload_.push_back(std::move(done));
  if (waiting_for_reload_.size() > 1) return;
  if (const auto asked = channel_.send(MessageType::RequestMaterial); !asked)
    take_material(asked.error());
}

void Server::take_material(Result<Material> material) {
  const auto waiting = std::exchange(waiting_for_reload_, {});
  if (waiting.empty()) {  // certificates were replaced: only they are new
    Result<TlsContexts> tls = material ? make_tls_contexts(*material, config_.runtime.https, now())
                                       : Result<TlsContexts>(material.error());
    if (!tls) return log_error("certificates-not-taken", {{"why", tls.error()}});
    tls_ = *tls;
    for (const auto& worker : workers_) worker->apply(config_.runtime, tls_);
    take_over_status(*material);
    return log_info("certificates-taken", {{"expire", format_time(tls_.modern->first_expiry())}});
  }
  const Result<json> result = material ? apply_reload(*material) : Result<json>(material.error());
  if (result)
    events_.add({.time = now().wall,
                 .kind = "reload",
                 .text = "The configuration was reloaded.",
                 .source = {},
                 .phone = {},
                 .extension = {}});
  for (const auto& done : waiting) done(result);
}

// All or nothing: everything new is made before anything old is let go.
Result<json> Server::apply_reload(const Material& material) {
  Config next = TRY(load_config(config_file_));
  auto tls = TRY_WHILE("certificates", make_tls_contexts(material, next.runtime.https, now()));
  auto profiles = TRY_WHILE("phone profiles", http::ProfileSet::load(next.runtime.provisioning));
  auto rules = acl::RuleSet::from(next.runtime.rules);
  const ConfigDifference changes = difference(config_, next);

  next.startup = config_.startup;  // what needs a restart stays as it is
  config_ = std::move(next);
  tls_ = std::move(tls);
  authority_pem_ = material.authority_pem;
  take_over_status(material);
  view_.profiles = std::move(profiles);
  take_over_links();
  name_vendors();
  apps_->profiles_changed();
  Log::configure(config_.runtime.log_level, config_.runtime.log_format);
  calls_.set_terms(call_terms());
  guard_->replace_rules(std::move(rules));
  guard_->set_shadow(refuses_nothing(config_.runtime.rules.enforce));
  if (portal_) portal_->replace_times(config_.runtime.portal);
  write_down(acl::journal_note(acl::JournalKind::RulesLoaded, "", now().wall));
  if (enforcement_) enforcement_->sync();
  for (const auto& worker : workers_) {
    worker->apply(config_.runtime, tls_);
    worker->publish(view_);
  }
  json result = {{"changed", changes.changed},
                 {"needs_restart", changes.needs_restart},
                 {"warnings", config_.warnings}};
  if (changes.changed.empty() && changes.needs_restart.empty())
    result["changed"].push_back("nothing differs");
  return result;
}

}  // namespace stormdoor::edge
