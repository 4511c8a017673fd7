// What the PBX is told and asked: every version of the registry goes to the hand-over, the PINs of
// a voicemail.conf come from its follower; what becomes of both goes to the events and the status.

#include <fmt/format.h>

#include "base/log.hpp"
#include "edge/server.hpp"
#include "edge/status_rows.hpp"
#include "hotdesk/draft.hpp"

namespace stormdoor::edge {
namespace {

const char* word_for(PbxTargetKind kind) {
  switch (kind) {
    case PbxTargetKind::Kamailio:
      return "Kamailio's database";
    case PbxTargetKind::KamailioCommand:
      return "Kamailio's database, through a command";
    case PbxTargetKind::Asterisk:
      return "Asterisk's configuration";
    case PbxTargetKind::Off:
      break;
  }
  return "nothing";
}

}  // namespace

void Server::start_handover() {
  const auto& accounts = config_.startup.pbx.accounts;
  if (accounts.target == PbxTargetKind::Off) return;
  handover_ =
      std::make_unique<PbxHandover>(loop_, make_pbx_target(accounts),
                                    [this](const std::string& trouble) { note_handover(trouble); });
  metrics_.gauge_from("stormdoor_pbx_pending_seconds",
                      "For how long the PBX has lacked accounts of the registry", {}, [this] {
                        if (!handover_ || !handover_->pending()) return 0.0;
                        return double((now().wall - *handover_->state().pending_since()).count()) /
                               1000;
                      });
  hand_over();
}

void Server::hand_over() {
  if (handover_) handover_->publish(view_.registry);
}

void Server::note_handover(const std::string& trouble) {
  if (trouble.empty())
    log_info("pbx-has-accounts", {});
  else
    log_error("pbx-lacks-accounts", {{"why", trouble}});
  note_pbx(trouble.empty() ? "The PBX has all accounts again."
                           : fmt::format("The PBX lacks the latest accounts: {}. It is tried again "
                                         "until it has them.",
                                         trouble));
}

void Server::note_pbx(const std::string& text) {
  events_.add({.time = now().wall,
               .kind = "pbx",
               .text = text,
               .source = {},
               .phone = {},
               .extension = {}});
}

void Server::add_handover_section(nlohmann::json& sections) const {
  if (!handover_) return;
  const HandoverState& state = handover_->state();
  const auto time = [](const std::optional<WallTime>& at, const char* none) {
    return at ? format_time(*at) : std::string(none);
  };
  sections.push_back(status_section(
      "PBX accounts", {{"kept in", word_for(config_.startup.pbx.accounts.target)},
                       {"pending since", time(state.pending_since(), "nothing is")},
                       {"in effect since", time(state.in_effect_since(), "never")},
                       {"trouble", state.trouble().empty() ? "none" : state.trouble()},
                       {"failed attempts", fmt::to_string(state.failures())}}));
}

void Server::start_pin_follower() {
  const std::string& file = config_.startup.pbx.voicemail_pins;
  if (file.empty()) return;
  tools_->pins_kept_in = file;
  pin_follower_ = std::make_unique<PinFollower>(
      loop_, file, [this](const Result<hotdesk::VoicemailFile>& read) { take_pins(read); });
}

void Server::take_pins(const Result<hotdesk::VoicemailFile>& file) {
  if (!file) {
    pin_trouble_ = file.error().message();
    log_error("pins-not-taken", {{"why", file.error()}});
    return note_pbx(fmt::format("No PIN was taken over: {}.", pin_trouble_));
  }
  const auto report = std::make_shared<hotdesk::PinReport>();
  change(
      [tools = *tools_, report, file = *file, context = config_.startup.pbx.voicemail_context](
          const hotdesk::Registry& registry) -> Result<store::Change> {
        hotdesk::Draft draft(registry);
        *report = hotdesk::take_over_pins(draft, file, context, tools);
        return std::move(draft).take();
      },
      [this, report](const Result<void>& done) {
        if (done) return note_pins(*report);
        pin_trouble_ = done.error().message();
        log_error("pins-not-taken", {{"why", done.error()}});
        if (pin_follower_) pin_follower_->tell_again();
      });
}

void Server::note_pins(const hotdesk::PinReport& report) {
  pin_trouble_.clear();
  const size_t changed = report.changed.size();
  if (changed > 0) {
    const std::string what =
        changed == 1 ? fmt::format("The PIN of {} was taken over from the voicemail.",
                                   report.changed.front())
                     : fmt::format("{} PINs were taken over from the voicemail.", changed);
    log_info("pins-taken", {{"count", int64_t(changed)}});
    note_pbx(what);
  }
  if (report.notes.empty()) return;
  const size_t more = report.notes.size() - 1;
  note_pbx(fmt::format("A PIN of the voicemail was not taken over: {}{}.",
                       hotdesk::to_string(report.notes.front()),
                       more > 0 ? fmt::format(", and {} more", more) : ""));
}

void Server::add_pin_section(nlohmann::json& sections) const {
  if (!pin_follower_) return;
  sections.push_back(status_section("Voicemail PINs",
                                    {{"kept in", config_.startup.pbx.voicemail_pins},
                                     {"trouble", pin_trouble_.empty() ? "none" : pin_trouble_}}));
}

void Server::say_limits_of_pbx(std::vector<std::string>& lines) const {
  if (!handover_)
    lines.emplace_back(
        "Promise 8: accounts are not handed over to the PBX ([pbx.accounts]); a secret that was "
        "changed here works there until it is changed there as well.");
  else if (!handover_->state().trouble().empty())
    lines.push_back(fmt::format("Promise 8: the PBX has lacked the latest accounts since {}: {}",
                                format_time(*handover_->state().pending_since()),
                                handover_->state().trouble()));
}

}  // namespace stormdoor::edge
