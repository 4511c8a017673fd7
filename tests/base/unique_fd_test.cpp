#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace stormdoor {
namespace {

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) != -1;
}
int open_one() {
  return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

TEST(UniqueFd, ClosesWhatItOwns) {
  const int fd = open_one();
  {
    const UniqueFd owner(fd);
    EXPECT_TRUE(owner.valid());
    EXPECT_TRUE(is_open(owner.get()));
  }
  EXPECT_FALSE(is_open(fd));
  EXPECT_FALSE(UniqueFd().valid());
}

TEST(UniqueFd, HandsOverWhenMoved) {
  UniqueFd first(open_one());
  const int fd = first.get();
  UniqueFd second(std::move(first));
  EXPECT_EQ(second.get(), fd);
  UniqueFd third(open_one());
  const int other = third.get();
  third = std::move(second);
  EXPECT_FALSE(is_open(other));
  EXPECT_EQ(third.get(), fd);
  UniqueFd& same = third;
  third = std::move(same);
  EXPECT_TRUE(is_open(fd));
}

TEST(UniqueFd, LetsGoWhenReleasedAndClosesWhenReset) {
  UniqueFd owner(open_one());
  const int fd = owner.release();
  EXPECT_FALSE(owner.valid());
  EXPECT_TRUE(is_open(fd));
  owner.reset(fd);
  owner.reset();
  EXPECT_FALSE(is_open(fd));
}

}  // namespace
}  // namespace stormdoor
