// The targets of edge/pbx_target.hpp: Kamailio's SQLite file, an SQL client, Asterisk's file.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <optional>

#include "base/store/foreign_database.hpp"
#include "base/store/private_file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "edge/pbx_target.hpp"
#include "edge/pjsip_file.hpp"
#include "edge/run_command.hpp"
#include "edge/subscriber_sql.hpp"

namespace stormdoor::edge {
namespace {

using hotdesk::PbxAccount;
using Accounts = std::vector<PbxAccount>;

// What SQL targets have in common: what was written last, and what it takes to come from there.
class SubscriberTarget : public PbxTarget {
 public:
  explicit SubscriberTarget(const PbxAccountsConfig& config)
      : terms_{.domain = config.domain,
               .realm = config.realm.empty() ? config.domain : config.realm,
               .passwords = config.passwords} {}

  Result<void> apply(const Accounts& accounts, const std::atomic<bool>& stop) final {
    const auto before = std::exchange(written_, std::nullopt);
    std::string changes;
    if (before) {
      const auto found = hotdesk::difference(*before, accounts);
      if (found.none()) {
        written_ = accounts;
        return {};
      }
      changes = subscriber_sql(found, terms_);
    } else {
      changes = subscriber_sql(accounts, terms_);
    }
    const int64_t there = TRY(write(changes, stop));
    if (there != int64_t(accounts.size()))
      return Error(ErrorCode::Conflict,
                   fmt::format("the table subscriber has {} of the {} accounts as they were "
                               "written; somebody else writes the same rows",
                               there, accounts.size()));
    written_ = accounts;
    return {};
  }

 protected:
  // Carries them out, and says how many accounts are there as they should be.
  virtual Result<int64_t> write(const std::string& changes, const std::atomic<bool>& stop) = 0;
  [[nodiscard]] const SubscriberTerms& terms() const { return terms_; }

 private:
  SubscriberTerms terms_;
  std::optional<Accounts> written_;
};

class KamailioFile final : public SubscriberTarget {
 public:
  explicit KamailioFile(const PbxAccountsConfig& config)
      : SubscriberTarget(config), file_(config.file) {}

 private:
  Result<int64_t> write(const std::string& changes, const std::atomic<bool>&) override {
    return store::apply_to_foreign_database(file_, std::string(subscriber_setup_sql()) + changes,
                                            subscriber_check_sql(terms()));
  }
  std::string file_;
};

class KamailioCommand final : public SubscriberTarget {
 public:
  explicit KamailioCommand(const PbxAccountsConfig& config)
      : SubscriberTarget(config), command_(config.command), patience_(config.command_time) {}

 private:
  Result<int64_t> write(const std::string& changes, const std::atomic<bool>& stop) override {
    const std::string said =
        TRY(run_command(command_, subscriber_script(changes, terms()), patience_, stop));
    if (const auto count = printed_count(said)) return *count;
    return Error(ErrorCode::Unavailable,
                 fmt::format("{} did not print the answer to the last query; expected \"{}\" and "
                             "a number",
                             printable(command_[0], 100), kSubscriberMark));
  }
  // However the client draws its tables: the first number after the mark.
  static std::optional<int64_t> printed_count(std::string_view said) {
    const size_t mark = said.rfind(kSubscriberMark);
    if (mark == std::string_view::npos) return {};
    said.remove_prefix(mark + kSubscriberMark.size());
    const size_t digit = said.find_first_of("0123456789");
    if (digit == std::string_view::npos) return {};
    int64_t count = 0;
    const auto [end, failure] =
        std::from_chars(said.data() + digit, said.data() + said.size(), count);
    if (failure != std::errc{}) return {};
    return count;
  }

  std::vector<std::string> command_;
  milliseconds patience_;
};

constexpr mode_t kForTheGroup = S_IRUSR | S_IWUSR | S_IRGRP;

Result<void> fill(const std::string& path, const std::string& text, std::optional<gid_t> group) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return system_error("write " + path, errno);
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t written = ::write(file.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write " + path, errno);
    rest.remove_prefix(size_t(written));
  }
  // Refused when we are not of that group: then the folder's or ours has to do.
  if (group && fchown(file.get(), uid_t(-1), *group) != 0) errno = 0;
  if (fchmod(file.get(), kForTheGroup) != 0) return system_error("open " + path, errno);
  return {};
}

// The file is replaced whole, so that Asterisk reads the old accounts or the new ones.
class AsteriskFile final : public PbxTarget {
 public:
  explicit AsteriskFile(const PbxAccountsConfig& config)
      : config_(config),
        terms_{.realm = config.realm.empty() ? config.domain : config.realm,
               .passwords = config.passwords,
               .endpoint_template = config.endpoint_template,
               .device_template = config.device_template,
               .aor_template = config.aor_template} {}

  Result<void> apply(const Accounts& accounts, const std::atomic<bool>& stop) override {
    const auto before = std::exchange(written_, std::nullopt);
    const auto found = hotdesk::difference(before.value_or(Accounts()), accounts);
    if (before && found.none()) {
      written_ = accounts;
      return {};
    }
    const std::string text = pjsip_file(accounts, terms_);
    if (!holds(text)) TRY(replace(text));
    // Also when the file was right: whether Asterisk has read it nobody knows after a restart.
    if (!config_.command.empty())
      TRY(run_command(config_.command, names_of(found), config_.command_time, stop));
    written_ = accounts;
    return {};
  }

 private:
  [[nodiscard]] bool holds(const std::string& text) const {
    std::ifstream file(config_.file, std::ios::binary);
    std::string there(text.size() + 1, '\0');
    file.read(there.data(), std::streamsize(there.size()));
    return size_t(file.gcount()) == text.size() && there.starts_with(text);
  }

  [[nodiscard]] Result<void> replace(const std::string& text) const {
    std::optional<gid_t> group;
    struct stat facts{};
    if (stat(config_.file.c_str(), &facts) == 0) group = facts.st_gid;
    const std::string fresh = TRY(store::create_beside(config_.file));
    auto done = fill(fresh, text, group);
    if (done) done = store::sync_and_rename(fresh, config_.file, store::IfExists::Replace);
    if (!done) unlink(fresh.c_str());
    return done;
  }

  // For a command that wants to look whether Asterisk has them.
  static std::string names_of(const hotdesk::PbxDifference& found) {
    std::string text;
    for (const auto& account : found.added) text += "+" + account.account + "\n";
    for (const auto& account : found.changed) text += "+" + account.account + "\n";
    for (const auto& name : found.removed) text += "-" + name + "\n";
    return text;
  }

  PbxAccountsConfig config_;
  PjsipTerms terms_;
  std::optional<Accounts> written_;
};

}  // namespace

std::unique_ptr<PbxTarget> make_pbx_target(const PbxAccountsConfig& config) {
  switch (config.target) {
    case PbxTargetKind::Off:
      break;
    case PbxTargetKind::Kamailio:
      return std::make_unique<KamailioFile>(config);
    case PbxTargetKind::KamailioCommand:
      return std::make_unique<KamailioCommand>(config);
    case PbxTargetKind::Asterisk:
      return std::make_unique<AsteriskFile>(config);
  }
  STORMDOOR_CHECK(false, "nothing is handed over when it is off");
}

}  // namespace stormdoor::edge
