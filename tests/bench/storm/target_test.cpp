#include "bench/storm/target.hpp"

#include <gtest/gtest.h>

namespace stormdoor::storm {
namespace {

std::string read(std::string_view url) {
  Target target;
  target.https = *Endpoint::parse("127.0.0.1:8443");
  const auto to = read_url(url, target, Transport::Https);
  if (!to) return "error";
  return std::string(to_string(to->transport)) + " " + to->server.to_string() + " " + to->host +
         " " + to->folder;
}

TEST(Target, ReadsAddressesAsPhonesAreGivenThem) {
  EXPECT_EQ(read("https://127.0.0.2:1234/t/abc/"), "HTTPS 127.0.0.2:1234 127.0.0.2 /t/abc/");
  EXPECT_EQ(read("https://127.0.0.2/t/abc"), "HTTPS 127.0.0.2:443 127.0.0.2 /t/abc/");
  EXPECT_EQ(read("https://u:p@127.0.0.2:1"), "HTTPS 127.0.0.2:1 127.0.0.2 /");
  EXPECT_EQ(read("https://[::1]:1/x"), "HTTPS [::1]:1 ::1 /x/");
  EXPECT_EQ(read("http://127.0.0.2"), "HTTP 127.0.0.2:80 127.0.0.2 /");
}

TEST(Target, WithoutASchemeTheTransportStays) {
  EXPECT_EQ(read("127.0.0.2:1234/t/abc"), "HTTPS 127.0.0.2:1234 127.0.0.2 /t/abc/");
}

TEST(Target, ANameLeadsToTheServerThatIsTested) {
  EXPECT_EQ(read("https://pbx.example:99/"), "HTTPS 127.0.0.1:99 pbx.example /");
  EXPECT_EQ(read("http://pbx.example/"), "error");  // which offers no HTTP
}

TEST(Target, WhatIsNoAddressIsAnError) {
  for (const char* url : {"", "/x", "ftp://a/", "https://127.0.0.1:x/", "https://127.0.0.1:70000/"})
    EXPECT_EQ(read(url), "error") << url;
}

}  // namespace
}  // namespace stormdoor::storm
