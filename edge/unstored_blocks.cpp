#include "edge/unstored_blocks.hpp"

#include <variant>

namespace stormdoor::edge {

bool UnstoredBlocks::note(const store::Change& change) {
  bool all = true;
  const auto note_key = [&](Key key) {
    if (keys_.size() < most_)
      keys_.insert(std::move(key));
    else
      all = all && keys_.contains(key);
  };
  for (const auto& operation : change.operations) {
    if (const auto* put = std::get_if<store::PutBlock>(&operation))
      note_key({put->row.source, put->row.service, put->row.account});
    else if (const auto* erase = std::get_if<store::EraseBlock>(&operation))
      note_key({erase->source, erase->service, erase->account});
  }
  return all;
}

store::Change UnstoredBlocks::take(const acl::Guard& guard, size_t most) {
  store::Change change;
  while (!keys_.empty() && change.operations.size() < most) {
    const Key key = std::move(keys_.extract(keys_.begin()).value());
    auto block = guard.block_to_restore(key.source, acl::Service{key.service}, key.account);
    if (block)
      change.operations.emplace_back(store::PutBlock{*std::move(block)});
    else
      change.operations.emplace_back(store::EraseBlock{key.source, key.service, key.account});
  }
  return change;
}

}  // namespace stormdoor::edge
