#include "edge/enforce/netlink.hpp"

#include <gtest/gtest.h>
#include <linux/netlink.h>

#include <cstring>

namespace stormdoor::edge::enforce {
namespace {

// What a transaction adds reads like what a listing shows.
std::string listing(size_t elements) {
  std::vector<KernelElement> added;
  for (size_t i = 0; i < elements; ++i)
    added.push_back({std::string("\x0a\0\0", 3) + char(i), milliseconds{1'000 + int64_t(i)}});
  added.push_back({"last", {}});
  Transaction transaction("stormdoor");
  transaction.add("blocked_sip_v4_32", added);
  return transaction.finish();
}

TEST(EnforceNetlink, ElementsAreReadAsTheyWereWritten) {
  Answer answer;
  ASSERT_TRUE(read_answer(listing(3), answer));
  ASSERT_EQ(answer.elements.size(), 4U);
  EXPECT_EQ(answer.elements[1].key, std::string("\x0a\0\0\1", 4));
  EXPECT_EQ(answer.elements[1].remaining, milliseconds{1'001});
  EXPECT_EQ(answer.elements[3].key, "last");
  EXPECT_FALSE(answer.elements[3].remaining);
}

TEST(EnforceNetlink, ManyElementsTakeSeveralMessages) {
  const std::vector<KernelElement> many(10'000, {"abcd", milliseconds{1}});
  Transaction transaction("stormdoor");
  transaction.add("blocked_sip_v4_32", many);
  Answer answer;
  ASSERT_TRUE(read_answer(transaction.finish(), answer));
  EXPECT_EQ(answer.elements.size(), 10'000U);
}

TEST(EnforceNetlink, NothingIsAnEmptyTransaction) {
  Transaction transaction("stormdoor");
  transaction.add("blocked_sip_v4_32", {});
  transaction.remove("blocked_sip_v4_32", {});
  EXPECT_TRUE(transaction.empty());
}

TEST(EnforceNetlink, ARefusalIsTheFirstOne) {
  std::string bytes;
  for (const int error : {-ENOENT, -EBUSY}) {
    nlmsghdr head{};
    head.nlmsg_len = NLMSG_LENGTH(sizeof(int) + sizeof(nlmsghdr));
    head.nlmsg_type = NLMSG_ERROR;
    bytes.append(reinterpret_cast<const char*>(&head), sizeof head);
    bytes.append(reinterpret_cast<const char*>(&error), sizeof error);
    bytes.append(sizeof(nlmsghdr), '\0');
  }
  Answer answer;
  ASSERT_TRUE(read_answer(bytes, answer));
  EXPECT_TRUE(answer.done);
  EXPECT_EQ(answer.error, ENOENT);
}

TEST(EnforceNetlink, NoBytesMakeItReadBeyond) {
  const auto bytes = listing(2);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    Answer answer;
    (void)read_answer(cut, answer);
  }
  for (size_t i = 0; i < bytes.size(); ++i)
    for (const char value : {'\0', '\1', '\x7f', '\xff'}) {
      auto bad = bytes;
      bad[i] = value;
      Answer answer;
      (void)read_answer(bad, answer);
    }
}

}  // namespace
}  // namespace stormdoor::edge::enforce
