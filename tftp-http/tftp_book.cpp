#include "tftp-http/tftp_book.hpp"

#include <cstring>

#include "base/error.hpp"
#include "base/keyed_hash.hpp"

namespace stormdoor::tftp {

size_t TransferKeyHash::operator()(const TransferKey& key) const noexcept {
  std::array<std::byte, 38> bytes;
  std::memcpy(bytes.data(), key.peer.address.bytes().data(), 16);
  std::memcpy(bytes.data() + 16, key.asked.bytes().data(), 16);
  std::memcpy(bytes.data() + 32, &key.peer.port, 2);
  std::memcpy(bytes.data() + 34, &key.peer.scope_id, 4);
  return keyed_hash(HashKey::of_this_process(), bytes);
}

IpAddress group_of(const IpAddress& address) {
  return IpPrefix(address, address.is_v4() ? 24 : 64).address();
}

std::optional<uint32_t> TransferBook::find(const TransferKey& key) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return {};
  return found->second;
}

TransferBook::Room TransferBook::room_for(const IpAddress& source) const {
  static const Holder kNobody;
  const auto lookup = [](const auto& holders, const IpAddress& who) -> const Holder& {
    const auto found = holders.find(who);
    return found == holders.end() ? kNobody : found->second;
  };
  const Holder& own = lookup(sources_, source);
  const Holder& group = lookup(groups_, group_of(source));
  const auto evict = [](const Holder& holder) {
    return Room{Room::Kind::EvictFirst, holder.oldest};
  };

  const bool own_share_used =
      own.transfers >= limits_.per_source || own.unproven >= limits_.unproven_per_source;
  if (own_share_used) return own.unproven > 0 ? evict(own) : Room{Room::Kind::Full};
  const bool group_share_used = group.transfers >= (limits_.transfers + 1) / 2 ||
                                group.unproven >= limits_.unproven_per_group;
  if (group_share_used) return group.unproven > 0 ? evict(group) : Room{Room::Kind::Full};
  if (all_.unproven >= limits_.unproven || all_.transfers >= limits_.transfers) {
    if (own.unproven > 0) return evict(own);
    if (group.unproven > 0) return evict(group);
    return all_.unproven > 0 ? evict(all_) : Room{Room::Kind::Full};
  }
  return {};
}

uint32_t TransferBook::open(const TransferKey& key) {
  uint32_t id = 0;
  if (free_.empty()) {
    id = static_cast<uint32_t>(records_.size());
    records_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  const bool fresh = by_key_.emplace(key, id).second;
  STORMDOOR_CHECK(fresh, "a pair of endpoints has one transfer");
  Record& record = records_[id];
  record.key = key;
  record.open = true;
  record.unproven = true;
  Holder& source = sources_[key.peer.address];
  Holder& group = groups_[group_of(key.peer.address)];
  ++source.transfers;
  ++group.transfers;
  ++all_.transfers;
  append(source, kSource, id);
  append(group, kGroup, id);
  append(all_, kAll, id);
  return id;
}

void TransferBook::append(Holder& holder, List list, uint32_t id) {
  Link& link = records_[id].links[list];
  link = {holder.newest, kNone};
  if (holder.newest != kNone)
    records_[holder.newest].links[list].next = id;
  else
    holder.oldest = id;
  holder.newest = id;
  ++holder.unproven;
}

void TransferBook::remove(Holder& holder, List list, uint32_t id) {
  const Link link = records_[id].links[list];
  if (link.previous != kNone)
    records_[link.previous].links[list].next = link.next;
  else
    holder.oldest = link.next;
  if (link.next != kNone)
    records_[link.next].links[list].previous = link.previous;
  else
    holder.newest = link.previous;
  --holder.unproven;
}

void TransferBook::leave_unproven(uint32_t id) {
  const IpAddress& source = records_[id].key.peer.address;
  remove(sources_.at(source), kSource, id);
  remove(groups_.at(group_of(source)), kGroup, id);
  remove(all_, kAll, id);
  records_[id].unproven = false;
}

void TransferBook::prove(uint32_t id) {
  if (records_[id].unproven) leave_unproven(id);
}

void TransferBook::give_up_holding(std::unordered_map<IpAddress, Holder>& holders,
                                   const IpAddress& who) {
  const auto found = holders.find(who);
  if (--found->second.transfers == 0) holders.erase(found);
}

void TransferBook::close(uint32_t id) {
  Record& record = records_[id];
  STORMDOOR_CHECK(record.open, "a transfer is closed once");
  if (record.unproven) leave_unproven(id);
  give_up_holding(sources_, record.key.peer.address);
  give_up_holding(groups_, group_of(record.key.peer.address));
  --all_.transfers;
  by_key_.erase(record.key);
  record.open = false;
  free_.push_back(id);
}

std::vector<uint32_t> TransferBook::all() const {
  std::vector<uint32_t> ids;
  for (uint32_t id = 0; id < records_.size(); ++id)
    if (records_[id].open) ids.push_back(id);
  return ids;
}

}  // namespace stormdoor::tftp
