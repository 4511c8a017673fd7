#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "base/store/records.hpp"
#include "hotdesk/problems.hpp"
#include "hotdesk/registry.hpp"

namespace stormdoor::hotdesk {

// A change in the making: the operations so far, and the registry as it will be once they are
// committed. Use cases append to it, so several become one change that is committed whole, and each
// sees what those before it did. Holds for the registry it began with only: whoever commits plans
// and commits one change after the other (the store thread does). Used by one thread.
class Draft {
 public:
  explicit Draft(const Registry& registry);

  // With everything appended so far.
  [[nodiscard]] const Registry& registry() const { return *registry_; }
  void append(store::Operation operation);

  [[nodiscard]] const store::Change& change() const { return change_; }
  [[nodiscard]] store::Change take() && { return std::move(change_); }

  // Runs `use_case` (a callable that returns Problems); if there are any, the draft is as before.
  template <typename UseCase>
  Problems attempt(UseCase&& use_case) {
    const auto registry = registry_;
    const size_t operations = change_.operations.size();
    Problems problems = std::forward<UseCase>(use_case)();
    if (!problems.none()) {
      registry_ = registry;
      change_.operations.resize(operations, store::EraseUser{});
    }
    return problems;
  }

 private:
  std::shared_ptr<const Registry> registry_;
  store::Change change_;
};

// The change that one use case makes, or why it is refused:
//   const store::Change change = TRY(plan(registry, set_user, "2041", edit, tools));
// It may be empty: then nothing needs to be committed.
template <typename UseCase, typename... Arguments>
Result<store::Change> plan(const Registry& registry, UseCase&& use_case, Arguments&&... arguments) {
  Draft draft(registry);
  const Problems problems =
      std::invoke(std::forward<UseCase>(use_case), draft, std::forward<Arguments>(arguments)...);
  if (!problems.none()) return problems.error();
  return std::move(draft).take();
}

}  // namespace stormdoor::hotdesk
