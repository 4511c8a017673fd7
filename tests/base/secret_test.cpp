#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <sstream>
#include <type_traits>

namespace stormdoor {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);
static_assert(!Streamable<Secret>);

// Short strings lie inside the object, so that what remains can be looked at in memory of ours.
TEST(Secret, LeavesNothingOfAShortSecretWhereItWas) {
  alignas(Secret) unsigned char memory[sizeof(Secret)] = {};
  const auto holds = [&] {
    constexpr std::string_view kSecret = "hunter2";
    return std::ranges::search(memory, kSecret, [](unsigned char a, char b) {
             return a == static_cast<unsigned char>(b);
           }).size() > 0;
  };
  auto* secret = new (memory) Secret(std::string("hunter2"));
  EXPECT_TRUE(holds());
  const Secret moved = std::move(*secret);
  EXPECT_FALSE(holds());
  *secret = moved;
  EXPECT_TRUE(holds());
  *secret = Secret(std::string("x"));  // a shorter one covers only its beginning
  EXPECT_FALSE(holds());
  *secret = moved;
  secret->~Secret();
  EXPECT_FALSE(holds());
  EXPECT_EQ(moved.reveal(), "hunter2");
}

TEST(Secret, CopiesMovesAndCompares) {
  const Secret longer(std::string(100, 'x'));
  Secret copy = longer;
  EXPECT_EQ(copy, longer);
  Secret& same = copy;
  copy = same;
  EXPECT_EQ(copy, longer);
  copy = std::move(same);
  EXPECT_EQ(copy, longer);
  const Secret moved = std::move(copy);
  EXPECT_EQ(moved, longer);
  EXPECT_NE(moved, Secret(std::string(100, 'y')));
  EXPECT_TRUE(Secret().empty());
  EXPECT_FALSE(moved.empty());
}

}  // namespace
}  // namespace stormdoor
