#include "edge/helper_group.hpp"

#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/log.hpp"
#include "edge/messages_packet.hpp"

namespace stormdoor::edge {

HelperGroup::HelperGroup(std::vector<ChildProgram> programs, milliseconds patience)
    : patience_(patience) {
  STORMDOOR_CHECK(programs.size() <= 2, "there are two helpers");
  for (auto& program : programs) helpers_.push_back({std::move(program), {}, -1, {}});
}

HelperGroup::~HelperGroup() {
  end_all({});
}

std::optional<SteadyTime> HelperGroup::due() const {
  if (helpers_.empty() || running_) return {};
  return start_at_;
}

void HelperGroup::start_if_due(SteadyTime now, const Send& send) {
  if (helpers_.empty() || running_ || now < start_at_) return;
  running_ = true;
  const auto started = start_all(send, now);
  if (started) return;
  log_error("helpers-not-started", {{"why", started.error()}});
  end_all(now);
  start_at_ = now + seconds{5};
}

Result<void> HelperGroup::start_all(const Send& send, SteadyTime now) {
  std::pair<UniqueFd, UniqueFd> between;
  if (helpers_.size() == 2) between = TRY(PacketChannel::create_pair());
  for (size_t i = 0; i < helpers_.size(); ++i) {
    Helper& helper = helpers_[i];
    auto [servers, helpers_end] = TRY(PacketChannel::create_pair());
    std::vector<int> descriptors{helpers_end.get()};
    if (helpers_.size() == 2)
      descriptors.push_back(i == 0 ? between.first.get() : between.second.get());
    helper.pid = TRY(start(helper.program, descriptors));
    helper.channel = std::move(helpers_end);
    helper.policy.on_started(now);
    log_info("helper-started", {{"helper", helper.program.name}, {"pid", int64_t{helper.pid}}});
    send(Message{MessageType::HelperChannel, helper.program.name, std::move(servers)});
  }
  return {};
}

void HelperGroup::on_ready(std::string_view name, SteadyTime now) {
  for (Helper& helper : helpers_)
    if (helper.program.name == name) helper.policy.on_ready(now);
}

void HelperGroup::on_silent(std::string_view name, SteadyTime now) {
  for (const Helper& helper : helpers_)
    if (helper.program.name == name && helper.pid > 0) {
      log_error("helper-killed", {{"helper", name}, {"why", "it did not answer in time"}});
      kill(helper.pid, SIGKILL);
    }
  reap(now);
}

void HelperGroup::reap(SteadyTime now) {
  bool one_ended = false;
  for (Helper& helper : helpers_) {
    int status = 0;
    if (helper.pid <= 0 || waitpid(helper.pid, &status, WNOHANG) != helper.pid) continue;
    ended(helper, status, now);
    one_ended = true;
  }
  if (one_ended) end_all(now);
}

void HelperGroup::ended(Helper& helper, int status, SteadyTime now) {
  helper.pid = -1;
  const milliseconds delay = helper.policy.on_ended(now);
  start_at_ = std::max(start_at_, now + delay);
  log_warning("helper-ended", {{"helper", helper.program.name},
                               {"how", how_it_ended(status)},
                               {"restart_in", format_duration(delay)}});
}

// By the end of their channels, even where the server lives: stormdoor-enforce has to replace what
// does not work without it. Then by force: they must not outlast the channels that they serve.
void HelperGroup::end_all(SteadyTime /*now*/) {
  for (const Helper& helper : helpers_)
    if (helper.pid > 0) shutdown(helper.channel.get(), SHUT_RDWR);
  for (Helper& helper : helpers_) {
    helper.channel.reset();
    if (helper.pid <= 0) continue;
    if (!ends_within(helper.pid, patience_)) {
      log_error("helper-killed",
                {{"helper", helper.program.name}, {"why", "it did not end with its channel"}});
      kill(helper.pid, SIGKILL);
    }
    waitpid(helper.pid, nullptr, 0);
    helper.pid = -1;
    // It was not its fault: no growing delays.
  }
  running_ = false;
}

}  // namespace stormdoor::edge
