#include "edge/store_thread.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace stormdoor::edge {

using hotdesk::Registry;

// A submission on its way to its answer.
struct StoreThread::Planned {
  Done done;
  Result<uint64_t> answer;
  std::optional<size_t> place;  // of its change in the group; none: refused, or nothing to change
  bool disk_failed = false;
};

namespace {

Error judged_too_early() {
  return {ErrorCode::Unavailable,
          "it was judged by an earlier change that then could not be stored; try again"};
}

}  // namespace

bool is_refusal(const Error& error) {
  return error.code() == ErrorCode::Conflict || error.code() == ErrorCode::InvalidArgument;
}

StoreThread::StoreThread(std::unique_ptr<store::Store> store,
                         std::shared_ptr<const Registry> loaded, Publish publish,
                         StoreThreadOptions options)
    : options_(options),
      publish_(std::move(publish)),
      store_(std::move(store)),
      durable_(loaded),
      head_(loaded),
      published_(loaded),
      thread_([this] { run(); }) {}

StoreThread::~StoreThread() {
  stop();
}

void StoreThread::submit(Planner planner, Done done) {
  Job job = Submission{std::move(planner), std::move(done)};
  if (const auto queued = enqueue(job); !queued) std::get<Submission>(job).done(queued.error());
}

void StoreThread::submit(store::Change change, Done done) {
  // Run once: the thread may take the change out of it.
  submit([change = std::move(change)](
             const Registry&) mutable -> Result<store::Change> { return std::move(change); },
         std::move(done));
}

void StoreThread::backup(std::string path, BackupDone done) {
  Job job = Backup{std::move(path), std::move(done)};
  if (const auto queued = enqueue(job); !queued) std::get<Backup>(job).done(queued.error());
}

void StoreThread::desk_log(WallTime since, WallTime until, size_t most, DeskLogDone done) {
  Job job = DeskLog{since, until, most, std::move(done)};
  if (const auto queued = enqueue(job); !queued) std::get<DeskLog>(job).done(queued.error());
}

void StoreThread::audit(store::AuditQuery query, AuditDone done) {
  Job job = Audit{std::move(query), std::move(done)};
  if (const auto queued = enqueue(job); !queued) std::get<Audit>(job).done(queued.error());
}

// Takes the job only if there is room for it.
Result<void> StoreThread::enqueue(Job& job) {
  std::optional<Error> turned_away;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_)
      turned_away = Error(ErrorCode::Unavailable, "the store has stopped");
    else if (queue_.size() >= options_.queue_capacity)
      turned_away = Error(ErrorCode::ResourceExhausted,
                          "too many changes are waiting for the disk; try again in a moment");
    else
      queue_.push_back(std::move(job));
  }
  if (!turned_away) {
    wake_.notify_one();
    return {};
  }
  counters_.with([](StoreThreadCounters& c) { ++c.turned_away; });
  return *turned_away;
}

std::shared_ptr<const Registry> StoreThread::registry() const {
  return published_.with([](const auto& registry) { return registry; });
}

StoreThreadCounters StoreThread::counters() const {
  StoreThreadCounters counters = counters_.with([](const auto& c) { return c; });
  const std::lock_guard lock(mutex_);
  counters.waiting = queue_.size();
  return counters;
}

void StoreThread::stop() {
  STORMDOOR_CHECK(std::this_thread::get_id() != thread_.get_id(), "it would wait for itself");
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// A group of submissions, or one of the others.
std::vector<StoreThread::Job> StoreThread::next_jobs() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  std::vector<Job> jobs;
  while (!queue_.empty() && jobs.size() < options_.largest_group) {
    const bool alone = !std::holds_alternative<Submission>(queue_.front());
    if (alone && !jobs.empty()) break;
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (alone) break;
  }
  return jobs;
}

void StoreThread::run() {
  for (auto jobs = next_jobs(); !jobs.empty(); jobs = next_jobs()) {
    if (const auto* backup = std::get_if<Backup>(&jobs.front()))
      run_backup(*backup);
    else if (const auto* log = std::get_if<DeskLog>(&jobs.front()))
      log->done(store_->desk_log(log->since, log->until, log->most));
    else if (const auto* audit = std::get_if<Audit>(&jobs.front()))
      audit->done(store_->audit(audit->query));
    else
      run_group(jobs);
  }
  store_.reset();  // here: closing writes, too
}

void StoreThread::run_backup(const Backup& backup) {
  auto done = store_->backup(backup.path);
  if (done) counters_.with([](StoreThreadCounters& c) { ++c.backups; });
  backup.done(std::move(done));
}

void StoreThread::run_group(std::vector<Job>& jobs) {
  std::vector<Planned> planned;
  std::vector<store::Change> changes;
  planned.reserve(jobs.size());
  for (Job& job : jobs) planned.push_back(plan(std::get<Submission>(job), changes));
  if (!changes.empty()) settle(planned, changes, commit(changes));
  count(planned);
  for (Planned& p : planned) p.done(std::move(p.answer));
}

StoreThread::Planned StoreThread::plan(Submission& submission,
                                       std::vector<store::Change>& changes) {
  Planned planned{std::move(submission.done), head_->version(), {}};
  auto change = submission.planner(*head_);
  if (!change) {
    planned.answer = std::move(change).error();
  } else if (!change->operations.empty()) {
    if (options_.complete) options_.complete(*change, *head_);
    head_ = head_->with(*change, head_->version() + 1);
    planned.place = changes.size();
    changes.push_back(*std::move(change));
  }
  return planned;
}

std::vector<Result<void>> StoreThread::commit(const std::vector<store::Change>& changes) {
  const auto before = std::chrono::steady_clock::now();
  auto committed = store_->commit(changes);
  const auto took = std::chrono::steady_clock::now() - before;
  STORMDOOR_CHECK(committed.size() == changes.size(), "a store answers every change");
  counters_.with([&](StoreThreadCounters& c) {
    ++c.groups;
    c.largest_group = std::max(c.largest_group, uint64_t{changes.size()});
    c.commit_microseconds +=
        uint64_t(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  });
  return committed;
}

// Turns what the store said into answers and the durable registry.
void StoreThread::settle(std::vector<Planned>& planned, const std::vector<store::Change>& changes,
                         const std::vector<Result<void>>& committed) {
  auto durable = durable_;
  std::optional<Error> failed;  // the first that failed in this group
  for (Planned& p : planned) {
    if (!p.place) {
      if (failed) p.answer = is_refusal(*failed) ? judged_too_early() : *failed;
      p.disk_failed = failed.has_value();
    } else if (const auto& stored = committed[*p.place]; stored) {
      durable = durable->with(changes[*p.place], durable->version() + 1);
      if (options_.durable) options_.durable(changes[*p.place]);
      p.answer = durable->version();
    } else {
      p.answer = stored.error();
      p.disk_failed = !is_refusal(stored.error());
      if (!failed) failed = stored.error();
    }
  }
  const bool changed = durable != durable_;
  durable_ = failed ? durable : head_;  // the same, but what plans saw keeps its addresses
  head_ = durable_;
  if (changed) publish_durable();
}

void StoreThread::publish_durable() {
  published_.with([this](auto& registry) { registry = durable_; });
  if (publish_) publish_(durable_);
}

void StoreThread::count(const std::vector<Planned>& planned) {
  counters_.with([&](StoreThreadCounters& c) {
    for (const Planned& p : planned) {
      if (p.disk_failed)
        ++c.failed;
      else if (!p.answer)
        ++c.refused;
      else if (p.place)
        ++c.committed;
    }
  });
}

}  // namespace stormdoor::edge
