#include "edge/pbx_handover.hpp"

#include <algorithm>
#include <utility>

#include "hotdesk/pbx_accounts.hpp"

namespace stormdoor::edge {

PbxHandover::PbxHandover(loop::EventLoop& loop, std::unique_ptr<PbxTarget> target, Tell tell)
    : loop_(loop),
      tell_(std::move(tell)),
      retry_(loop, [this] { go_on(); }),
      self_(std::make_shared<PbxHandover*>(this)),
      target_(std::move(target)) {}

PbxHandover::~PbxHandover() {
  *self_ = nullptr;
  stop_ = true;
}

void PbxHandover::publish(std::shared_ptr<const hotdesk::Registry> registry) {
  registry_ = std::move(registry);
  state_.want(registry_->version(), loop_.now().wall);
  go_on();
}

void PbxHandover::go_on() {
  const SteadyTime now = loop_.now().steady;
  if (!state_.begin(now)) {
    if (!state_.under_way() && state_.retry_at())
      retry_.start_once(
          std::max(milliseconds(1), std::chrono::ceil<milliseconds>(*state_.retry_at() - now)));
    return;
  }
  const bool taken = thread_.run([this, registry = registry_, self = self_] {
    const auto accounts = hotdesk::pbx_accounts(*registry);
    const auto result = target_->apply(accounts, stop_);
    // On the loop's thread, where we are destroyed as well.
    loop_.post([self, result, version = registry->version()] {
      if (*self != nullptr) (*self)->ended(version, result);
    });
  });
  STORMDOOR_CHECK(taken, "there is one attempt at a time");
}

void PbxHandover::ended(uint64_t version, const Result<void>& result) {
  const auto news = state_.ended(result, loop_.now());
  if (news != HandoverState::News::None) tell_(state_.trouble());
  // Those who wait may ask again.
  const auto told = std::ranges::stable_partition(
      waiting_, [&](const Waiting& waiting) { return waiting.version > version; });
  std::vector<Waiting> ready(std::make_move_iterator(told.begin()),
                             std::make_move_iterator(told.end()));
  waiting_.erase(told.begin(), told.end());
  go_on();
  for (const auto& waiting : ready) waiting.then(result);
}

void PbxHandover::when_in_effect(uint64_t version, Then then) {
  if (in_effect(version)) return then({});
  if (waiting_.size() >= kMostWaiting)
    return then(Error(ErrorCode::ResourceExhausted, "too many wait for the PBX"));
  waiting_.push_back({version, std::move(then)});
}

}  // namespace stormdoor::edge
