#include "acl/failure_tracker.hpp"

#include <algorithm>
#include <limits>

#include "base/error.hpp"

namespace stormdoor::acl {
namespace {

using Tenths = std::chrono::duration<int64_t, std::deci>;

uint32_t to_ticks(SteadyTime::duration duration) {
  const int64_t ticks = std::chrono::floor<Tenths>(duration).count();
  return uint32_t(std::clamp<int64_t>(ticks, 0, std::numeric_limits<uint32_t>::max()));
}

uint32_t age(uint32_t now, uint32_t then) {
  return now > then ? now - then : 0;
}

constexpr int kMostPassedOver = 8;
// Ticks begin so long before the first report: what restore() tells may be older than that.
constexpr auto kBefore = std::chrono::days(8);

// As neighbourhood() has it: /24 and /48.
bool in_one_neighbourhood(const std::array<uint8_t, 16>& a, const std::array<uint8_t, 16>& b) {
  const bool v4 = IpAddress::v6(a).is_v4();
  return std::equal(a.begin(), a.begin() + (v4 ? 15 : 6), b.begin());
}

// 15 bits of the fingerprint, and not 0, which is "not comparable". The fingerprint is a keyed
// hash: nobody outside can look for two that agree. With the identity's 15 bits they tell one
// source's mistakes apart; by chance two are taken for one once in hundreds of millions of pairs of
// different identities, and once in 32,767 pairs of one identity's own.
uint16_t tag_of(uint64_t fingerprint) {
  if (fingerprint == 0) return 0;
  const auto tag = uint16_t((fingerprint ^ fingerprint >> 15 ^ fingerprint >> 30) & 0x7fff);
  return tag == 0 ? 1 : tag;
}

}  // namespace

FailureTracker::FailureTracker(size_t capacity)
    : capacity_(capacity), most_chunks_(capacity / 4 + 2 * size_t{kMostChunks}) {
  STORMDOOR_CHECK(capacity > 0 && capacity < kNone / 2, "records are numbered with 32 bits");
  index_.assign(capacity + capacity / 2 + 1, kNone);
  records_.reserve(capacity);
  chunks_.reserve(most_chunks_);
}

milliseconds FailureTracker::remembered_for(milliseconds within) {
  return std::max<milliseconds>(2 * within, std::chrono::hours(24));
}

FailureTracker::Tally FailureTracker::report(const SourceKey& source, Series series,
                                             const Attempt& attempt, milliseconds within,
                                             SteadyTime now) {
  const Tick at = tick_of(now);
  const uint32_t found = touch(source, series, at);
  Record& record = records_[found];
  const Mistake mistake =
      mistake_of(attempt.identity, attempt.known, tag_of(attempt.fingerprint), at);
  const Walk walk = walk_over(record, mistake, to_ticks(within), to_ticks(remembered_for(within)));
  if (walk.forgotten) drop_forgotten(record);
  if (walk.same) return {.failures = walk.failures, .repeated = true};
  if (record.mistakes == kMostMistakes)
    mistake_number(record, walk.first_to_go) = mistake;
  else
    append(found, mistake);
  return {.failures = std::min(walk.failures + 1, kMostMistakes)};
}

uint32_t FailureTracker::failures(const SourceKey& source, Series series, milliseconds within,
                                  SteadyTime now) const {
  const uint32_t found = find(source, series);
  if (found == kNone) return 0;
  uint32_t count = 0;
  for_each_mistake(*this, records_[found], [&](const Mistake& mistake) {
    if (mistake.scored() && age(tick(now), mistake.tick) < to_ticks(within)) ++count;
  });
  return count;
}

std::vector<FailureTracker::Share> FailureTracker::shares(const SourceKey& source, Series series,
                                                          milliseconds within,
                                                          SteadyTime now) const {
  std::vector<Share> shares;
  std::vector<Tick> last;
  const uint32_t found = find(source, series);
  if (found == kNone) return shares;
  const Tick at = tick(now);
  for_each_mistake(*this, records_[found], [&](const Mistake& mistake) {
    if (!mistake.scored() || age(at, mistake.tick) >= to_ticks(within)) return;
    size_t i = 0;
    while (i < shares.size() && shares[i].identity != mistake.identity()) ++i;
    if (i == shares.size()) {
      shares.push_back({.identity = mistake.identity()});
      last.push_back(0);
    }
    ++shares[i].failures;
    shares[i].known = mistake.known();  // as of its last failure
    last[i] = std::max(last[i], mistake.tick);
  });
  std::vector<size_t> order(shares.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(shares[a].failures, last[a]) > std::pair(shares[b].failures, last[b]);
  });
  std::vector<Share> sorted;
  sorted.reserve(order.size());
  for (const size_t i : order) sorted.push_back(shares[i]);
  return sorted;
}

void FailureTracker::settle(const SourceKey& source, Series series) {
  const uint32_t found = find(source, series);
  if (found == kNone) return;
  for_each_mistake(*this, records_[found], [](Mistake& mistake) { mistake.no_longer_scored(); });
}

void FailureTracker::settle(const SourceKey& source, Series series, IdentityTag identity) {
  const uint32_t found = find(source, series);
  if (found == kNone) return;
  for_each_mistake(*this, records_[found], [&](Mistake& mistake) {
    if (mistake.identity() == identity) mistake.no_longer_scored();
  });
}

void FailureTracker::restore(const SourceKey& source, Series series, const Share& share,
                             SteadyTime then) {
  const Tick at = tick_of(then);
  const uint32_t found = touch(source, series, at);
  for (uint32_t i = 0; i < std::min(share.failures, kMostMistakes); ++i)
    append(found, mistake_of(share.identity, share.known, 0, at));
}

size_t FailureTracker::memory_bytes() const {
  return index_.size() * sizeof(uint32_t) + records_.size() * sizeof(Record) +
         chunks_.size() * sizeof(Chunk) + sizeof(*this);
}

FailureTracker::Mistake FailureTracker::mistake_of(IdentityTag identity, bool known, uint16_t tag,
                                                   Tick at) {
  return {.what = Mistake::kScored | (known ? Mistake::kKnown : 0) |
                  (uint32_t{identity} << 2 & Mistake::kIdentity) |
                  (uint32_t{tag} << 17 & Mistake::kTag),
          .tick = at};
}

// The source's record, now the newest of its group.
uint32_t FailureTracker::touch(const SourceKey& source, Series series, Tick at) {
  uint32_t found = find(source, series);
  if (found == kNone)
    found = insert(source, series);
  else
    unlink(found);
  Record& record = records_[found];
  record.last_failure = std::max(record.last_failure, at);
  link_newest(found);
  return found;
}

FailureTracker::Tick FailureTracker::tick_of(SteadyTime now) {
  if (!epoch_) epoch_ = now - kBefore;
  return tick(now);
}

FailureTracker::Tick FailureTracker::tick(SteadyTime now) const {
  if (!epoch_ || now <= *epoch_) return 0;
  return to_ticks(now - *epoch_);
}

// ---- one record's mistakes ----

template <typename Tracker, typename AnyRecord, typename Visit>
void FailureTracker::for_each_mistake(Tracker& tracker, AnyRecord& record, Visit&& visit) {
  uint32_t left = record.mistakes;
  for (uint32_t i = 0; i < kInline && left > 0; ++i, --left) visit(record.first_mistakes[i]);
  for (uint32_t chunk = record.first_chunk; left > 0; chunk = tracker.chunks_[chunk].next)
    for (uint32_t i = 0; i < kPerChunk && left > 0; ++i, --left)
      visit(tracker.chunks_[chunk].mistakes[i]);
}

// Ends the scoring of what has left the window and marks what need not be known any longer; counts
// the rest, and finds the one that is the same as the newest. One pass: a source may have
// more than a hundred, and each of its failures comes by here.
FailureTracker::Walk FailureTracker::walk_over(Record& record, const Mistake& newest, Tick within,
                                               Tick remember) {
  static_assert(Mistake::kScored == 1);
  static_assert(kMostMistakes < 0x100);
  const Tick first_within = newest.tick >= within ? newest.tick - within + 1 : 0;
  const Tick first_remembered = newest.tick >= remember ? newest.tick - remember + 1 : 0;
  uint32_t failures = 0;
  bool forgotten = false;
  Mistake* same = nullptr;
  // What no longer counts goes before what does, and the older before the newer; the lowest bits
  // say which one it is.
  uint64_t first_to_go = UINT64_MAX;
  uint64_t number = 0;
  const auto look_at = [&](Mistake* mistakes, uint32_t count) {
    for (Mistake* mistake = mistakes; mistake != mistakes + count; ++mistake, ++number) {
      const auto [before, tick] = *mistake;
      const uint32_t scored = before & uint32_t{tick >= first_within};
      const bool gone = scored == 0 && tick < first_remembered;
      const uint32_t what = (before & ~Mistake::kScored & ~(gone ? Mistake::kTag : 0)) | scored;
      mistake->what = what;
      failures += scored;
      forgotten |= (what & (Mistake::kTag | Mistake::kScored)) == 0;
      first_to_go = std::min(first_to_go, uint64_t{scored} << 40 | uint64_t{tick} << 8 | number);
      if (((what ^ newest.what) & (Mistake::kIdentity | Mistake::kTag)) == 0) same = mistake;
    }
  };
  uint32_t left = record.mistakes;
  const uint32_t inside = std::min(left, kInline);
  look_at(record.first_mistakes.data(), inside);
  left -= inside;
  for (uint32_t chunk = record.first_chunk; left > 0; chunk = chunks_[chunk].next) {
    const uint32_t here = std::min(left, kPerChunk);
    look_at(chunks_[chunk].mistakes.data(), here);
    left -= here;
  }
  Walk walk{
      .failures = failures, .forgotten = forgotten, .first_to_go = uint32_t(first_to_go & 0xff)};
  if (same == nullptr || (newest.what & Mistake::kTag) == 0) return walk;
  walk.same = true;
  // One that still counts keeps its time: repeating a mistake must not make it count for longer.
  if (!same->scored()) same->tick = newest.tick;
  return walk;
}

FailureTracker::Mistake& FailureTracker::mistake_number(Record& record, uint32_t number) {
  if (number < kInline) return record.first_mistakes[number];
  number -= kInline;
  uint32_t chunk = record.first_chunk;
  for (; number >= kPerChunk; number -= kPerChunk) chunk = chunks_[chunk].next;
  return chunks_[chunk].mistakes[number];
}

FailureTracker::Place FailureTracker::first_place(Record& record) {
  return {record.first_mistakes.data(), kInline, record.first_chunk};
}

FailureTracker::Mistake& FailureTracker::next(Place& place) {
  if (place.left == 0) {
    Chunk& chunk = chunks_[place.next_chunk];
    place = {chunk.mistakes.data(), kPerChunk, chunk.next};
  }
  --place.left;
  return *place.at++;
}

void FailureTracker::drop_forgotten(Record& record) {
  Place from = first_place(record);
  Place to = first_place(record);
  uint16_t kept = 0;
  for (uint32_t i = 0; i < record.mistakes; ++i) {
    const Mistake mistake = next(from);
    if (is_forgotten(mistake)) continue;
    next(to) = mistake;
    ++kept;
  }
  record.mistakes = kept;
  release_spare_chunks(record);
}

void FailureTracker::append(uint32_t index, Mistake mistake) {
  Record& record = records_[index];
  const uint32_t count = record.mistakes;
  if (count == kMostMistakes) {
    replace_oldest(record, mistake);
    return;
  }
  if (count < kInline) {
    record.first_mistakes[count] = mistake;
  } else {
    const uint32_t place = (count - kInline) % kPerChunk;
    if (place == 0) {
      const uint32_t chunk = take_chunk(index);
      uint32_t* link = &record.first_chunk;
      while (*link != kNone) link = &chunks_[*link].next;
      *link = chunk;
    }
    uint32_t last = record.first_chunk;
    while (chunks_[last].next != kNone) last = chunks_[last].next;
    chunks_[last].mistakes[place] = mistake;
  }
  ++record.mistakes;
}

void FailureTracker::replace_oldest(Record& record, Mistake mistake) {
  // What no longer counts goes before what does.
  const auto goes_before = [](const Mistake& a, const Mistake& b) {
    return a.scored() != b.scored() ? !a.scored() : a.tick < b.tick;
  };
  Mistake* oldest = nullptr;
  for_each_mistake(*this, record, [&](Mistake& candidate) {
    if (oldest == nullptr || goes_before(candidate, *oldest)) oldest = &candidate;
  });
  *oldest = mistake;
}

void FailureTracker::release_spare_chunks(Record& record) {
  uint32_t* link = &record.first_chunk;
  for (uint32_t held = kInline; held < record.mistakes; held += kPerChunk)
    link = &chunks_[*link].next;
  while (*link != kNone) {
    const uint32_t spare = *link;
    *link = chunks_[spare].next;
    chunks_[spare].next = free_chunks_;
    chunks_[spare].owner = kNone;
    free_chunks_ = spare;
  }
}

uint32_t FailureTracker::take_chunk(uint32_t owner) {
  if (free_chunks_ == kNone && chunks_.size() < most_chunks_) {
    chunks_.push_back(Chunk{.mistakes = {}, .next = kNone, .owner = owner});
    return uint32_t(chunks_.size() - 1);
  }
  // All are taken: whoever holds most is most likely met first. There are more chunks than one
  // record may have, so another owner is found within kMostChunks steps.
  while (free_chunks_ == kNone) {
    chunk_hand_ = (chunk_hand_ + 1) % chunks_.size();
    const uint32_t other = chunks_[chunk_hand_].owner;
    if (other == owner) continue;
    erase(other);
    ++evictions_;
  }
  const uint32_t chunk = free_chunks_;
  free_chunks_ = chunks_[chunk].next;
  chunks_[chunk].next = kNone;
  chunks_[chunk].owner = owner;
  return chunk;
}

// ---- the order of last failures, by group ----

void FailureTracker::link_newest(uint32_t index) {
  Record& record = records_[index];
  Group& group = groups_[record.group];
  record.newer = kNone;
  record.older = group.newest;
  if (group.newest != kNone) records_[group.newest].newer = index;
  group.newest = index;
  if (group.oldest == kNone) group.oldest = index;
  ++group.count;
}

void FailureTracker::unlink(uint32_t index) {
  const Record& record = records_[index];
  Group& group = groups_[record.group];
  (record.newer == kNone ? group.newest : records_[record.newer].older) = record.older;
  (record.older == kNone ? group.oldest : records_[record.older].newer) = record.newer;
  --group.count;
}

void FailureTracker::make_room() {
  const Group* fullest = nullptr;
  for (const Group& group : groups_) {
    if (group.count == 0) continue;
    if (fullest == nullptr || group.count > fullest->count ||
        (group.count == fullest->count &&
         records_[group.oldest].last_failure < records_[fullest->oldest].last_failure))
      fullest = &group;
  }
  // The flood that filled the group is what it heard of last. Others may be there by the chance of
  // the hash: those that are older than the flood are passed over, a few of them.
  const auto& flood = records_[fullest->newest].address;
  uint32_t victim = fullest->oldest;
  uint32_t candidate = fullest->oldest;
  for (int i = 0; i < kMostPassedOver && candidate != fullest->newest; ++i) {
    if (in_one_neighbourhood(records_[candidate].address, flood)) {
      victim = candidate;
      break;
    }
    candidate = records_[candidate].newer;
  }
  erase(victim);
  ++evictions_;
}

// ---- the records and their index ----

uint32_t FailureTracker::hash_of(const SourceKey& source, Series series) {
  // Guard chooses the shard by the upper bits of source.hash: mixed, so that one shard's sources
  // spread over its whole index.
  uint64_t mixed = source.hash + (uint64_t{series} + 1) * 0x9e37'79b9'7f4a'7c15U;
  mixed = (mixed ^ mixed >> 32) * 0xd6e8'feb8'6659'fd93U;
  return uint32_t(mixed >> 32);
}

size_t FailureTracker::home(uint32_t hash) const {
  return size_t(uint64_t{hash} * index_.size() >> 32);
}

size_t FailureTracker::slot_after(size_t slot) const {
  return slot + 1 == index_.size() ? 0 : slot + 1;
}

uint32_t FailureTracker::find(const SourceKey& source, Series series) const {
  const uint32_t hash = hash_of(source, series);
  // The index is never full, so every probe ends at a free slot.
  for (size_t slot = home(hash); index_[slot] != kNone; slot = slot_after(slot)) {
    const Record& record = records_[index_[slot]];
    if (record.hash == hash && record.series == series &&
        record.address == source.prefix.address().bytes())
      return index_[slot];
  }
  return kNone;
}

// A record without mistakes, not yet linked.
uint32_t FailureTracker::insert(const SourceKey& source, Series series) {
  if (size_ == capacity_) make_room();
  uint32_t index = free_records_;
  if (index != kNone) {
    free_records_ = records_[index].older;
  } else {
    index = uint32_t(records_.size());
    records_.emplace_back();
  }
  const SourceKey wide(neighbourhood(source.prefix));
  records_[index] = Record{.address = source.prefix.address().bytes(),
                           .hash = hash_of(source, series),
                           .series = series,
                           .group = uint8_t(wide.hash % kGroups),
                           .mistakes = 0,
                           .newer = kNone,
                           .older = kNone,
                           .last_failure = 0,
                           .first_chunk = kNone,
                           .first_mistakes = {}};
  size_t slot = home(records_[index].hash);
  while (index_[slot] != kNone) slot = slot_after(slot);
  index_[slot] = index;
  ++size_;
  return index;
}

void FailureTracker::erase(uint32_t index) {
  Record& record = records_[index];
  erase_from_index(index);
  unlink(index);
  record.mistakes = 0;
  release_spare_chunks(record);
  record.older = free_records_;
  free_records_ = index;
  --size_;
}

// Closes the gap, so that no probe ever has to walk over graves (Knuth 6.4, algorithm R).
void FailureTracker::erase_from_index(uint32_t record) {
  size_t gap = home(records_[record].hash);
  while (index_[gap] != record) gap = slot_after(gap);
  for (size_t slot = slot_after(gap); index_[slot] != kNone; slot = slot_after(slot)) {
    const size_t from = home(records_[index_[slot]].hash);
    const bool reachable_without =
        gap < slot ? (gap < from && from <= slot) : (gap < from || from <= slot);
    if (reachable_without) continue;
    index_[gap] = index_[slot];
    gap = slot;
  }
  index_[gap] = kNone;
}

}  // namespace stormdoor::acl
