#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

// nf_tables' messages for set elements, as bytes (linux/netfilter/nf_tables.h): what libnftables'
// text would say more slowly (2.3 microseconds an element instead of 0.7) and could not read back
// exactly. Pure; the socket is kernel.hpp's.
namespace stormdoor::edge::enforce {

// An element's key and what is left of its life.
struct KernelElement {
  std::string key;
  std::optional<milliseconds> remaining;  // nothing: until removed
};

// One transaction in the making: all of it is applied or none.
class Transaction {
 public:
  // `table` is of family inet, here and below.
  explicit Transaction(std::string_view table);

  // Adding an element that is there does nothing, removing one that is not there fails all.
  void add(std::string_view set, const std::vector<KernelElement>& elements);
  void remove(std::string_view set, const std::vector<KernelElement>& elements);
  // Removes every element; the set must be there.
  void clear(std::string_view set);
  // Makes the chain's one rule the one that hands packets to the queue. Without `native` it says so
  // in the words of iptables, for kernels built without nftables' own queue statement.
  void replace_with_queue(std::string_view chain, uint16_t queue, bool native);

  [[nodiscard]] bool empty() const { return messages_ == 0; }
  // The bytes to send; the last message asks for an answer.
  [[nodiscard]] std::string finish();

 private:
  void elements(uint16_t type, uint16_t flags, std::string_view set,
                const std::vector<KernelElement>& elements);
  size_t begin_message(uint16_t type, uint16_t flags);
  void end_message(size_t start);

  std::string table_;
  std::string bytes_;
  size_t last_ = 0;
  size_t messages_ = 0;
};

// Questions, each answered by messages that the functions below read.
[[nodiscard]] std::string ask_generation();
[[nodiscard]] std::string ask_sets(std::string_view table);
[[nodiscard]] std::string ask_elements(std::string_view table, std::string_view set);

// What one read of the socket brought.
struct Answer {
  bool done = false;         // an acknowledgement or the end of a list
  int error = 0;             // errno of the first refusal
  bool interrupted = false;  // the list changed while it was read: ask again
  std::optional<uint32_t> generation;
  std::vector<std::string> sets;
  std::vector<KernelElement> elements;
};

// Adds what the bytes say to `answer`. Corrupt when they are no netlink messages.
Result<void> read_answer(std::string_view bytes, Answer& answer);

}  // namespace stormdoor::edge::enforce
