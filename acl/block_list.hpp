#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "acl/acl_config.hpp"
#include "acl/source_key.hpp"
#include "base/error.hpp"
#include "base/store/records.hpp"

namespace stormdoor::acl {

// Who is refused which service, until when and why; and for a while afterwards, how often before,
// so that the next block lasts longer. A block is of a source, or of one account there (promise 5).
// Used by one thread at a time: Guard holds one per shard for single sources, and one for the
// prefixes of other lengths that administrators block.
//
// Holds at most `capacity` blocks, those in force and those only remembered together. When full,
// the neighbourhood (/24, /48) that holds the most forgets one of its own, so that a flood from one
// network costs that network's entries (promise 12): the remembered one that would be forgotten
// soonest, then the automatic one that ends soonest; never an administrator's. What it forgot waits
// for take_forgotten(), `capacity` at most. What changed for whoever enforces it waits for
// take_changes(), kMostChanges at most: beyond that they are thrown away and the next call says so.
// Of one source's accounts there are at most kMostAccounts besides administrators': one more takes
// the place of the one that ends, or ended, first.
class BlockList {
 public:
  explicit BlockList(size_t capacity);
  BlockList(const BlockList&) = delete;
  BlockList& operator=(const BlockList&) = delete;

  // The wall clock may be set meanwhile: the record's times are what was told and is stored.
  struct Block {
    store::BlockRecord record;
    SteadyTime until;   // in force before
    SteadyTime forget;  // its repeats count before
  };

  static constexpr size_t kMostChanges = 4096;
  static constexpr size_t kMostAccounts = 256;

  // The block in force of exactly this source (and account), or nullptr. Valid until the next
  // change.
  [[nodiscard]] const Block* find(const SourceKey& source, Service service, SteadyTime now,
                                  std::string_view account = {}) const;
  // Those in force of accounts of this source.
  [[nodiscard]] std::vector<const Block*> accounts_of(const SourceKey& source,
                                                      SteadyTime now) const;
  // How many there are for which `counts` holds, also of those only remembered.
  [[nodiscard]] size_t count_accounts(
      const SourceKey& source, const std::function<bool(const store::BlockRecord&)>& counts) const;
  // Whether there may be some: one cheap look-up.
  [[nodiscard]] bool is_contested(const SourceKey& source) const {
    return !accounts_.empty() && accounts_.contains(source.prefix.address());
  }
  // The one in force of the longest prefix that contains the address. One look-up for each length
  // that is in use.
  [[nodiscard]] const Block* find_covering(const IpAddress& address, Service service,
                                           SteadyTime now) const;

  // Blocks a source, or an account of it, by a limit: longer each time, as the limit says. Nothing
  // when there is one in force already, or no room but for administrators' blocks.
  struct Cause {
    Service service = Service::Provisioning;
    std::string reason;
    std::string account = {};
    std::string evidence = {};
  };
  std::optional<store::BlockRecord> block(const SourceKey& source, const Limit& limit, Cause cause,
                                          Now now);
  std::optional<store::BlockRecord> block(const SourceKey& source, Service service,
                                          const Limit& limit, std::string reason, Now now) {
    return block(source, limit, Cause{.service = service, .reason = std::move(reason)}, now);
  }
  // Puts what an administrator says or the store remembers, in place of what there was. One that is
  // over is remembered for `remember` after its end. None lasts longer from now on than it was made
  // for, whatever the wall clock says at start.
  Result<void> put(const store::BlockRecord& record, milliseconds remember, Now now);
  // Ends a block and forgets its repeats. False when none was in force.
  bool remove(const SourceKey& source, Service service, SteadyTime now,
              std::string_view account = {});
  // Ends the automatic blocks that `wrong` picks.
  void lift_if(const std::function<bool(const store::BlockRecord&)>& wrong);

  // Ends and forgets what is due, a bounded number at a time.
  void advance(SteadyTime now);
  [[nodiscard]] std::vector<store::BlockRecord> take_forgotten();

  // For whoever enforces it: a block that came into force, or one that ended before its time.
  struct Change {
    Block block;
    bool in_force = false;
  };
  struct Changes {
    std::vector<Change> changes;  // in order
    bool overflowed = false;      // some were thrown away: compare everything
  };
  [[nodiscard]] Changes take_changes() { return std::exchange(changes_, {}); }
  // As if they had overflowed, until take_changes().
  void keep_no_changes() { changes_ = {{}, true}; }
  [[nodiscard]] bool has_changes() const {
    return !changes_.changes.empty() || changes_.overflowed;
  }

  // Also one that is only remembered.
  [[nodiscard]] const Block* remembered(const SourceKey& source, Service service,
                                        std::string_view account = {}) const;
  [[nodiscard]] std::vector<Block> in_force(SteadyTime now) const;
  // Also those only remembered, in no order.
  [[nodiscard]] std::vector<store::BlockRecord> all() const;
  [[nodiscard]] size_t size() const { return blocks_.size(); }
  [[nodiscard]] uint64_t evictions() const { return evictions_; }

 private:
  struct KeyView {
    const SourceKey& source;
    Service service;
    std::string_view account;
  };
  struct Key {
    SourceKey source;
    Service service;
    std::string account;
    operator KeyView() const { return {source, service, account}; }  // for look-ups of either
  };
  struct HashOfKey {
    using is_transparent = void;
    size_t operator()(const KeyView& key) const {
      // Neighbouring lengths of one address are few; the address is hashed with a key.
      return key.source.hash ^ (size_t{uint8_t(key.service)} << 8) ^
             size_t(key.source.prefix.length()) ^
             (key.account.empty() ? 0 : keyed_hash(HashKey::of_this_process(), key.account));
    }
  };
  struct SameKey {
    using is_transparent = void;
    bool operator()(const KeyView& a, const KeyView& b) const {
      return a.source.prefix == b.source.prefix && a.service == b.service && a.account == b.account;
    }
  };
  struct Entry;
  using Blocks = std::unordered_map<Key, Entry, HashOfKey, SameKey>;
  using Order = std::multimap<SteadyTime, Blocks::value_type*>;
  struct Entry {
    Block block;
    Order* order = nullptr;  // where it stands, and at which place
    Order::iterator place;
  };

  // Neighbourhoods whose hashes meet share one.
  struct Group {
    Order automatic;    // in force, by `until`
    Order remembered;   // by `forget`
    IpPrefix latest{};  // the neighbourhood of what came last
    [[nodiscard]] size_t size() const { return automatic.size() + remembered.size(); }
  };
  static constexpr size_t kGroups = 64;

  [[nodiscard]] static size_t group_of(const IpPrefix& source);
  Result<Blocks::value_type*> slot_for(const Key& key);
  bool make_room();
  void place(Blocks::value_type& item);
  void put_into(Order& order, size_t group, SteadyTime due, Blocks::value_type& item);
  void note_due(size_t group, SteadyTime due);
  void end_due(Order& order, SteadyTime now, int& left);
  void erase(Blocks::value_type& item, bool tell);
  void note(const Block& block, bool in_force);
  void make_room_for_account(const IpAddress& source);
  void count_length(const IpPrefix& prefix, int change);

  size_t capacity_;
  uint64_t evictions_ = 0;
  Blocks blocks_;
  // Every block stands in one order: an administrator's here (by `until`, in force), the others in
  // their group's.
  Order administrators_;
  std::array<Group, kGroups> groups_;
  // Nothing ends or is forgotten before: in each group, of administrators' blocks, in all.
  std::array<SteadyTime, kGroups + 1> due_;
  SteadyTime next_due_ = SteadyTime::max();
  std::array<uint32_t, 33> lengths_v4_{};  // how many prefixes of each length there are
  std::array<uint32_t, 129> lengths_v6_{};
  // The blocks of accounts, in force and remembered.
  std::unordered_map<IpAddress, std::vector<Blocks::value_type*>> accounts_;
  std::vector<store::BlockRecord> forgotten_;
  Changes changes_;
};

}  // namespace stormdoor::acl
