#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "acl/binding_table.hpp"
#include "acl/guard.hpp"
#include "acl/story_of.hpp"
#include "base/clock.hpp"
#include "base/crypto/crypto.hpp"
#include "base/unique_fd.hpp"
#include "edge/call_book.hpp"
#include "edge/control_server.hpp"
#include "edge/event_feed.hpp"
#include "edge/misplaced.hpp"
#include "edge/phone_activity.hpp"
#include "edge/restarter.hpp"
#include "hotdesk/directory.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::edge {

class PbxHandover;

// What administrators' commands work on: the registry and its changes, the guard, the events, the
// phones' latest doings. The daemon implements it; commands know no more of the daemon than this.
// Main thread only; callbacks come back on the main thread.
class Office {
 public:
  using Plan = std::function<Result<store::Change>(const hotdesk::Registry&)>;
  using Done = std::function<void(const Result<void>&)>;

  virtual ~Office() = default;

  [[nodiscard]] virtual Now now() const = 0;
  [[nodiscard]] virtual const std::shared_ptr<const hotdesk::Registry>& registry() const = 0;
  // Plans against the latest registry, commits, publishes to every worker; then `done`. An empty
  // change is done at once.
  // What a command of somebody plans at once (not later, in a callback) is audited.
  virtual void change(Plan plan, Done done) = 0;
  // A plan that will be audited as the running command's, whenever it is submitted.
  [[nodiscard]] virtual Plan audited(Plan plan) { return plan; }
  [[nodiscard]] virtual const hotdesk::Tools& tools() const = 0;

  [[nodiscard]] virtual acl::Guard& guard() = 0;
  [[nodiscard]] virtual const acl::BindingTable& bindings() const = 0;
  [[nodiscard]] virtual EventFeed& events() = 0;
  [[nodiscard]] virtual const PhoneActivity& activity() const = 0;
  [[nodiscard]] virtual Misplaced& misplaced() = 0;
  [[nodiscard]] virtual Restarter& restarter() = 0;
  [[nodiscard]] virtual const PhoneRestart* restart_of(const MacAddress& mac) const = 0;

  // The last `most` events of the journal since then about somebody (nobody named: about anybody),
  // oldest first. Unavailable: too many ask at once, or the journal cannot be read.
  virtual void history(acl::Subject about, WallTime since, size_t most,
                       std::function<void(const Result<std::vector<acl::JournalEvent>>&)> done) = 0;

  // As Store::desk_log().
  virtual void desk_log(
      WallTime since, WallTime until, size_t most,
      std::function<void(const Result<std::vector<store::DeskLogRecord>>&)> done) = 0;
  // As Store::audit().
  virtual void audit(const store::AuditQuery& query,
                     std::function<void(const Result<store::AuditPage>&)> done) = 0;
  // On a thread of its own, as it takes long. Unavailable: too many wait.
  virtual void hash_password(Secret password, std::function<void(Result<std::string>)> done) = 0;
  // Runs on a thread that may take its time; what that returns runs on the main thread afterwards.
  // False: too many wait.
  using Afterwards = std::function<void()>;
  virtual bool aside(std::function<Afterwards()> work) = 0;
  // The configuration's own file, and the journal's directory.
  [[nodiscard]] virtual std::string config_file() const = 0;
  [[nodiscard]] virtual std::string journal_directory() const = 0;
  // Where phones reach us: provisioning.base_url, may be empty.
  [[nodiscard]] virtual std::string base_url() const = 0;

  virtual void write_down(const acl::JournalEvent& event) = 0;

  // A consistent copy of the database as an open file without a name.
  virtual void backup(std::function<void(Result<UniqueFd>)> done) = 0;
  // Reads the configuration again: what changed and what needs a restart, or every error.
  virtual void reload(std::function<void(Result<nlohmann::json>)> done) = 0;
  [[nodiscard]] virtual nlohmann::json status() = 0;
  // The files of a phone as it would get them, secrets masked, and where each value comes from.
  [[nodiscard]] virtual Result<nlohmann::json> rendered(const MacAddress& mac) = 0;
  // Whether the PBX has a change as well; nullptr: nothing is handed over to it.
  [[nodiscard]] virtual PbxHandover* handover() { return nullptr; }
  // What keeps a phone as it is: a call, or that an emergency service may call back.
  [[nodiscard]] virtual std::optional<PhoneHold> hold_of(const MacAddress& mac) const = 0;
};

// A change that was done, as an event and a log line with who made it.
void note_change(Office& office, const Responder& responder, const std::string& sentence);
// What a command did that changes nothing stored, for the audit log.
void note_deed(Office& office, const Responder& responder, const std::string& action,
               const std::string& about);
// The usual end of a change: the sentence, or why not; and an event, with who made it, for whoever
// follows. `goes_on`: further answers follow, if it was done.
[[nodiscard]] Office::Done answer_with(Office& office, const Responder& responder,
                                       std::string sentence, bool goes_on = false);

}  // namespace stormdoor::edge
