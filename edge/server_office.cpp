// What administrators' commands ask of the server: changes, backup, one phone's files.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "acl/journal_reader.hpp"
#include "base/crypto/password_hash.hpp"
#include "base/log.hpp"
#include "edge/audit.hpp"
#include "edge/history.hpp"
#include "edge/server.hpp"
#include "hotdesk/phone_view.hpp"
#include "tftp-http/rendered_phone.hpp"

namespace stormdoor::edge {

Office::Plan Server::audited(Plan plan) {
  if (!acting_) return plan;
  return [plan = std::move(plan), acting = *acting_,
          time = now().wall](const hotdesk::Registry& before) -> Result<store::Change> {
    if (acting.check) TRY(acting.check(before));
    store::Change change = TRY(plan(before));
    append_audit(change, before, acting.by, acting.action, time);
    return change;
  };
}

void Server::change(Plan plan, Done done) {
  store_->submit(audited(std::move(plan)),
                 [this, done = std::move(done)](const Result<uint64_t>& committed) {
                   loop_.post([this, done, committed] {
                     store_trouble_.clear();
                     if (!committed) {
                       if (committed.error().code() == ErrorCode::Unavailable)
                         store_trouble_ = committed.error().message();
                       return done(committed.error());
                     }
                     when_published([this, done] {
                       done({});
                       enforce_changes();
                     });
                   });
                 });
}

// Runs `then` once every worker serves from what was published before: what an administrator was
// told is done is what phones get from then on.
void Server::when_published(std::function<void()> then) {
  if (workers_.empty()) return then();
  const auto missing = std::make_shared<size_t>(workers_.size());
  for (const auto& worker : workers_)
    worker->ping([this, missing, then] {
      loop_.post([missing, then] {
        if (--*missing == 0) then();
      });
    });
}

void Server::publish() {
  for (const auto& worker : workers_) worker->publish(view_);
  hand_over();
}

// The copy is made beside the database, opened and unlinked: the client gets the open file and
// writes the bytes where the administrator may write.
void Server::backup(std::function<void(Result<UniqueFd>)> done) {
  const std::string path = StatePaths(config_.startup).data + "/backup-for-the-shell.db";
  unlink(path.c_str());  // of a daemon that was killed in the middle
  store_->backup(path, [this, path, done = std::move(done)](const Result<void>& made) {
    auto copy = std::make_shared<Result<UniqueFd>>(UniqueFd());
    if (!made) {
      *copy = made.error();
    } else {
      UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
      const int failure = errno;
      unlink(path.c_str());
      if (file.valid())
        *copy = std::move(file);
      else
        *copy = system_error("open the copy", failure);
    }
    loop_.post([done, copy] { done(std::move(*copy)); });
  });
}

void Server::history(acl::Subject about, WallTime since, size_t most,
                     std::function<void(const Result<std::vector<acl::JournalEvent>>&)> done) {
  keep_journal();  // so that the latest can be read
  const auto read = [this, about = std::move(about), since, most, done,
                     directory = StatePaths(config_.startup).journal] {
    const bool anybody = is_anybody(about);
    auto events = acl::latest_events(directory, since, most, [&](const acl::JournalEvent& event) {
      return anybody || acl::is_about(event, about);
    });
    loop_.post([done, events = std::move(events)] { done(events); });
  };
  if (!readers_.run(read))
    done(Error(ErrorCode::Unavailable, "too many look into the journal; try again in a while"));
}

void Server::desk_log(WallTime since, WallTime until, size_t most,
                      std::function<void(const Result<std::vector<store::DeskLogRecord>>&)> done) {
  store_->desk_log(since, until, most,
                   [this, done = std::move(done)](Result<std::vector<store::DeskLogRecord>> rows) {
                     loop_.post([done, rows = std::move(rows)] { done(rows); });
                   });
}

void Server::audit(const store::AuditQuery& query,
                   std::function<void(const Result<store::AuditPage>&)> done) {
  store_->audit(query, [this, done = std::move(done)](Result<store::AuditPage> page) {
    loop_.post([done, page = std::move(page)] { done(page); });
  });
}

void Server::hash_password(Secret password, std::function<void(Result<std::string>)> done) {
  const auto job = [this, password = std::move(password), done] {
    loop_.post([done, hash = crypto::hash_password(password)] { done(hash); });
  };
  if (!passwords_.run(job))
    done(Error(ErrorCode::Unavailable, "too many passwords are being set; try again in a moment"));
}

bool Server::aside(std::function<Afterwards()> work) {
  return replays_.run([this, work = std::move(work)] { loop_.post(work()); });
}

Result<nlohmann::json> Server::rendered(const MacAddress& mac) {
  const auto view = hotdesk::view_of(*view_.registry, mac);
  const auto phone = TRY(http::render_phone(*view_.profiles, view, true));
  nlohmann::json values = nlohmann::json::array();
  for (const auto& used : phone.used)
    values.push_back(
        {{"name", used.name}, {"value", used.value}, {"layer", http::to_string(used.layer)}});
  return nlohmann::json{{"mac", mac.to_string()},
                        {"kind", phone.kind},
                        {"files",
                         {{{"name", fmt::format("{} configuration, {}", phone.vendor, phone.kind)},
                           {"template", fmt::format("{}, from {}", phone.template_name,
                                                    http::to_string(phone.template_layer))},
                           {"text", phone.text}}}},
                        {"values", std::move(values)}};
}

}  // namespace stormdoor::edge
