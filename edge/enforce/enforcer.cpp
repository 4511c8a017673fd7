#include "edge/enforce/enforcer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stormdoor::edge::enforce {

Result<Enforcer> Enforcer::start(Kernel kernel, SteadyTime now, size_t most_read) {
  Enforcer enforcer(std::move(kernel));
  const auto sets = TRY(enforcer.kernel_.sets());
  Kernel::Found found;
  TRY(enforcer.kernel_.read(sets, now, most_read, found));
  if (!found.whole) {
    enforcer.unread_ = true;
    enforcer.report_.adopted = most_read;
    return enforcer;
  }
  TRY_WHILE("remove what no order could have made", enforcer.kernel_.remove_strange(found));
  enforcer.contents_ = std::move(found.contents);
  enforcer.report_.adopted =
      enforcer.contents_.size() - enforcer.contents_.count(SetKind::ContestedRate);
  return enforcer;
}

// ---- orders ----

void Enforcer::take(EnforceOrder order, SteadyTime now) {
  if (auto* batch = std::get_if<EnforceBatch>(&order)) take_one(*batch, now);
  if (auto* flows = std::get_if<EnforceFlows>(&order)) take_one(*flows, now);
  if (auto* sync = std::get_if<EnforceSync>(&order)) take_one(*sync, now);
}

void Enforcer::take_one(EnforceBatch& batch, SteadyTime now) {
  if (refuse_beyond_bound(batch.ops.size(), batch.sequence)) return;
  for (const auto& [op, element] : batch.ops)
    for (const auto& entry : entries_of(element))
      change(entry, op == EnforceOp::Add ? std::optional(expiry_of(element.timeout_seconds, now))
                                         : std::nullopt);
  waiting_.push_back({batch.sequence, now});
}

void Enforcer::take_one(EnforceFlows& flows, SteadyTime now) {
  if (refuse_beyond_bound(flows.ops.size(), flows.sequence)) return;
  for (const auto& [op, flow] : flows.ops)
    change(Entry::of(flow), op == EnforceOp::Add
                                ? std::optional(expiry_of(flow.timeout_seconds, now))
                                : std::nullopt);
  waiting_.push_back({flows.sequence, now});
}

void Enforcer::take_one(EnforceSync& sync, SteadyTime now) {
  if (sync.stage == EnforceSync::Stage::Begin) staging_ = Staging{sync.generation, {}, {}};
  if (!staging_ || staging_->generation != sync.generation) return;  // of one that was given up
  stage(sync, now);
  if (sync.stage == EnforceSync::Stage::End) finish_sync(now);
}

void Enforcer::change(const Entry& entry, std::optional<SteadyTime> expiry) {
  pending_.insert_or_assign(entry, expiry);
  if (!staging_) return;
  staging_->overridden.insert(entry);
  if (expiry)
    staging_->intended.set(entry, *expiry);
  else
    staging_->intended.erase(entry);
}

bool Enforcer::refuse_beyond_bound(size_t more, uint64_t sequence) {
  // A contested element is two entries.
  if (contents_.size() + pending_.size() + 2 * more <= kMostEntries) return false;
  problem(Error(ErrorCode::ResourceExhausted,
                fmt::format("the kernel's sets already hold {} elements; no more are added",
                            contents_.size())),
          sequence);
  return true;
}

void Enforcer::stage(const EnforceSync& sync, SteadyTime now) {
  const auto put = [&](const Entry& entry, uint32_t timeout_seconds) {
    if (staging_->intended.size() < kMostEntries && !staging_->overridden.contains(entry))
      staging_->intended.set(entry, expiry_of(timeout_seconds, now));
  };
  for (const auto& element : sync.elements)
    for (const auto& entry : entries_of(element)) put(entry, element.timeout_seconds);
  for (const auto& flow : sync.flows) put(Entry::of(flow), flow.timeout_seconds);
}

void Enforcer::finish_sync(SteadyTime now) {
  flush(now);
  auto staging = std::exchange(staging_, std::nullopt);
  if (!settings_) return problem(Error(ErrorCode::Conflict, "a sync came before any settings"));
  const auto done = unread_ ? replace_unread(std::move(staging->intended), now)
                            : make_equal(staging->intended, now);
  if (!done) {
    repair_needed_ = true;
    return problem(done.error().while_doing("reconcile"));
  }
  auto report = this->report();
  report.generation = staging->generation;
  news_.emplace_back(report);
}

// ---- the kernel ----

Result<void> Enforcer::load(const EnforceSettings& settings, bool queue_usable, SteadyTime now) {
  const bool queue = settings.use_queue && queue_usable;
  auto layout = layout_ ? layout_->with(settings, queue) : Layout(settings, queue);
  for (const auto& [entry, expiry] : contents_.entries()) layout.add(entry);
  if (unread_)
    for (const auto& set : TRY(kernel_.sets())) layout.keep(set);
  auto old_settings = std::exchange(settings_, settings);
  const bool old_queue = std::exchange(queue_in_use_, queue);
  if (auto done = replace_rules(layout, now); !done) {
    settings_ = std::move(old_settings);
    queue_in_use_ = old_queue;
    return done;
  }
  layout_ = std::move(layout);
  return {};
}

// The old rules stay in force until the last step, and what the new ones look at is complete by
// then: there is no moment without either.
Result<void> Enforcer::replace_rules(const Layout& layout, SteadyTime now) {
  auto before = TRY(kernel_.sets());
  if (!kernel_.run(frame_text(layout))) {
    // A set or chain of our name that is not ours: nothing of it can be kept.
    TRY(kernel_.remove_table());
    before.clear();
    TRY(kernel_.run(frame_text(layout)));
  }
  TRY(fill_new_sets(layout, before, now));
  if (queue_in_use_) TRY(kernel_.ask_queue(settings_->queue_number));
  std::erase_if(before, [&](const SetId& set) { return layout.sets().contains(set); });
  return kernel_.run(rules_text(*settings_, layout, queue_in_use_, before));
}

Result<void> Enforcer::fill_new_sets(const Layout& layout, const std::vector<SetId>& before,
                                     SteadyTime now) {
  Changes changes;
  for (const auto& [entry, expiry] : contents_.entries())
    if (std::ranges::find(before, layout.set_of(entry)) == before.end())
      changes.emplace(entry, expiry);
  const Contents nothing;
  return kernel_.apply(changes, layout, &nothing, now);
}

// Prefixes of a length that no set is for: their set and its rule come first.
Result<void> Enforcer::extend_layout(const Changes& changes, SteadyTime now) {
  auto layout = *layout_;
  bool grown = false;
  for (const auto& [entry, expiry] : changes) grown = layout.add(entry) || grown;
  if (!grown) return {};
  TRY(replace_rules(layout, now));
  layout_ = std::move(layout);
  return {};
}

Result<void> Enforcer::apply(const Changes& changes, SteadyTime now) {
  TRY(extend_layout(changes, now));
  TRY(kernel_.apply(changes, *layout_, unread_ ? nullptr : &contents_, now));
  contents_.apply(changes);
  return {};
}

void Enforcer::flush(SteadyTime now) {
  if (waiting_.empty()) return;
  const auto changes = std::exchange(pending_, {});
  const auto waiting = std::exchange(waiting_, {});
  Result<void> done = Error(ErrorCode::Conflict, "orders came before any settings");
  if (settings_) {
    done = apply(changes, now);
    if (!done) {  // somebody has removed our table: make it again, then once more
      repair_needed_ = true;
      check(now);
      done = apply(changes, now);
    }
  }
  const auto ended = read_clocks().steady;
  for (const auto& [sequence, since] : waiting) {
    if (!done) {
      problem(done.error(), sequence);
      continue;
    }
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(ended - since).count();
    news_.emplace_back(
        EnforceApplied{sequence, uint32_t(std::clamp<int64_t>(took, 0, UINT32_MAX))});
  }
}

void Enforcer::check(SteadyTime now) {
  contents_.expire(now);
  const auto changed = kernel_.changed_by_others();
  if (!changed) return problem(changed.error());
  if (!*changed && !repair_needed_) return;
  repair_needed_ = true;
  if (!settings_) return;
  if (unread_) {  // the first sync replaces all of it
    const auto done = replace_rules(*layout_, now);
    repair_needed_ = !done;
    if (!done) problem(done.error().while_doing("mend the kernel's rules"));
    return;
  }
  if (const auto done = make_equal(contents_, now); !done)
    return problem(done.error().while_doing("mend the kernel's sets"));
  if (report_.missing + report_.foreign > 0) news_.emplace_back(report());
}

// What the rules look at is complete throughout: the old contents, then the new ones.
Result<void> Enforcer::replace_unread(Contents intended, SteadyTime now) {
  auto layout = *layout_;
  for (const auto& [entry, expiry] : intended.entries()) layout.add(entry);
  TRY(replace_rules(layout, now));
  layout_ = std::move(layout);
  TRY(kernel_.replace(intended, *layout_, now));
  contents_ = std::move(intended);
  unread_ = repair_needed_ = false;
  const auto settings = *settings_;
  return load(settings, queue_in_use_, now);  // without the sets of earlier rates
}

// Makes the kernel hold exactly this, and counts what had to be done for it.
Result<void> Enforcer::make_equal(const Contents& intended, SteadyTime now) {
  const bool touched = TRY(kernel_.changed_by_others()) || repair_needed_;
  if (!touched) {
    const auto found = difference(contents_, intended, now);
    TRY(apply(found.changes, now));
    count(found.missing, found.foreign);
    return {};
  }
  repair_needed_ = true;
  const std::vector<SetId> sets(layout_->sets().begin(), layout_->sets().end());
  Kernel::Found kernel;
  TRY(kernel_.read(sets, now, SIZE_MAX, kernel));
  const auto found = difference(kernel.contents, intended, now);
  auto wanted = intended;
  contents_ = std::move(kernel.contents);
  if (auto done = mend(found, kernel, now); !done) {
    contents_ = std::move(wanted);  // what to try again for
    return done;
  }
  count(found.missing, found.foreign + uint32_t(kernel.strange.size()));
  repair_needed_ = false;
  return {};
}

Result<void> Enforcer::mend(const Difference& found, const Kernel::Found& kernel, SteadyTime now) {
  TRY(kernel_.remove_strange(kernel));
  TRY(replace_rules(*layout_, now));
  return apply(found.changes, now);
}

void Enforcer::count(uint32_t missing, uint32_t foreign) {
  report_.missing = missing;
  report_.foreign = foreign;
  report_.missing_ever += missing;
  report_.foreign_ever += foreign;
}

EnforceReport Enforcer::report() const {
  auto report = report_;
  for (size_t set = 0; set < kEnforceSets; ++set)
    report.elements[set] = contents_.count(SetKind(set));
  report.flows = contents_.count(SetKind::Flows);
  report.queue_in_use = queue_in_use_;
  return report;
}

void Enforcer::problem(const Error& error, uint64_t sequence) {
  news_.emplace_back(EnforceProblem{error.message(), sequence});
}

}  // namespace stormdoor::edge::enforce
