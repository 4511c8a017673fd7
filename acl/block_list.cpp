#include "acl/block_list.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace stormdoor::acl {
namespace {

constexpr int kMostAtOnce =
    256;  // ended or forgotten in one advance(), so that no lock is held long

constexpr int kMostPassedOver = 8;

// Later than any time we meet; no arithmetic on the clocks' own limits.
constexpr milliseconds kForever = std::chrono::years(200);

SteadyTime later(SteadyTime time, milliseconds by) {
  if (time == SteadyTime::max() || by >= kForever) return SteadyTime::max();
  return time + by;
}

// When what was stored ends. A machine without a clock of its own begins long ago.
SteadyTime end_of(const store::BlockRecord& record, Now now) {
  const WallTime until = std::max(record.until, WallTime{});
  const milliseconds left = until - std::max({record.since, now.wall, WallTime{}});
  return left >= kForever ? SteadyTime::max() : now.steady + left;
}

// Behind whatever is due at the same time; mostly that is the end, without a walk down the tree.
template <typename Order>
auto place_for(const Order& order, SteadyTime due) {
  if (order.empty() || order.rbegin()->first <= due) return order.end();
  return order.upper_bound(due);
}

milliseconds length_of_block(const Limit& limit, uint32_t repeats) {
  const double longest = double(limit.repeat_max.count());
  const double length = double(limit.block_for.count()) * std::pow(limit.repeat_factor, repeats);
  return length < longest ? milliseconds(int64_t(length)) : limit.repeat_max;
}

}  // namespace

BlockList::BlockList(size_t capacity) : capacity_(capacity) {
  STORMDOOR_CHECK(capacity > 0, "a block list without room refuses nobody");
  due_.fill(SteadyTime::max());
}

const BlockList::Block* BlockList::find(const SourceKey& source, Service service, SteadyTime now,
                                        std::string_view account) const {
  if (blocks_.empty() || (!account.empty() && !is_contested(source))) return nullptr;
  const auto found = blocks_.find(KeyView{source, service, account});
  if (found == blocks_.end() || found->second.block.until <= now) return nullptr;
  return &found->second.block;
}

std::vector<const BlockList::Block*> BlockList::accounts_of(const SourceKey& source,
                                                            SteadyTime now) const {
  std::vector<const Block*> all;
  const auto found = accounts_.find(source.prefix.address());
  if (found == accounts_.end()) return all;
  for (const Blocks::value_type* item : found->second)
    if (item->first.source.prefix == source.prefix && item->second.block.until > now)
      all.push_back(&item->second.block);
  return all;
}

size_t BlockList::count_accounts(
    const SourceKey& source, const std::function<bool(const store::BlockRecord&)>& counts) const {
  const auto found = accounts_.find(source.prefix.address());
  if (found == accounts_.end()) return 0;
  return size_t(std::ranges::count_if(found->second, [&](const Blocks::value_type* item) {
    return item->first.source.prefix == source.prefix && counts(item->second.block.record);
  }));
}

const BlockList::Block* BlockList::find_covering(const IpAddress& address, Service service,
                                                 SteadyTime now) const {
  const auto find_among = [&](const auto& lengths) -> const Block* {
    for (size_t length = lengths.size(); length-- > 0;) {
      if (lengths[length] == 0) continue;
      const Block* found = find(SourceKey(IpPrefix(address, int(length))), service, now);
      if (found != nullptr) return found;
    }
    return nullptr;
  };
  return address.is_v4() ? find_among(lengths_v4_) : find_among(lengths_v6_);
}

std::optional<store::BlockRecord> BlockList::block(const SourceKey& source, const Limit& limit,
                                                   Cause cause, Now now) {
  advance(now.steady);
  const Key key{source, cause.service, cause.account};
  uint32_t repeats = 0;
  if (const auto before = blocks_.find(key); before != blocks_.end()) {
    if (before->second.block.until > now.steady) return {};
    if (before->second.block.forget > now.steady) repeats = before->second.block.record.repeats + 1;
  }
  const auto slot = slot_for(key);
  if (!slot) return {};
  const milliseconds length = length_of_block(limit, repeats);
  Block& block = (*slot)->second.block;
  block.record = {.source = source.prefix,
                  .service = uint8_t(cause.service),
                  .since = now.wall,
                  .until = now.wall + length,
                  .repeats = repeats,
                  .reason = std::move(cause.reason),
                  .by_administrator = false,
                  .account = std::move(cause.account),
                  .evidence = std::move(cause.evidence)};
  block.until = later(now.steady, length);
  block.forget = later(block.until, limit.repeat_max);
  place(**slot);
  note(block, true);
  return block.record;
}

Result<void> BlockList::put(const store::BlockRecord& record, milliseconds remember, Now now) {
  advance(now.steady);
  const SteadyTime until = end_of(record, now);
  // An administrator's block is no misdeed: it lengthens nothing.
  const SteadyTime forget = record.by_administrator ? until : later(until, remember);
  if (forget <= now.steady) {
    if (forgotten_.size() < capacity_) forgotten_.push_back(record);
    return {};
  }
  auto* slot =
      TRY(slot_for(Key{SourceKey(record.source), Service{record.service}, record.account}));
  slot->second.block = {record, until, forget};
  place(*slot);
  if (until > now.steady) note(slot->second.block, true);
  if (until <= now.steady) advance(now.steady);
  return {};
}

bool BlockList::remove(const SourceKey& source, Service service, SteadyTime now,
                       std::string_view account) {
  const auto found = blocks_.find(KeyView{source, service, account});
  if (found == blocks_.end()) return false;
  const bool was_in_force = found->second.block.until > now;
  erase(*found, true);
  return was_in_force;
}

void BlockList::lift_if(const std::function<bool(const store::BlockRecord&)>& wrong) {
  std::vector<Blocks::value_type*> lifted;
  for (const Group& group : groups_)
    for (const auto& [until, item] : group.automatic)
      if (wrong(item->second.block.record)) lifted.push_back(item);
  for (Blocks::value_type* item : lifted) erase(*item, true);
}

void BlockList::advance(SteadyTime now) {
  if (now < next_due_) return;
  const auto first = [](const Order& order) {
    return order.empty() ? SteadyTime::max() : order.begin()->first;
  };
  int left = kMostAtOnce;
  end_due(administrators_, now, left);
  due_[kGroups] = first(administrators_);
  for (size_t i = 0; i < kGroups; ++i) {
    if (now < due_[i]) continue;
    Group& group = groups_[i];
    end_due(group.automatic, now, left);
    for (; left > 0 && !group.remembered.empty() && first(group.remembered) <= now; --left)
      erase(*group.remembered.begin()->second, true);
    due_[i] = std::min(first(group.automatic), first(group.remembered));
  }
  next_due_ = *std::ranges::min_element(due_);
}

// Ended blocks are remembered.
void BlockList::end_due(Order& order, SteadyTime now, int& left) {
  for (; left > 0 && !order.empty() && order.begin()->first <= now; --left) {
    auto node = order.extract(order.begin());
    Blocks::value_type& item = *node.mapped();
    const size_t group = group_of(item.first.source.prefix);
    node.key() = item.second.block.forget;
    note_due(group, node.key());
    item.second.order = &groups_[group].remembered;
    item.second.place =
        item.second.order->insert(place_for(*item.second.order, node.key()), std::move(node));
  }
}

std::vector<store::BlockRecord> BlockList::take_forgotten() {
  auto taken = std::exchange(forgotten_, {});
  // One that was forgotten and is there again has the same key: to erase it would erase the new
  // one.
  std::erase_if(taken, [&](const store::BlockRecord& record) {
    return blocks_.contains(
        KeyView{SourceKey(record.source), Service{record.service}, record.account});
  });
  return taken;
}

const BlockList::Block* BlockList::remembered(const SourceKey& source, Service service,
                                              std::string_view account) const {
  const auto found = blocks_.find(KeyView{source, service, account});
  return found == blocks_.end() ? nullptr : &found->second.block;
}

std::vector<BlockList::Block> BlockList::in_force(SteadyTime now) const {
  std::vector<Block> all;
  for (const auto& [key, entry] : blocks_)
    if (entry.block.until > now) all.push_back(entry.block);
  return all;
}

std::vector<store::BlockRecord> BlockList::all() const {
  std::vector<store::BlockRecord> records;
  records.reserve(blocks_.size());
  for (const auto& [key, entry] : blocks_) records.push_back(entry.block.record);
  return records;
}

// An entry for `key` that stands in no order yet.
Result<BlockList::Blocks::value_type*> BlockList::slot_for(const Key& key) {
  if (const auto found = blocks_.find(key); found != blocks_.end()) {
    found->second.order->erase(found->second.place);
    return &*found;
  }
  if (!key.account.empty()) make_room_for_account(key.source.prefix.address());
  if (blocks_.size() >= capacity_ && !make_room())
    return Error(ErrorCode::ResourceExhausted,
                 "the block list is full of administrators' blocks; remove some or raise "
                 "guard.blocks");
  count_length(key.source.prefix, 1);
  Blocks::value_type& item = *blocks_.try_emplace(key).first;
  if (!key.account.empty()) accounts_[key.source.prefix.address()].push_back(&item);
  return &item;
}

void BlockList::make_room_for_account(const IpAddress& source) {
  const auto found = accounts_.find(source);
  if (found == accounts_.end() || found->second.size() < kMostAccounts) return;
  // An administrator's goes after every other, and then not at all.
  const auto worth = [](const Blocks::value_type* item) {
    const Block& block = item->second.block;
    return std::pair(block.record.by_administrator, block.until);
  };
  Blocks::value_type& victim = **std::ranges::min_element(found->second, {}, worth);
  if (victim.second.block.record.by_administrator) return;
  erase(victim, true);
  ++evictions_;
}

size_t BlockList::group_of(const IpPrefix& source) {
  return SourceKey(neighbourhood(source)).hash % kGroups;
}

bool BlockList::make_room() {
  Group& fullest = *std::ranges::max_element(groups_, [](const Group& a, const Group& b) {
    // Of two that hold as many, one where nothing in force has to go, then the one that ends first.
    const auto worth = [](const Group& group) {
      const bool remembers = !group.remembered.empty();
      const Order& order = remembers ? group.remembered : group.automatic;
      return std::tuple(!remembers, order.empty() ? SteadyTime::max() : order.begin()->first);
    };
    return a.size() != b.size() ? a.size() < b.size() : worth(a) > worth(b);
  });
  if (fullest.size() == 0) return false;
  const Order& order = fullest.remembered.empty() ? fullest.automatic : fullest.remembered;
  // The flood that filled the group is what came last. Others may be there by the chance of the
  // hash: a few of them are passed over.
  auto victim = order.begin();
  auto candidate = victim;
  for (int i = 0; i < kMostPassedOver && candidate != order.end(); ++i, ++candidate) {
    if (neighbourhood(candidate->second->first.source.prefix) != fullest.latest) continue;
    victim = candidate;
    break;
  }
  erase(*victim->second, true);
  ++evictions_;
  return true;
}

void BlockList::place(Blocks::value_type& item) {
  const Block& block = item.second.block;
  if (block.record.by_administrator) return put_into(administrators_, kGroups, block.until, item);
  const size_t group = group_of(item.first.source.prefix);
  put_into(groups_[group].automatic, group, block.until, item);
  groups_[group].latest = neighbourhood(item.first.source.prefix);
}

void BlockList::put_into(Order& order, size_t group, SteadyTime due, Blocks::value_type& item) {
  item.second.order = &order;
  item.second.place = order.emplace_hint(place_for(order, due), due, &item);
  note_due(group, due);
}

void BlockList::note_due(size_t group, SteadyTime due) {
  due_[group] = std::min(due_[group], due);
  next_due_ = std::min(next_due_, due);
}

void BlockList::erase(Blocks::value_type& item, bool tell) {
  if (item.second.order != &groups_[group_of(item.first.source.prefix)].remembered)
    note(item.second.block, false);
  if (tell && forgotten_.size() < capacity_)
    forgotten_.push_back(std::move(item.second.block.record));
  item.second.order->erase(item.second.place);
  count_length(item.first.source.prefix, -1);
  if (!item.first.account.empty()) {
    const auto below = accounts_.find(item.first.source.prefix.address());
    std::erase(below->second, &item);
    if (below->second.empty()) accounts_.erase(below);
  }
  blocks_.erase(blocks_.find(item.first));
}

void BlockList::note(const Block& block, bool in_force) {
  if (changes_.changes.size() >= kMostChanges) {
    changes_.changes.clear();
    changes_.overflowed = true;
  }
  if (!changes_.overflowed) changes_.changes.push_back({block, in_force});
}

void BlockList::count_length(const IpPrefix& prefix, int change) {
  uint32_t& count =
      prefix.is_v4() ? lengths_v4_[size_t(prefix.length())] : lengths_v6_[size_t(prefix.length())];
  count += uint32_t(change);
}

}  // namespace stormdoor::acl
