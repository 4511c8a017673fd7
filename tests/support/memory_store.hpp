#pragma once

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/store/store.hpp"
#include "tests/support/contents_model.hpp"

namespace stormdoor::test {

// A Store that lasts as long as the test. Checks nothing; fails when told to.
class MemoryStore final : public store::Store {
 public:
  Result<store::Contents> load() override { return model_.contents(); }

  std::vector<Result<void>> commit(std::span<const store::Change> changes) override {
    if (before_commit) before_commit(changes);
    if (auto failure = std::exchange(fail_next_commit, {}))
      return std::vector<Result<void>>(changes.size(), Result<void>(*failure));
    std::vector<Result<void>> answers;
    for (const store::Change& change : changes) {
      if (refuse && refuse(change)) {
        answers.emplace_back(Error(ErrorCode::Conflict, "refused by the test"));
        continue;
      }
      model_.apply(change);
      answers.emplace_back();
      if (follower_) follower_(change, model_.version());
    }
    return answers;
  }

  Result<std::vector<store::DeskLogRecord>> desk_log(WallTime since, WallTime until,
                                                     size_t most) override {
    return model_.desk_log(since, until, most);
  }

  Result<store::AuditPage> audit(const store::AuditQuery& query) override {
    return model_.audit(query);
  }

  void follow(Follower follower) override { follower_ = std::move(follower); }
  Result<void> backup(const std::string& path) override {
    backups.push_back(path);
    return {};
  }

  // On the committing thread; may block.
  std::function<void(std::span<const store::Change>)> before_commit;
  std::optional<Error> fail_next_commit;
  std::function<bool(const store::Change&)> refuse;
  std::vector<std::string> backups;

 private:
  ContentsModel model_;
  Follower follower_;
};

}  // namespace stormdoor::test
