#include "edge/enforce/netlink.hpp"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace stormdoor::edge::enforce {
namespace {

// An attribute's length has 16 bits, and so has that of the attribute around all elements.
constexpr size_t kMostAttributeBytes = 60'000;

// The network's order and back.
template <typename T>
T big_endian(T value) {
  return std::endian::native == std::endian::big ? value : std::byteswap(value);
}

// xt_NFQ_info_v3 of linux/netfilter/xt_NFQUEUE.h, padded as iptables' parts are.
struct QueueTarget {
  alignas(8) uint16_t queue;
  uint16_t queues;
  uint16_t flags;
};

template <typename T>
void append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void put_at(std::string& bytes, size_t at, const T& value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

void pad(std::string& bytes) {
  bytes.resize(NLA_ALIGN(bytes.size()));
}

void attribute(std::string& bytes, uint16_t type, std::string_view value) {
  append(bytes, nlattr{uint16_t(NLA_HDRLEN + value.size()), type});
  bytes.append(value);
  pad(bytes);
}

void text(std::string& bytes, uint16_t type, std::string_view value) {
  attribute(bytes, type, std::string(value) + '\0');
}

template <typename T>
void number(std::string& bytes, uint16_t type, T value) {
  value = big_endian(value);
  attribute(bytes, type, {reinterpret_cast<const char*>(&value), sizeof value});
}

size_t begin_nested(std::string& bytes, uint16_t type) {
  const size_t start = bytes.size();
  append(bytes, nlattr{0, uint16_t(type | NLA_F_NESTED)});
  return start;
}

void end_nested(std::string& bytes, size_t start) {
  put_at(bytes, start + offsetof(nlattr, nla_len), uint16_t(bytes.size() - start));
}

uint16_t nft_type(uint16_t type) {
  return uint16_t(NFNL_SUBSYS_NFTABLES << 8 | type);
}

void header(std::string& bytes, uint16_t type, uint16_t flags, uint8_t family, uint16_t resource) {
  nlmsghdr message{};
  message.nlmsg_len = NLMSG_LENGTH(sizeof(nfgenmsg));
  message.nlmsg_type = type;
  message.nlmsg_flags = uint16_t(NLM_F_REQUEST | flags);
  append(bytes, message);
  append(bytes, nfgenmsg{family, NFNETLINK_V0, big_endian(resource)});
}

std::string question(uint16_t type, uint16_t flags, std::string_view attributes) {
  std::string bytes;
  header(bytes, nft_type(type), flags, NFPROTO_INET, 0);
  bytes.append(attributes);
  put_at(bytes, offsetof(nlmsghdr, nlmsg_len), uint32_t(bytes.size()));
  return bytes;
}

void put_element(std::string& bytes, const KernelElement& element) {
  const size_t whole = begin_nested(bytes, NFTA_LIST_ELEM);
  const size_t key = begin_nested(bytes, NFTA_SET_ELEM_KEY);
  attribute(bytes, NFTA_DATA_VALUE, element.key);
  end_nested(bytes, key);
  if (element.remaining) number(bytes, NFTA_SET_ELEM_TIMEOUT, uint64_t(element.remaining->count()));
  end_nested(bytes, whole);
}

// ---- reading ----

template <typename T>
T value_at(std::string_view bytes) {
  T value{};
  if (bytes.size() >= sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// Calls `each` with the type and the bytes of every attribute; false when they are malformed.
template <typename Each>
bool for_attributes(std::string_view bytes, Each each) {
  while (!bytes.empty()) {
    if (bytes.size() < sizeof(nlattr)) return false;
    const auto head = value_at<nlattr>(bytes);
    if (head.nla_len < NLA_HDRLEN || head.nla_len > bytes.size()) return false;
    each(uint16_t(head.nla_type & NLA_TYPE_MASK),
         bytes.substr(NLA_HDRLEN, head.nla_len - NLA_HDRLEN));
    bytes.remove_prefix(std::min<size_t>(NLA_ALIGN(head.nla_len), bytes.size()));
  }
  return true;
}

bool read_element(std::string_view bytes, Answer& answer) {
  KernelElement element;
  std::optional<milliseconds> timeout;
  bool whole = true;
  whole &= for_attributes(bytes, [&](uint16_t type, std::string_view value) {
    if (type == NFTA_SET_ELEM_KEY)
      whole &= for_attributes(value, [&](uint16_t inner, std::string_view key) {
        if (inner == NFTA_DATA_VALUE) element.key = key;
      });
    else if (type == NFTA_SET_ELEM_EXPIRATION)
      element.remaining = milliseconds(int64_t(big_endian(value_at<uint64_t>(value))));
    else if (type == NFTA_SET_ELEM_TIMEOUT)
      timeout = milliseconds(int64_t(big_endian(value_at<uint64_t>(value))));
  });
  if (!element.remaining) element.remaining = timeout;
  if (whole) answer.elements.push_back(std::move(element));
  return whole;
}

bool read_elements(std::string_view bytes, Answer& answer) {
  bool whole = true;
  whole &= for_attributes(bytes, [&](uint16_t type, std::string_view value) {
    if (type != NFTA_SET_ELEM_LIST_ELEMENTS) return;
    whole &= for_attributes(
        value, [&](uint16_t, std::string_view element) { whole &= read_element(element, answer); });
  });
  return whole;
}

bool read_set(std::string_view bytes, Answer& answer) {
  return for_attributes(bytes, [&](uint16_t type, std::string_view value) {
    if (type == NFTA_SET_NAME) answer.sets.emplace_back(value.substr(0, value.find('\0')));
  });
}

bool read_generation(std::string_view bytes, Answer& answer) {
  return for_attributes(bytes, [&](uint16_t type, std::string_view value) {
    if (type == NFTA_GEN_ID) answer.generation = big_endian(value_at<uint32_t>(value));
  });
}

bool read_message(const nlmsghdr& head, std::string_view body, Answer& answer) {
  if ((head.nlmsg_flags & NLM_F_DUMP_INTR) != 0) answer.interrupted = true;
  if (head.nlmsg_type == NLMSG_ERROR || head.nlmsg_type == NLMSG_DONE) {
    if (body.size() < sizeof(int)) return head.nlmsg_type == NLMSG_DONE;
    const int error = -value_at<int>(body);
    if (error != 0 && answer.error == 0) answer.error = error;
    answer.done = true;
    return true;
  }
  if (body.size() < sizeof(nfgenmsg)) return true;  // NLMSG_NOOP and the like
  const auto attributes = body.substr(NLMSG_ALIGN(sizeof(nfgenmsg)));
  if (head.nlmsg_type == nft_type(NFT_MSG_NEWSETELEM)) return read_elements(attributes, answer);
  if (head.nlmsg_type == nft_type(NFT_MSG_NEWSET)) return read_set(attributes, answer);
  if (head.nlmsg_type == nft_type(NFT_MSG_NEWGEN)) return read_generation(attributes, answer);
  return true;
}

}  // namespace

Transaction::Transaction(std::string_view table) : table_(table) {
  header(bytes_, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
}

size_t Transaction::begin_message(uint16_t type, uint16_t flags) {
  ++messages_;
  last_ = bytes_.size();
  header(bytes_, nft_type(type), flags, NFPROTO_INET, 0);
  return last_;
}

void Transaction::end_message(size_t start) {
  put_at(bytes_, start + offsetof(nlmsghdr, nlmsg_len), uint32_t(bytes_.size() - start));
}

void Transaction::elements(uint16_t type, uint16_t flags, std::string_view set,
                           const std::vector<KernelElement>& elements) {
  for (size_t next = 0; next < elements.size();) {
    const size_t start = begin_message(type, flags);
    text(bytes_, NFTA_SET_ELEM_LIST_TABLE, table_);
    text(bytes_, NFTA_SET_ELEM_LIST_SET, set);
    const size_t list = begin_nested(bytes_, NFTA_SET_ELEM_LIST_ELEMENTS);
    while (next < elements.size() && bytes_.size() - list < kMostAttributeBytes)
      put_element(bytes_, elements[next++]);
    end_nested(bytes_, list);
    end_message(start);
  }
}

void Transaction::add(std::string_view set, const std::vector<KernelElement>& elements) {
  this->elements(NFT_MSG_NEWSETELEM, NLM_F_CREATE, set, elements);
}

void Transaction::remove(std::string_view set, const std::vector<KernelElement>& elements) {
  this->elements(NFT_MSG_DELSETELEM, 0, set, elements);
}

void Transaction::clear(std::string_view set) {
  const size_t start = begin_message(NFT_MSG_DELSETELEM, 0);  // no list: all of them
  text(bytes_, NFTA_SET_ELEM_LIST_TABLE, table_);
  text(bytes_, NFTA_SET_ELEM_LIST_SET, set);
  end_message(start);
}

void Transaction::replace_with_queue(std::string_view chain, uint16_t queue, bool native) {
  size_t start = begin_message(NFT_MSG_DELRULE, 0);  // every rule of the chain
  text(bytes_, NFTA_RULE_TABLE, table_);
  text(bytes_, NFTA_RULE_CHAIN, chain);
  end_message(start);
  start = begin_message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
  text(bytes_, NFTA_RULE_TABLE, table_);
  text(bytes_, NFTA_RULE_CHAIN, chain);
  const size_t list = begin_nested(bytes_, NFTA_RULE_EXPRESSIONS);
  const size_t element = begin_nested(bytes_, NFTA_LIST_ELEM);
  text(bytes_, NFTA_EXPR_NAME, native ? "queue" : "target");
  const size_t data = begin_nested(bytes_, NFTA_EXPR_DATA);
  if (native) {
    number(bytes_, NFTA_QUEUE_NUM, queue);
    number(bytes_, NFTA_QUEUE_TOTAL, uint16_t{1});
    number(bytes_, NFTA_QUEUE_FLAGS, uint16_t{0});
  } else {
    const QueueTarget target{queue, 1, 0};
    text(bytes_, NFTA_TARGET_NAME, "NFQUEUE");
    number(bytes_, NFTA_TARGET_REV, uint32_t{3});
    attribute(bytes_, NFTA_TARGET_INFO, {reinterpret_cast<const char*>(&target), sizeof target});
  }
  end_nested(bytes_, data);
  end_nested(bytes_, element);
  end_nested(bytes_, list);
  end_message(start);
}

std::string Transaction::finish() {
  auto flags = value_at<nlmsghdr>(std::string_view(bytes_).substr(last_)).nlmsg_flags;
  flags |= NLM_F_ACK;
  put_at(bytes_, last_ + offsetof(nlmsghdr, nlmsg_flags), flags);
  header(bytes_, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  return std::move(bytes_);
}

std::string ask_generation() {
  return question(NFT_MSG_GETGEN, 0, {});
}

std::string ask_sets(std::string_view table) {
  std::string attributes;
  text(attributes, NFTA_SET_TABLE, table);
  return question(NFT_MSG_GETSET, NLM_F_DUMP, attributes);
}

std::string ask_elements(std::string_view table, std::string_view set) {
  std::string attributes;
  text(attributes, NFTA_SET_ELEM_LIST_TABLE, table);
  text(attributes, NFTA_SET_ELEM_LIST_SET, set);
  return question(NFT_MSG_GETSETELEM, NLM_F_DUMP, attributes);
}

Result<void> read_answer(std::string_view bytes, Answer& answer) {
  while (!bytes.empty()) {
    const auto head = value_at<nlmsghdr>(bytes);
    if (bytes.size() < sizeof head || head.nlmsg_len < sizeof head ||
        head.nlmsg_len > bytes.size() ||
        !read_message(head, bytes.substr(NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN), answer))
      return Error(ErrorCode::Corrupt, "the kernel's answer about nftables is malformed");
    bytes.remove_prefix(std::min<size_t>(NLMSG_ALIGN(head.nlmsg_len), bytes.size()));
  }
  return {};
}

}  // namespace stormdoor::edge::enforce
