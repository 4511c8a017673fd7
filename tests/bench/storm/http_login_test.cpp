#include "bench/storm/http_login.hpp"

#include <gtest/gtest.h>

namespace stormdoor::storm {
namespace {

using Scheme = HttpLogin::Scheme;

// RFC 7616, 3.9.1, whose cnonce and passwords these are.
constexpr std::string_view kMd5 =
    R"(Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, )"
    R"(nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", )"
    R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")";
constexpr std::string_view kCnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

HttpLogin mufasa(Scheme scheme) {
  return {"Mufasa", "Circle of Life", scheme};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(HttpLogin, AnswersTheExampleOfTheRfc) {
  const std::string md5 =
      answer_challenge(mufasa(Scheme::Best), {kMd5}, "/dir/index.html", kCnonce);
  EXPECT_TRUE(contains(md5, R"(response="8ca523f5e9506fed4657c9700eebdbec")")) << md5;
  EXPECT_TRUE(contains(md5, R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")"));
  std::string sha(kMd5);
  sha.replace(sha.find("MD5"), 3, "SHA-256");
  EXPECT_TRUE(
      contains(answer_challenge(mufasa(Scheme::Digest), {sha}, "/dir/index.html", kCnonce),
               R"(response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")"));
}

TEST(HttpLogin, TakesTheSchemeThatThePhoneCan) {
  const std::vector<std::string_view> both = {"Basic realm=\"x\"", kMd5};
  EXPECT_TRUE(answer_challenge(mufasa(Scheme::Best), both, "/", "c").starts_with("Digest "));
  EXPECT_EQ(answer_challenge(mufasa(Scheme::Basic), both, "/", "c"),
            "Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl");
  EXPECT_EQ(answer_challenge(mufasa(Scheme::Basic), {kMd5}, "/", "c"), "");
  EXPECT_EQ(answer_challenge(mufasa(Scheme::Best), {}, "/", "c"), "");
}

TEST(HttpLogin, AnAlgorithmThatThePhoneDoesNotKnowIsPassedOver) {
  EXPECT_EQ(answer_challenge(mufasa(Scheme::Best),
                             {R"(Digest realm="x", nonce="y", algorithm=SHA-512-256)"}, "/", "c"),
            "");
}

}  // namespace
}  // namespace stormdoor::storm
