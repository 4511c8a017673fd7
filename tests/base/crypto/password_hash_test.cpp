#include "base/crypto/password_hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stormdoor::crypto {
namespace {

TEST(PasswordHash, MatchesItsPasswordAndNoOther) {
  const std::string hash = hash_password(Secret("correct horse"));
  EXPECT_THAT(hash, testing::StartsWith("scrypt$15$8$1$"));
  EXPECT_THAT(hash, testing::Not(testing::HasSubstr("horse")));
  EXPECT_TRUE(password_matches(hash, Secret("correct horse")));
  EXPECT_FALSE(password_matches(hash, Secret("Correct horse")));
  EXPECT_FALSE(password_matches(hash, Secret("")));
}

TEST(PasswordHash, IsAnotherEachTime) {
  EXPECT_NE(hash_password(Secret("correct horse")), hash_password(Secret("correct horse")));
}

// RFC 7914 section 12, the second vector's password and salt with a shorter output.
TEST(PasswordHash, IsScryptOfRfc7914) {
  const std::string hash = "scrypt$10$8$16$TmFDbA==$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI=";
  EXPECT_TRUE(password_matches(hash, Secret("password")));
  EXPECT_FALSE(password_matches(hash, Secret("passworD")));
}

TEST(PasswordHash, WhatIsNoHashMatchesNothing) {
  for (const char* text :
       {"", "scrypt", "scrypt$15$8$1$AAAA", "scrypt$15$8$1$AAAA$", "scrypt$0$8$1$AAAA$AAAA",
        "scrypt$15$8$1$AAAA$AAAA$AAAA", "scrypt$99$8$1$AAAA$AAAA", "argon2$15$8$1$AAAA$AAAA",
        "scrypt$-1$8$1$AAAA$AAAA", "scrypt$20$64$16$AAAA$AAAA"})
    EXPECT_FALSE(password_matches(text, Secret(""))) << text;
}

TEST(PasswordHash, NobodysHashMatchesNothing) {
  EXPECT_FALSE(password_matches(hash_of_nobody(), Secret("")));
}

}  // namespace
}  // namespace stormdoor::crypto
