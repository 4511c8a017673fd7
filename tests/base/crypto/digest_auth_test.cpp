#include "base/crypto/digest_auth.hpp"

#include <gtest/gtest.h>

namespace stormdoor::crypto {
namespace {

// The example of RFC 7616 section 3.9.1.
DigestInput mufasa(Hash hash) {
  return {.algorithm = {hash, false},
          .username = "Mufasa",
          .realm = "http-auth@example.org",
          .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
          .method = "GET",
          .uri = "/dir/index.html",
          .qop_auth = true,
          .nonce_count = "00000001",
          .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"};
}
DigestInput session(Hash hash) {
  return {.algorithm = {hash, true},
          .username = "2041",
          .realm = "pbx.example",
          .nonce = "n0nce",
          .method = "REGISTER",
          .uri = "sip:pbx.example",
          .qop_auth = true,
          .nonce_count = "00000001",
          .cnonce = "c0"};
}

TEST(DigestAuth, AgreesWithTheExamplesOfRfc7616) {
  const Secret password("Circle of Life");
  EXPECT_EQ(digest_response(mufasa(Hash::Md5), password), "8ca523f5e9506fed4657c9700eebdbec");
  EXPECT_EQ(digest_response(mufasa(Hash::Sha256), password),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(DigestAuth, WithoutQopIsThatOfRfc2069) {  // its example as corrected by erratum 749
  const DigestInput input{.username = "Mufasa",
                          .realm = "testrealm@host.com",
                          .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                          .method = "GET",
                          .uri = "/dir/index.html"};
  EXPECT_EQ(digest_response(input, Secret("CircleOfLife")), "1949323746fe6a43ef61f9606e7febea");
}

TEST(DigestAuth, BindsASessionToItsNonces) {  // computed with Python's hashlib
  const Secret password("old-secret");
  EXPECT_EQ(digest_response(session(Hash::Md5), password), "494b7ae9a9549a04d7dfb3ea7388ae01");
  EXPECT_EQ(digest_response(session(Hash::Sha256), password),
            "26918dd578ca95a200ff0c65ea26ef3d7cb566b276fd3636aaf2680b984602e0");
}

TEST(DigestAuth, MatchesInEitherCaseAndNothingElse) {
  const DigestInput input = mufasa(Hash::Md5);
  const Secret password("Circle of Life");
  EXPECT_TRUE(digest_matches(input, password, "8ca523f5e9506fed4657c9700eebdbec"));
  EXPECT_TRUE(digest_matches(input, password, "8CA523F5E9506FED4657C9700EEBDBEC"));
  EXPECT_FALSE(digest_matches(input, password, "8ca523f5e9506fed4657c9700eebdbed"));
  EXPECT_FALSE(digest_matches(input, password, "8ca523f5e9506fed4657c9700eebdbe"));
  EXPECT_FALSE(digest_matches(input, password, ""));
  EXPECT_FALSE(digest_matches(input, Secret("Circle of life"), "8ca523f5e9506fed4657c9700eebdbec"));
}

TEST(DigestAuth, KnowsItsAlgorithmsByName) {
  EXPECT_EQ(parse_digest_algorithm(""), (DigestAlgorithm{Hash::Md5, false}));
  EXPECT_EQ(parse_digest_algorithm("md5"), (DigestAlgorithm{Hash::Md5, false}));
  EXPECT_EQ(parse_digest_algorithm("MD5-sess"), (DigestAlgorithm{Hash::Md5, true}));
  EXPECT_EQ(parse_digest_algorithm("SHA-256"), (DigestAlgorithm{Hash::Sha256, false}));
  EXPECT_EQ(parse_digest_algorithm("sha-256-SESS"), (DigestAlgorithm{Hash::Sha256, true}));
  EXPECT_FALSE(parse_digest_algorithm("SHA-512-256"));
  EXPECT_FALSE(parse_digest_algorithm("MD5 "));
}

}  // namespace
}  // namespace stormdoor::crypto
