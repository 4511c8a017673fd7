#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "acl/identity.hpp"
#include "acl/source_key.hpp"
#include "base/clock.hpp"

namespace stormdoor::acl {

// Counts failed attempts per source over a sliding window, knows a mistake that it has seen before
// (promise 3: the same fingerprint of the same identity is remembered, not scored again), and whose
// each of them was (promise 5), so that one identity can be blamed, or forgiven, below the source.
// Used by one thread at a time; Guard holds one per shard.
//
// Bounds (promise 12): at most `capacity` (source, series) pairs, reserved up front; 64 bytes each,
// 6 for the index, and 8 for each mistake beyond the third. When full, the neighbourhood (/24, /48)
// that holds the most pairs forgets the one of its own that failed longest ago: a flood from one
// network costs that network's entries, and a flood from everywhere costs the oldest. An attacker
// with more prefixes than fit can stay under a limit, but never over our memory. A pair remembers
// at most kMostMistakes; beyond that it forgets the oldest that no longer count, then the oldest.
// Times are kept to a tenth of a second.
class FailureTracker {
 public:
  explicit FailureTracker(size_t capacity);

  // Different things that are counted apart for one source; the caller numbers them.
  using Series = uint8_t;

  struct Tally {
    uint32_t failures = 0;  // different mistakes within the window, this one included
    bool repeated = false;  // it was known already and has not been counted again
  };
  // One failed attempt. Fingerprint 0 is comparable to nothing: always a new mistake.
  struct Attempt {
    uint64_t fingerprint = 0;
    IdentityTag identity = kNobody;  // whose account or phone it named
    bool known = false;              // that identity was well here before, or is excused
  };
  // A mistake counts for `within`; it is known for remembered_for(within) after it was last made.
  Tally report(const SourceKey& source, Series series, const Attempt& attempt, milliseconds within,
               SteadyTime now);
  Tally report(const SourceKey& source, Series series, uint64_t fingerprint, milliseconds within,
               SteadyTime now) {
    return report(source, series, Attempt{.fingerprint = fingerprint}, within, now);
  }
  // Reports of sources that no cache holds wait for memory less, if they say so beforehand: the
  // first names the place in the index, the second, some work later, the record.
  void will_look_up(const SourceKey& source, Series series) const {
    __builtin_prefetch(&index_[home(hash_of(source, series))]);
  }
  void will_report(const SourceKey& source, Series series) const {
    const uint32_t record = index_[home(hash_of(source, series))];
    if (record != kNone) __builtin_prefetch(&records_[record], 1);
  }
  // What report() would have said before the next failure.
  [[nodiscard]] uint32_t failures(const SourceKey& source, Series series, milliseconds within,
                                  SteadyTime now) const;
  // Whose the failures within the window are, most first; of equals, who failed last.
  struct Share {
    IdentityTag identity = kNobody;
    uint32_t failures = 0;
    bool known = false;
  };
  [[nodiscard]] std::vector<Share> shares(const SourceKey& source, Series series,
                                          milliseconds within, SteadyTime now) const;
  // They have led to a block, or are forgiven: nothing counts any more (of that identity), but the
  // mistakes stay known.
  void settle(const SourceKey& source, Series series);
  void settle(const SourceKey& source, Series series, IdentityTag identity);
  // Failures that count again after a block they led to was lifted, as of then; comparable to
  // nothing any more.
  void restore(const SourceKey& source, Series series, const Share& share, SteadyTime then);

  [[nodiscard]] static milliseconds remembered_for(milliseconds within);

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  [[nodiscard]] uint64_t evictions() const { return evictions_; }
  // What is in use, without what is only reserved.
  [[nodiscard]] size_t memory_bytes() const;

  static constexpr uint32_t kInline = 3;
  static constexpr uint32_t kPerChunk = 7;
  static constexpr uint32_t kMostChunks = 16;
  static constexpr uint32_t kMostMistakes = kInline + kPerChunk * kMostChunks;

 private:
  using Tick = uint32_t;  // tenths of a second since days before the first report
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr size_t kGroups = 64;

  // Masks instead of bit-fields: those are written byte by byte, and reading the whole again a
  // moment later, as a walk does, waits for each write to reach the cache.
  struct Mistake {
    // It still counts, since `tick`; else that is when it was last made.
    static constexpr uint32_t kScored = 1;
    static constexpr uint32_t kKnown = 2;  // as the attempt said
    static constexpr uint32_t kIdentity = 0x7fffU << 2;
    static constexpr uint32_t kTag = 0x7fffU << 17;  // of the fingerprint; 0: not comparable
    uint32_t what;
    Tick tick;

    [[nodiscard]] bool scored() const { return (what & kScored) != 0; }
    [[nodiscard]] bool known() const { return (what & kKnown) != 0; }
    [[nodiscard]] IdentityTag identity() const { return IdentityTag((what & kIdentity) >> 2); }
    void no_longer_scored() { what &= ~kScored; }
  };
  static_assert(sizeof(Mistake) == 8);
  struct Record {
    std::array<uint8_t, 16> address;
    uint32_t hash;
    Series series;
    uint8_t group;
    uint16_t mistakes;
    uint32_t newer, older;  // by last failure, within the group
    Tick last_failure;
    uint32_t first_chunk;
    std::array<Mistake, kInline> first_mistakes;
  };
  static_assert(sizeof(Record) == 64, "one cache line each, as promised above");
  struct Chunk {
    std::array<Mistake, kPerChunk> mistakes;
    uint32_t next;
    uint32_t owner;
  };
  static_assert(sizeof(Chunk) == 64);
  struct Group {
    uint32_t newest = kNone, oldest = kNone, count = 0;
  };
  // A walk over one record's mistakes that may write as it goes.
  struct Place {
    Mistake* at;
    uint32_t left;
    uint32_t next_chunk;
  };

  static Mistake mistake_of(IdentityTag identity, bool known, uint16_t tag, Tick at);
  uint32_t touch(const SourceKey& source, Series series, Tick at);
  Tick tick_of(SteadyTime now);
  [[nodiscard]] Tick tick(SteadyTime now) const;
  [[nodiscard]] static uint32_t hash_of(const SourceKey& source, Series series);
  [[nodiscard]] size_t home(uint32_t hash) const;
  [[nodiscard]] size_t slot_after(size_t slot) const;
  [[nodiscard]] uint32_t find(const SourceKey& source, Series series) const;
  uint32_t insert(const SourceKey& source, Series series);
  void erase(uint32_t record);
  void erase_from_index(uint32_t record);
  void make_room();

  void link_newest(uint32_t record);
  void unlink(uint32_t record);

  template <typename Tracker, typename AnyRecord, typename Visit>
  static void for_each_mistake(Tracker& tracker, AnyRecord& record, Visit&& visit);
  Place first_place(Record& record);
  Mistake& next(Place& place);
  Mistake& mistake_number(Record& record, uint32_t number);
  struct Walk {
    uint32_t failures = 0;   // that count
    bool same = false;       // the newest is known
    bool forgotten = false;  // some may be dropped
    // Its number, if there is no room: what no longer counts, then the oldest.
    uint32_t first_to_go = 0;
  };
  Walk walk_over(Record& record, const Mistake& newest, Tick within, Tick remember);
  static bool is_forgotten(const Mistake& mistake) {
    return (mistake.what & (Mistake::kScored | Mistake::kTag)) == 0;
  }
  void drop_forgotten(Record& record);
  void append(uint32_t record, Mistake mistake);
  void replace_oldest(Record& record, Mistake mistake);
  void release_spare_chunks(Record& record);
  uint32_t take_chunk(uint32_t owner);

  size_t capacity_;
  size_t most_chunks_;
  size_t size_ = 0;
  uint64_t evictions_ = 0;
  std::optional<SteadyTime> epoch_;
  std::vector<uint32_t> index_;  // open addressing, linear probing
  std::vector<Record> records_;
  std::vector<Chunk> chunks_;
  uint32_t free_records_ = kNone;  // linked by `older`
  uint32_t free_chunks_ = kNone;   // linked by `next`
  size_t chunk_hand_ = 0;
  std::array<Group, kGroups> groups_;
};

}  // namespace stormdoor::acl
