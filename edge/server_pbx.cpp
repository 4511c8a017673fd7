// What the PBX is told: every version of the registry goes to the hand-over, and what becomes of it
// to the events, the status and the metrics.

#include <fmt/format.h>

#include "base/log.hpp"
#include "edge/server.hpp"
#include "edge/status_rows.hpp"

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
  events_.add({.time = now().wall,
               .kind = "pbx",
               .text = trouble.empty()
                           ? "The PBX has all accounts again."
                           : fmt::format("The PBX lacks the latest accounts: {}. It is tried again "
                                         "until it has them.",
                                         trouble),
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
