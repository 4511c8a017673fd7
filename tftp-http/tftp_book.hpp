#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ip_address.hpp"

namespace stormdoor::tftp {

// What a transfer is known by: who asked (their port is their transfer identifier) and which of our
// addresses they asked.
struct TransferKey {
  Endpoint peer;
  IpAddress asked;
  bool operator==(const TransferKey&) const = default;
};
struct TransferKeyHash {
  size_t operator()(const TransferKey& key) const noexcept;
};

// The group of sources that share one fate where a single address proves little: /24, /64.
[[nodiscard]] IpAddress group_of(const IpAddress& address);

// Which transfers there are and who holds how many of them (promises 4 and 12). A transfer begins
// unproven and is proven by its first acknowledgement. Bounds, and what happens at each:
//   unproven of one source, one group (/24, /64), in all: its own oldest, the group's oldest, the
//     oldest of all makes room;
//   all of one source, one group, in all: its own oldest unproven makes room, and when it has none,
//     it gets no more.
// So a flood of one source evicts its own first. A group may hold half of all transfers. One
// thread; knows no time.
class TransferBook {
 public:
  struct Limits {
    size_t transfers = 20'000;
    size_t per_source = 1024;
    size_t unproven = 8192;
    size_t unproven_per_source = 512;
    size_t unproven_per_group = 4096;
    bool operator==(const Limits&) const = default;
  };
  explicit TransferBook(const Limits& limits) : limits_(limits) {}

  [[nodiscard]] std::optional<uint32_t> find(const TransferKey& key) const;

  struct Room {
    enum class Kind : uint8_t { Free, EvictFirst, Full } kind = Kind::Free;
    uint32_t evict = 0;  // close it and ask again
  };
  [[nodiscard]] Room room_for(const IpAddress& source) const;
  // A number for a new transfer, reused after close(). Only when room_for() says Free.
  uint32_t open(const TransferKey& key);
  void prove(uint32_t id);
  void close(uint32_t id);

  [[nodiscard]] const TransferKey& key_of(uint32_t id) const { return records_[id].key; }
  [[nodiscard]] bool proven(uint32_t id) const { return !records_[id].unproven; }
  [[nodiscard]] size_t size() const { return by_key_.size(); }
  [[nodiscard]] size_t unproven() const { return all_.unproven; }
  // Every open transfer's number, for shutting down.
  [[nodiscard]] std::vector<uint32_t> all() const;

 private:
  static constexpr uint32_t kNone = 0xffffffff;
  // A holder's unproven transfers form a list from the oldest on.
  struct Holder {
    size_t transfers = 0;
    size_t unproven = 0;
    uint32_t oldest = kNone;
    uint32_t newest = kNone;
  };
  enum List : uint8_t { kSource, kGroup, kAll };
  struct Link {
    uint32_t previous = kNone;
    uint32_t next = kNone;
  };
  struct Record {
    TransferKey key;
    std::array<Link, 3> links;
    bool open = false;
    bool unproven = false;
  };
  void append(Holder& holder, List list, uint32_t id);
  void remove(Holder& holder, List list, uint32_t id);
  void leave_unproven(uint32_t id);
  void give_up_holding(std::unordered_map<IpAddress, Holder>& holders, const IpAddress& who);

  Limits limits_;
  std::unordered_map<TransferKey, uint32_t, TransferKeyHash> by_key_;
  std::unordered_map<IpAddress, Holder> sources_;  // only those that hold something
  std::unordered_map<IpAddress, Holder> groups_;
  Holder all_;
  std::vector<Record> records_;
  std::vector<uint32_t> free_;
};

}  // namespace stormdoor::tftp
