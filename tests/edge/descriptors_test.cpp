#include "edge/descriptors.hpp"

#include <gtest/gtest.h>

#include "base/loop/socket_address.hpp"

namespace stormdoor::edge {
namespace {

TEST(DescriptorName, SurvivesTheWire) {
  for (const auto role : {DescriptorRole::Tftp, DescriptorRole::Control, DescriptorRole::TlsKey}) {
    const auto parsed = DescriptorName::parse(DescriptorName{role, 3}.to_string());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->role, role);
    EXPECT_EQ(parsed->number, 3U);
  }
  for (const char* text : {"", "tftp", "tftp x", "tftp 1 ", "gopher 0", "tftp -1"})
    EXPECT_FALSE(DescriptorName::parse(text)) << text;
}

TEST(Listeners, AreOpenedOncePerWorkerOnOnePort) {
  Listeners listeners;
  listeners.tftp = {*Endpoint::parse("127.0.0.1:0")};
  listeners.status = {*Endpoint::parse("127.0.0.1:0")};
  const auto opened = open_listeners(listeners, 3, 1 << 20);
  ASSERT_TRUE(opened) << opened.error().message();
  ASSERT_EQ(opened->size(), 4U);
  EXPECT_EQ((*opened)[2].name, "tftp 2");
  EXPECT_EQ((*opened)[3].name, "status 0");
  const auto first = *loop::local_endpoint((*opened)[0].descriptor.get());
  EXPECT_NE(first.port, 0);
  EXPECT_EQ(loop::local_endpoint((*opened)[2].descriptor.get())->port, first.port);
}

TEST(Listeners, AnAddressThatIsNotOursIsNamed) {
  Listeners listeners;
  listeners.http = {*Endpoint::parse("198.51.100.1:8080")};
  const auto opened = open_listeners(listeners, 1, 1 << 20);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message().find("198.51.100.1:8080"), std::string::npos);
}

}  // namespace
}  // namespace stormdoor::edge
