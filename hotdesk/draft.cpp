#include "hotdesk/draft.hpp"

namespace stormdoor::hotdesk {

Draft::Draft(const Registry& registry) : registry_(std::make_shared<const Registry>(registry)) {}

void Draft::append(store::Operation operation) {
  store::Change one;
  one.operations.push_back(std::move(operation));
  registry_ = registry_->with(one, registry_->version());
  change_.operations.push_back(std::move(one.operations.front()));
}

}  // namespace stormdoor::hotdesk
