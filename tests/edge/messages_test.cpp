#include "edge/messages.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>

namespace stormdoor::edge {
namespace {

struct Pair {
  MessageChannel near;
  MessageChannel far;
};

Pair make_pair() {
  auto made = MessageChannel::create_pair();
  return {std::move(made->first), MessageChannel(std::move(made->second))};
}

TEST(Messages, ArriveWholeAndInOrder) {
  auto pair = make_pair();
  ASSERT_TRUE(pair.near.send(MessageType::Reload));
  ASSERT_TRUE(pair.near.send(MessageType::Refused, std::string(kMostMessageText, 'x')));
  auto first = pair.far.receive();
  auto second = pair.far.receive();
  ASSERT_TRUE(first && *first && second && *second);
  EXPECT_EQ((*first)->type, MessageType::Reload);
  EXPECT_EQ((*second)->text.size(), kMostMessageText);
}

TEST(Messages, CarryADescriptor) {
  auto pair = make_pair();
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  ASSERT_TRUE(pair.near.send(Message{MessageType::Descriptor, "tftp", UniqueFd(ends[1])}));
  auto got = pair.far.receive();
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((*got)->text, "tftp");
  ASSERT_EQ(write((*got)->descriptor.get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(read(reader.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(Messages, EndWhenThePeerIsGone) {
  auto made = MessageChannel::create_pair();
  made->second.reset();
  const auto got = made->first.receive();
  ASSERT_TRUE(got);
  EXPECT_FALSE(*got);
  EXPECT_FALSE(made->first.send(MessageType::Alive));
}

TEST(Messages, SayWhenThereIsNoneYet) {
  auto pair = make_pair();
  fcntl(pair.far.descriptor(), F_SETFL, O_NONBLOCK);
  bool would_block = false;
  const auto got = pair.far.receive(&would_block);
  ASSERT_TRUE(got);
  EXPECT_FALSE(*got);
  EXPECT_TRUE(would_block);
}

TEST(Messages, AMalformedOneIsAnErrorAndLeaksNoDescriptor) {
  const std::string good = [] {
    std::string bytes(16, '\0');
    const uint32_t words[] = {0x53444d31, 17, 0, 0};
    std::memcpy(bytes.data(), words, sizeof words);
    return bytes;
  }();
  const auto refused = [](std::string bytes) {
    auto made = MessageChannel::create_pair();
    EXPECT_EQ(send(made->second.get(), bytes.data(), bytes.size(), 0), ssize_t(bytes.size()));
    return !made->first.receive().has_value();
  };
  EXPECT_FALSE(refused(good));
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = char(bad[i] ^ 0x40);
    EXPECT_TRUE(refused(bad)) << "byte " << i;
  }
  EXPECT_TRUE(refused(good.substr(0, 15)));
  EXPECT_TRUE(refused(good + "x"));
  EXPECT_TRUE(refused(std::string(9000, 'x')));
}

}  // namespace
}  // namespace stormdoor::edge
