#include "edge/enforcement.hpp"

#include <algorithm>
#include <utility>

namespace stormdoor::edge {
namespace {

// The next part of `all`, from `next` on, as long as an order may be.
template <typename T>
std::vector<T> part_of(const std::vector<T>& all, size_t& next, size_t most) {
  const size_t size = std::min(most, all.size() - next);
  std::vector<T> part(all.begin() + ptrdiff_t(next), all.begin() + ptrdiff_t(next + size));
  next += size;
  return part;
}

template <typename T>
std::vector<T> take_first(std::vector<T>& all, size_t most) {
  size_t next = 0;
  auto part = part_of(all, next, most);
  all.erase(all.begin(), all.begin() + ptrdiff_t(next));
  return part;
}

}  // namespace

Enforcement::Enforcement(loop::EventLoop& loop, EnforceSettings settings, Hooks hooks)
    : settings_(std::move(settings)),
      hooks_(std::move(hooks)),
      link_(
          loop, [this](std::string_view packet) { return on_packet(packet); },
          [this](const Error& error) {
            state_.connected = state_.ready = false;
            hooks_.on_bad(error);
          }) {}

void Enforcement::connect(UniqueFd channel) {
  link_.connect(std::move(channel));
  state_.connected = true;
  state_.ready = false;
  elements_.clear();
  flows_.clear();
  in_flight_ = 0;
  link_.send(encode(EnforceOrder(settings_)));
  sync();
}

void Enforcement::change(EnforceOp op, const EnforceElement& element) {
  if (!link_.connected() || sync_due_) return;
  elements_.push_back({op, element});
  ++state_.changes;
  if (elements_.size() > kMostPending) sync_due_ = true;
}

void Enforcement::change(EnforceOp op, const EnforceFlow& flow) {
  if (!link_.connected() || sync_due_) return;
  flows_.push_back({op, flow});
  ++state_.changes;
  if (flows_.size() > kMostPending) sync_due_ = true;
}

void Enforcement::flush() {
  if (sync_due_ || link_.take_lost()) return sync();
  if (gathering()) return;
  if (!flows_.empty()) {  // first: a flow must not be cut off by the block that spares it
    EnforceFlows order{++sequence_, take_first(flows_, kMostEnforceOps)};
    in_flight_ = sequence_;
    link_.send(encode(EnforceOrder(std::move(order))));
  }
  if (!elements_.empty()) {
    EnforceBatch order{++sequence_, take_first(elements_, kMostEnforceOps)};
    in_flight_ = sequence_;
    link_.send(encode(EnforceOrder(std::move(order))));
  }
}

void Enforcement::sync() {
  if (!link_.connected()) return;
  sync_due_ = false;
  elements_.clear();
  flows_.clear();
  in_flight_ = 0;
  const Contents contents = hooks_.intended();
  ++generation_;
  ++state_.syncs;
  link_.send(encode(EnforceOrder(EnforceSync{generation_, EnforceSync::Stage::Begin, {}, {}})));
  for (size_t next = 0; next < contents.elements.size();)
    link_.send(encode(EnforceOrder(EnforceSync{generation_,
                                               EnforceSync::Stage::Part,
                                               part_of(contents.elements, next, kMostEnforceOps),
                                               {}})));
  for (size_t next = 0; next < contents.flows.size();)
    link_.send(encode(EnforceOrder(EnforceSync{generation_,
                                               EnforceSync::Stage::Part,
                                               {},
                                               part_of(contents.flows, next, kMostEnforceOps)})));
  link_.send(encode(EnforceOrder(EnforceSync{generation_, EnforceSync::Stage::End, {}, {}})));
}

void Enforcement::check(SteadyTime now) {
  state_.connected = link_.connected();
  if (!state_.connected) state_.ready = false;
  link_.check(now);
  if (now < next_sync_ && !sync_due_) return;
  next_sync_ = now + kSyncPeriod;
  sync();
}

Result<void> Enforcement::on_packet(std::string_view packet) {
  const EnforceNews news = TRY(decode_enforce_news(packet));
  std::visit([this](const auto& item) { on(item); }, news);
  return {};
}

void Enforcement::on(const EnforceApplied& applied) {
  state_.last_microseconds = applied.microseconds;
  if (applied.sequence != in_flight_) return;
  in_flight_ = 0;
  flush();
}

void Enforcement::on(const EnforceReport& report) {
  state_.report = report;
  if (report.generation == generation_ && !std::exchange(state_.ready, true)) hooks_.on_ready();
}

void Enforcement::on(const EnforceProblem& problem) {
  ++state_.problems;
  state_.last_problem = problem.text;
  hooks_.on_problem(problem.text);
  if (problem.sequence == 0) return;
  in_flight_ = 0;
  sync_due_ = true;  // by the next check(): what the kernel refuses at once it may refuse again
}

}  // namespace stormdoor::edge
