#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/guarded.hpp"
#include "base/store/store.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::edge {

struct StoreThreadOptions {
  size_t queue_capacity = 4096;  // waiting; one more is answered ResourceExhausted at once
  size_t largest_group = 256;    // committed with one sync
  // Adds to a planned change what it makes necessary, `before` being the registry that it was
  // planned against. Store thread.
  std::function<void(store::Change&, const hotdesk::Registry& before)> complete = {};
  // Every change that became durable, before anybody else sees it. Store thread.
  std::function<void(const store::Change&)> durable = {};
};

// Since the start.
struct StoreThreadCounters {
  uint64_t committed = 0;    // changes that became durable
  uint64_t refused = 0;      // by their planner or, alone, by the store
  uint64_t failed = 0;       // because the disk failed
  uint64_t turned_away = 0;  // the queue was full, or we had stopped
  uint64_t groups = 0;       // commits, each of one or more changes with one sync
  uint64_t largest_group = 0;
  uint64_t commit_microseconds = 0;  // in all groups: writing and syncing
  uint64_t backups = 0;
  uint64_t waiting = 0;  // in the queue, now
};

// Of a change that was not stored: it is wrong by itself. Anything else (the disk, a full queue)
// may pass.
[[nodiscard]] bool is_refusal(const Error& error);

// The one thread that touches the store, and where the registry changes. Takes plans from any
// thread, runs them one after the other, commits what they planned in groups (while one group is
// being synced the next one gathers), publishes the registry that became durable, and then answers.
//
// A plan sees every change that was planned before it, also in the same group, so two plans cannot
// both be right about a state that only one of them can have. Until a group is durable nobody else
// sees it. When the disk fails, the whole group is answered with that, plans that were refused
// included (what they were refused for has not happened), and the next plan sees the last durable
// registry again.
//
// The rooms refuse what the store would refuse. Should the store refuse a single change
// nevertheless, the plans after it in the same group were judged with it in view; those that
// changed nothing are told to try again, the others stand.
//
// Planners, answers and `publish` run on the store thread: quickly, and posting to a loop whatever
// is to happen there. Bounded by `queue_capacity`; a plan holds what its owner captured in it.
class StoreThread {
 public:
  using Planner = std::function<Result<store::Change>(const hotdesk::Registry&)>;
  // The version that the change made, or why it is not in effect. For an empty change: the version
  // that it found.
  using Done = std::function<void(Result<uint64_t>)>;
  using BackupDone = std::function<void(Result<void>)>;
  using DeskLogDone = std::function<void(Result<std::vector<store::DeskLogRecord>>)>;
  using AuditDone = std::function<void(Result<store::AuditPage>)>;
  using Publish = std::function<void(const std::shared_ptr<const hotdesk::Registry>&)>;

  // `loaded` is the registry of what `store` holds; from here on only this thread uses the store.
  StoreThread(std::unique_ptr<store::Store> store, std::shared_ptr<const hotdesk::Registry> loaded,
              Publish publish, StoreThreadOptions options = {});
  ~StoreThread();  // as stop()
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  // Any thread. `done` is called exactly once: on the store thread after the sync; or at once on
  // this one, with ResourceExhausted when the queue is full and Unavailable after stop().
  void submit(Planner planner, Done done);
  void submit(store::Change change, Done done);  // a change that needs no plan, say of blocks
  // Any thread. Holds everything that was submitted before it; answered as submit() is.
  void backup(std::string path, BackupDone done);

  // Any thread. As Store::desk_log(), with everything that was submitted before it; answered as
  // submit() is.
  void desk_log(WallTime since, WallTime until, size_t most, DeskLogDone done);

  // Any thread. As Store::audit(), in the same way.
  void audit(store::AuditQuery query, AuditDone done);

  // Any thread: the registry as last published.
  [[nodiscard]] std::shared_ptr<const hotdesk::Registry> registry() const;
  [[nodiscard]] StoreThreadCounters counters() const;

  // Finishes and answers what was submitted, closes the store. Not on the store thread.
  void stop();

 private:
  struct Submission {
    Planner planner;
    Done done;
  };
  struct Backup {
    std::string path;
    BackupDone done;
  };
  struct DeskLog {
    WallTime since, until;
    size_t most = 0;
    DeskLogDone done;
  };
  struct Audit {
    store::AuditQuery query;
    AuditDone done;
  };
  using Job = std::variant<Submission, Backup, DeskLog, Audit>;
  struct Planned;

  Result<void> enqueue(Job& job);
  std::vector<Job> next_jobs();  // empty: stopped, and nothing is left
  void run();
  void run_backup(const Backup& backup);
  void run_group(std::vector<Job>& jobs);
  Planned plan(Submission& submission, std::vector<store::Change>& changes);
  std::vector<Result<void>> commit(const std::vector<store::Change>& changes);
  void settle(std::vector<Planned>& planned, const std::vector<store::Change>& changes,
              const std::vector<Result<void>>& committed);
  void publish_durable();
  void count(const std::vector<Planned>& planned);

  const StoreThreadOptions options_;
  const Publish publish_;
  std::unique_ptr<store::Store> store_;               // the store thread's
  std::shared_ptr<const hotdesk::Registry> durable_;  // the store thread's
  std::shared_ptr<const hotdesk::Registry> head_;     // the store thread's: with what is planned
  Guarded<std::shared_ptr<const hotdesk::Registry>> published_;
  Guarded<StoreThreadCounters> counters_;

  mutable std::mutex mutex_;  // of the two below
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::condition_variable wake_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace stormdoor::edge
